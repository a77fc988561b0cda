import { commandLine } from '@box-office/common/command';
import type { Step, Story } from '../api/story.ts';
import { type ConsoleClient, exitWith, options } from '../client/console-client.ts';
import { clock, plain, print, printJson, table } from '../client/print.ts';

const { values, words, refuse } = commandLine({
  name: 'npm run story',
  does: 'tells what happened to an order, and whom it waits for',
  words: { ORDER: 'its id' },
  options,
  notes: [
    'Exits with 0 when nothing is left to do, with 1 when somebody waits or a copy differs, with 2 when it could not be told.',
  ],
});

const [order = '', ...more] = words;
if (!order || more.length > 0) refuse('Say which order: its id.');

async function main(console: ConsoleClient): Promise<number> {
  const story = await console.get<Story>(`/api/story/${encodeURIComponent(order)}`);
  if (values.json) printJson(story);
  else tell(story);
  return story.waitsFor.length > 0 || story.copies.some(({ matches }) => !matches) ? 1 : 0;
}

function tell({ order, summary, waitsFor, steps, copies, missing }: Story): void {
  print(plain(`${order.what} (${order.status})`));
  print(plain(summary));
  if (waitsFor.length > 0) print('');
  for (const { for: what, until, hint } of waitsFor) {
    const end = until ? `, until ${clock(until)} at the latest` : '';
    print(plain(`Waits for ${what}${end}${hint ? ` (${hint.text}: ${hint.href})` : ''}`));
  }
  print('');
  print(table(steps.map((it) => [clock(it.at), markOf(it), it.who, whereIn(it), it.what])));
  print('');
  print(table(copies.map((it) => [it.matches ? '✓' : '✗', it.service, it.collection, it.id, stateOf(it)])));
  for (const it of missing) print(plain(`Not known: ${it}`));
}

const markOf = ({ ok, waiting }: Step): string => (waiting ? '…' : ok === false ? '✗' : ok ? '✓' : '·');

const whereIn = ({ event, deadLetter }: Step): string =>
  deadLetter ? `dead letter ${deadLetter}` : event ? `${event.stream} ${event.seq}` : '';

function stateOf({ matches, missing, version, ownerVersion }: Story['copies'][number]): string {
  if (missing) return 'is missing';
  return matches
    ? `has version ${version ?? '?'}`
    : `differs: has version ${version ?? '?'}, the owner ${ownerVersion ?? '?'}`;
}

await exitWith(values, main);
