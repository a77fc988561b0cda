import { commandLine } from '@box-office/common/command';
import type { Page } from '../api/page.ts';
import type { Consumer, Stream } from '../api/streams.ts';
import { type ConsoleClient, exitWith, options } from '../client/console-client.ts';
import { print, printJson, table } from '../client/print.ts';

const { values, positive } = commandLine({
  name: 'npm run streams',
  does: 'shows the streams, and how far each listener is',
  options: {
    lag: { value: 'SECONDS', default: '60', does: 'how old a message may be that is not handled' },
    ...options,
  },
  notes: [
    'Exits with 0, with 1 when a listener is behind or there are dead letters, with 2 when it could not be told.',
  ],
});

async function main(console: ConsoleClient): Promise<number> {
  const mostLagMs = positive('lag', values.lag) * 1_000;
  const { items } = await console.get<Page<Stream>>('/api/streams');
  const isLate = ({ lagMs = 0 }: Consumer) => lagMs > mostLagMs;
  if (values.json) printJson(items);
  else {
    const head = ['stream', 'listener', 'messages', 'handled up to', 'not handled', 'oldest'];
    print(table([head, ...items.flatMap((it) => rowsOf(it))]));
  }
  const hasDead = items.some(({ kind, messages }) => kind === 'dead-letters' && messages > 0);
  return hasDead || items.some(({ consumers }) => consumers.some(isLate)) ? 1 : 0;
}

const rowsOf = ({ name, messages, lastSeq, consumers }: Stream): string[][] => [
  [name, '', `${messages}`, `(last ${lastSeq})`, '', ''],
  ...consumers.map((it) => [
    '',
    it.name,
    '',
    `${it.handledUpTo}`,
    `${it.waiting + it.delivered}`,
    `${it.lagMs === undefined ? '' : `${Math.round(it.lagMs / 100) / 10} s`}${it.connected ? '' : ' nobody listens'}`,
  ]),
];

await exitWith(values, main);
