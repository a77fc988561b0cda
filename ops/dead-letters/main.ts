import { join, resolve } from 'node:path';
import { parseArgs, stripVTControlCharacters } from 'node:util';
import { type Bus, connectBus } from '@box-office/common/messaging/bus';
import {
  type Choice,
  type DeadLetter,
  deadLetter,
  deadLetters,
  discard,
  type Numbered,
  retry,
  typeOf,
} from '@box-office/common/messaging/dead-letters';
import { localDir } from '@box-office/local/engines';
import { holderOf } from '@box-office/local/lock.mjs';

const usage = `npm run dead-letters                     list the messages that a listener could not handle
npm run dead-letters -- show N           show one whole: headers, payload, stack
npm run dead-letters -- retry N…         hand them back to the listener that failed, and to no other
npm run dead-letters -- discard N…       remove them for good

Instead of numbers, to list, retry or discard:
  --type TYPE        those of one event type, such as ticket.created
  --reason TEXT      those whose reason contains the text
  --service NAME     those of one service
  --all              all of them

Where they are:
  --nats URL         on this broker; otherwise on that of NATS_URL, otherwise on that of the running npm start
  --state FOLDER     on that of the npm start which keeps its state there`;

/** What somebody has asked for cannot be done, and this sentence says why. */
class Refused extends Error {}

const say = (line: string) => process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
  const { values, positionals } = options();
  const [command = 'list', ...rest] = positionals;
  if (values.help) {
    say(usage);
    return;
  }
  const act = commands.get(command);
  if (!act) throw new Refused(`There is no "${command}".\n\n${usage}`);
  const { service, type, reason, all } = values;
  const wanted = { numbers: rest.map(numberOf), choice: { service, type, reason }, all };
  const url = natsUrl(values.nats, values.state);
  const bus = await connect(url);
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

function options() {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        type: text,
        reason: text,
        service: text,
        all: { type: 'boolean', default: false },
        nats: text,
        state: text,
        help: { type: 'boolean', default: false, short: 'h' },
      },
    });
  } catch (error) {
    throw new Refused(`${Error.isError(error) ? error.message : error}\n\n${usage}`);
  }
}

function numberOf(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number) || number < 1)
    throw new Refused(`"${text}" is no number of a dead letter.`);
  return number;
}

function natsUrl(given: string | undefined, state: string | undefined): string {
  const named = given ?? (state === undefined ? process.env.NATS_URL : undefined);
  if (named) {
    if (!URL.canParse(named) || !new URL(named).host)
      throw new Refused(`"${named}" is no address of a broker; one looks like nats://127.0.0.1:4222.`);
    return named;
  }
  const holder = holderOf(`${resolve(state ?? join(localDir, 'state'))}.lock`);
  if (!holder) throw new Refused('No platform is running here. Run npm start first, or name a broker by --nats URL.');
  if (typeof holder.natsUrl !== 'string')
    throw new Refused(`The platform of process ${holder.pid} is only being started; its broker is not known yet.`);
  return holder.natsUrl;
}

async function connect(url: string): Promise<Bus> {
  try {
    return await connectBus(url, 'dead-letters');
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
    if (count++ === 0) say(heading);
    say(row(found, now));
  }
  say(count === 0 ? nothing(choice) : `\n${letters(count)}. More about one: npm run dead-letters -- show N`);
}

async function show(bus: Bus, { numbers }: Wanted): Promise<void> {
  const [number] = numbers;
  if (number === undefined || numbers.length > 1) throw new Refused('Say which one to show: show N');
  for (const found of await byNumber(bus, [number])) say(whole(found, Date.now()));
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
    say(`${it.number} is on its way to ${listenerOf(it.letter)}`);
  }
  say(
    found.length === 0
      ? nothing(wanted.choice)
      : `${letters(found.length)} retried. What fails again comes back with a new number.`,
  );
}

