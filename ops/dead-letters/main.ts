import { join, resolve } from 'node:path';
import { cannotRun, commandLine } from '@box-office/common/command';
import { type Bus, connectBus } from '@box-office/common/messaging/bus';
import {
  type Choice,
  deadLetter,
  deadLetters,
  discard,
  type Numbered,
  retry,
} from '@box-office/common/messaging/dead-letters';
import { operatorName } from '@box-office/common/messaging/nats-users';
import { localDir } from '@box-office/local/engines';
import { holderOf } from '@box-office/local/lock.mjs';
import { localSecrets } from '@box-office/local/secrets';
import { heading, letters, listenerOf, nothing, oneLine, row, whole } from './print.ts';

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
    nats: {
      value: 'URL',
      does: 'the broker; by default NATS_URL, with the operator’s NATS_SEED and NATS_CA, otherwise that of the running npm start',
    },
    state: { value: 'FOLDER', does: 'the broker of the npm start with this state folder' },
  },
});

/** The command cannot be run; the message says why. */
class Refused extends Error {}

const print = (line: string) => process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
  const [command = 'list', ...rest] = words;
  const act = commands.get(command);
  if (!act) return refuse(`There is no "${command}".`);
  const { service, type, reason, all } = values;
  const wanted = { numbers: rest.map(numberOf), choice: { service, type, reason }, all };
  const bus = await connect(await broker(values.nats, values.state));
  try {
    await act(bus, wanted);
  } finally {
    await bus.close();
  }
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

interface Broker {
  readonly url: string;
  /** Of the operator, who may do everything. */
  readonly seed: string | undefined;
  readonly caFile?: string | undefined;
}

async function broker(given: string | undefined, state: string | undefined): Promise<Broker> {
  const named = given ?? (state === undefined ? process.env.NATS_URL : undefined);
  if (named) {
    if (!URL.canParse(named) || !new URL(named).host)
      throw new Refused(`"${named}" is no address of a broker; one looks like nats://127.0.0.1:4222.`);
    const { NATS_SEED: seed, NATS_CA: caFile } = process.env;
    return { url: named, seed: seed || undefined, caFile: caFile || undefined };
  }
  const dir = resolve(state ?? join(localDir, 'state'));
  const holder = holderOf(`${dir}.lock`);
  if (!holder) throw new Refused('No platform is running here. Run npm start first, or name a broker by --nats URL.');
  if (typeof holder.natsUrl !== 'string')
    throw new Refused(`The platform of process ${holder.pid} is only being started; its broker is not known yet.`);
  const { natsSeeds } = await localSecrets(join(dir, 'secrets.json'));
  return { url: holder.natsUrl, seed: natsSeeds[operatorName] };
}

async function connect({ url, ...options }: Broker): Promise<Bus> {
  try {
    return await connectBus(url, operatorName, options);
  } catch (error) {
    throw new Refused(
      `No broker with JetStream answers at ${new URL(url).host}: ${oneLine(Error.isError(error) ? error.message : String(error))}.`,
    );
  }
}

async function list(bus: Bus, { numbers, choice }: Wanted): Promise<void> {
  if (numbers.length > 0) throw new Refused(`To look at one: npm run dead-letters -- show ${numbers[0]}`);
  const now = Date.now();
  let count = 0;
  for await (const found of deadLetters(bus, choice)) {
    if (count++ === 0) print(heading);
    print(row(found, now));
  }
  print(count === 0 ? nothing(choice) : `\n${letters(count)}. More about one: npm run dead-letters -- show N`);
}

async function show(bus: Bus, { numbers }: Wanted): Promise<void> {
  const [number] = numbers;
  if (number === undefined || numbers.length > 1) throw new Refused('Say which one to show: show N');
  for (const found of await byNumber(bus, [number])) print(whole(found, Date.now()));
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
    print(`${it.number} is on its way to ${listenerOf(it.letter)}`);
  }
  print(
    found.length === 0
      ? nothing(wanted.choice)
      : `${letters(found.length)} retried. What fails again comes back with a new number.`,
  );
}

async function remove(bus: Bus, wanted: Wanted): Promise<void> {
  const found = await meant(bus, wanted, 'discard');
  for (const { number } of found) await discard(bus, number);
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
  process.stderr.write(`${error instanceof Refused ? error.message : Error.isError(error) ? error.stack : error}\n`);
  process.exitCode = error instanceof Refused ? cannotRun : 1;
}
