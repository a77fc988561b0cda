import { cannotRun, commandLine } from '@box-office/common/command';
import type { Bus } from '@box-office/common/messaging/bus';
import {
  type Choice,
  deadLetter,
  deadLetters,
  discard,
  type Numbered,
  retry,
} from '@box-office/common/messaging/dead-letters';
import { clusterOptions, KubectlFailed } from '../cluster/kubectl.ts';
import { asJson, heading, letters, listenerOf, nothing, oneLine, row, whole } from './print.ts';
import { Refused, withBus } from './where.ts';

const { values, words, refuse } = commandLine({
  name: 'npm run dead-letters',
  does: 'lists the messages that a listener could not handle',
  words: {
    'show N': 'shows one whole: headers, payload, stack',
    'retry N…': 'hands them back to the listener that failed, and to no other',
    'discard N…': 'removes them for good',
  },
  options: {
    type: { value: 'TYPE', does: 'selects an event type instead of numbers, such as ticket.created' },
    reason: { value: 'TEXT', does: 'selects those whose reason contains the text' },
    service: { value: 'NAME', does: 'selects those of one service' },
    all: { does: 'selects all of them' },
    json: { does: 'for machines' },
    nats: {
      value: 'URL',
      does: 'the broker; by default NATS_URL, with the operator’s NATS_SEED and NATS_CA, otherwise that of the running npm start',
    },
    state: { value: 'FOLDER', does: 'the broker of the npm start with this state folder' },
    ...clusterOptions,
  },
  notes: ['Exits with 0 when it was done, with 2 when it could not be run. --context needs the right to read Secrets.'],
});

const print = (line: string) => process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
  const [command = 'list', ...rest] = words;
  const act = commands.get(command);
  if (!act) return refuse(`There is no "${command}".`);
  const { service, type, reason, all } = values;
  const wanted = { numbers: rest.map(numberOf), choice: { service, type, reason }, all };
  await withBus(values, (bus) => act(bus, wanted));
}

interface Wanted {
  readonly numbers: readonly number[];
  readonly choice: Choice;
  readonly all: boolean;
}

const commands: ReadonlyMap<string, (bus: Bus, wanted: Wanted) => Promise<void>> = new Map([
  ['list', list],
  ['show', show],
  ['retry', handBack],
  ['discard', remove],
]);

function numberOf(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number) || number < 1)
    throw new Refused(`"${text}" is no number of a dead letter.`);
  return number;
}

async function list(bus: Bus, { numbers, choice }: Wanted): Promise<void> {
  if (numbers.length > 0) throw new Refused(`To look at one: npm run dead-letters -- show ${numbers[0]}`);
  const now = Date.now();
  let count = 0;
  if (values.json) {
    // One on a line, so that there may be any number of them.
    for await (const found of deadLetters(bus, choice)) print(asJson(found));
    return;
  }
  for await (const found of deadLetters(bus, choice)) {
    if (count++ === 0) print(heading);
    print(row(found, now));
  }
  print(count === 0 ? nothing(choice) : `\n${letters(count)}. More about one: npm run dead-letters -- show N`);
}

async function show(bus: Bus, { numbers }: Wanted): Promise<void> {
  const [number] = numbers;
  if (number === undefined || numbers.length > 1) throw new Refused('Say which one to show: show N');
  for (const found of await byNumber(bus, [number])) print(values.json ? asJson(found) : whole(found, Date.now()));
}

async function handBack(bus: Bus, wanted: Wanted): Promise<void> {
  const found = await meant(bus, wanted, 'retry');
  for (const it of found) {
    try {
      await retry(bus, it);
    } catch (error) {
      const reason = Error.isError(error) ? error.message : String(error);
      throw new Refused(`${it.number} was not retried and is still there: ${oneLine(reason)}.`);
    }
    print(values.json ? asJson(it) : `${it.number} is on its way to ${listenerOf(it.letter)}`);
  }
  if (values.json) return;
  print(
    found.length === 0
      ? nothing(wanted.choice)
      : `${letters(found.length)} retried. What fails again comes back with a new number.`,
  );
}

async function remove(bus: Bus, wanted: Wanted): Promise<void> {
  const found = await meant(bus, wanted, 'discard');
  for (const it of found) {
    await discard(bus, it.number);
    if (values.json) print(asJson(it));
  }
  if (values.json) return;
  print(found.length === 0 ? nothing(wanted.choice) : `${letters(found.length)} discarded.`);
}

/** Reads all before acting on the first: what fails again meanwhile is not selected. */
async function meant(bus: Bus, { numbers, choice, all }: Wanted, command: string): Promise<Numbered[]> {
  const isChosen = Object.values(choice).some((it) => it !== undefined);
  if (Number(numbers.length > 0) + Number(isChosen) + Number(all) !== 1)
    throw new Refused(`Say what to ${command}: numbers, or --type, --reason and --service, or --all.`);
  if (numbers.length > 0) return byNumber(bus, [...new Set(numbers)]);
  const found: Numbered[] = [];
  for await (const it of deadLetters(bus, choice)) found.push(it);
  return found;
}

async function byNumber(bus: Bus, numbers: readonly number[]): Promise<Numbered[]> {
  const found: Numbered[] = [];
  const missing: number[] = [];
  for (const number of numbers) {
    const it = await deadLetter(bus, number);
    if (it) found.push(it);
    else missing.push(number);
  }
  if (missing.length > 0)
    throw new Refused(
      `There is no dead letter ${missing.join(', ')}: it never was, or has been retried or discarded.${found.length > 0 ? ' Nothing was done with the others.' : ''}`,
    );
  return found;
}

// The reader of the list may have closed the pipe, like `head`.
process.stdout.on('error', () => process.exit());

try {
  await main();
} catch (error) {
  const isRefused = error instanceof Refused || error instanceof KubectlFailed;
  process.stderr.write(`${isRefused ? error.message : Error.isError(error) ? error.stack : error}\n`);
  process.exitCode = isRefused ? cannotRun : 1;
}