async function remove(bus: Bus, wanted: Wanted): Promise<void> {
  const found = await meant(bus, wanted, 'discard');
  for (const { number } of found) await discard(bus, number);
  say(found.length === 0 ? nothing(wanted.choice) : `${letters(found.length)} discarded.`);
}

/** All of them before anything is done with the first: what fails again meanwhile is not meant. */
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

/** What the lines of a list keep to. */
const width = 100;
const indent = ' '.repeat(9);
const heading = `${columns('number', 'listener', 'subject', 'tries', 'age')}\n${indent}reason`;

function row({ number, letter }: Numbered, now: number): string {
  const first = columns(
    `${number}`,
    listenerOf(letter),
    oneLine(letter.subject),
    `${letter.deliveries}`,
    age(letter, now),
  );
  return `${first}\n${indent}${shortened(oneLine(letter.reason), width - indent.length)}`;
}

/** The longest of ours, `expiration ← order.awaiting-payment` and `orders.<24 digits>.awaiting-payment`, lose a few letters of the subject. */
function columns(number: string, listener: string, subject: string, tries: string, old: string): string {
  const left = `${number.padStart(7)}  ${shortened(listener, 35).padEnd(35)}  `;
  const right = `${tries.padStart(6)}${old.padStart(6)}`;
  const room = width - left.length - right.length;
  return `${left}${shortened(subject, room).padEnd(room)}${right}`;
}

function whole({ number, letter }: Numbered, now: number): string {
  const before = letter.retries > 0 ? `, after ${letter.retries === 1 ? 'a retry' : `${letter.retries} retries`}` : '';
  const facts = [
    ['number', `${number}`],
    ['listener', listenerOf(letter)],
    ['subject', letter.subject],
    ['announced', `message ${letter.sequence} of the stream ${letter.stream}`],
    ['tries', `${letter.deliveries}${before}`],
    ['given up', `${letter.time}, ${age(letter, now)} ago`],
  ].map(([name = '', value = '']) => `${name.padEnd(11)}${oneLine(value)}`);
  const lines = Object.entries(letter.headers).flatMap(([name, values]) =>
    values.map((value) => `  ${oneLine(`${name}: ${value}`)}`),
  );
  return [
    ...facts,
    '',
    'reason',
    indented(letter.reason),
    '',
    'headers',
    lines.join('\n') || '  none',
    '',
    'payload',
    indented(payloadOf(letter)),
    '',
    'stack',
    indented(letter.stack || 'none'),
  ].join('\n');
}

/** As JSON if it is any, as the text it is, or else as it is kept: in base64. */
function payloadOf({ payload }: DeadLetter): string {
  const bytes = Buffer.from(payload, 'base64');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return `${bytes.length} bytes that are no text, in base64: ${payload}`;
  }
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text || 'empty';
  }
}

function listenerOf(letter: DeadLetter): string {
  return oneLine(`${letter.service} ← ${typeOf(letter) || 'no type'}`);
}

function age({ time }: DeadLetter, now: number): string {
  const seconds = Math.max(Math.floor((now - Date.parse(time)) / 1000), 0);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} m`;
  if (seconds < 48 * 3_600) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

const letters = (count: number) => (count === 1 ? '1 dead letter' : `${count} dead letters`);

function nothing(choice: Choice): string {
  return Object.values(choice).some((it) => it !== undefined) ? 'No dead letter is like that.' : 'No dead letters.';
}

function shortened(text: string, room: number): string {
  return text.length <= room ? text : `${text.slice(0, room - 1)}…`;
}

/** The first line, without anything that a terminal would act on: whoever sent the message chose it. */
function oneLine(text: string): string {
  return harmless(text.trim().split('\n', 1)[0] ?? '');
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${harmless(line)}`)
    .join('\n');
}

function harmless(line: string): string {
  return stripVTControlCharacters(line).replace(/\p{Cc}/gu, ' ');
}

// Whoever reads the list may have seen enough, like `head`.
process.stdout.on('error', () => process.exit());

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Refused ? error.message : Error.isError(error) ? error.stack : error}\n`);
  process.exitCode = 1;
}
