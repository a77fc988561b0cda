import { type Choice, type DeadLetter, type Numbered, typeOf } from '@box-office/common/messaging/dead-letters';
import { printable } from '@box-office/common/telemetry/printable';

/** The longest line of a list. */
const width = 100;
const indent = ' '.repeat(9);
export const heading = `${columns('number', 'listener', 'subject', 'tries', 'age')}\n${indent}reason`;

export function row({ number, letter }: Numbered, now: number): string {
  const first = columns(
    `${number}`,
    listenerOf(letter),
    oneLine(letter.subject),
    `${letter.deliveries}`,
    age(letter, now),
  );
  return `${first}\n${indent}${shortened(oneLine(letter.reason), width - indent.length)}`;
}

/**
 * The longest of ours, `expiration ← order.awaiting-payment` and `orders.<24 digits>.awaiting-payment`, lose a few
 * letters of the subject.
 */
function columns(number: string, listener: string, subject: string, tries: string, old: string): string {
  const left = `${number.padStart(7)}  ${shortened(listener, 35).padEnd(35)}  `;
  const right = `${tries.padStart(6)}${old.padStart(6)}`;
  const room = width - left.length - right.length;
  return `${left}${shortened(subject, room).padEnd(room)}${right}`;
}

export function whole({ number, letter }: Numbered, now: number): string {
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

/** As JSON, else as text, else as it is stored: in base64. */
function payloadOf({ payload, omittedBytes, stream, sequence }: DeadLetter): string {
  if (omittedBytes > 0)
    return `${omittedBytes} bytes, too many to be kept here; a retry takes them from message ${sequence} of the stream ${stream}, while that is there`;
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

export function listenerOf(letter: DeadLetter): string {
  return oneLine(`${letter.service} ← ${typeOf(letter) || 'no type'}`);
}

function age({ time }: DeadLetter, now: number): string {
  const seconds = Math.max(Math.floor((now - Date.parse(time)) / 1000), 0);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} m`;
  if (seconds < 48 * 3_600) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** On one line, as it is stored: its payload is in base64. */
export const asJson = ({ number, letter }: Numbered): string => JSON.stringify({ number, ...letter });

export const letters = (count: number) => (count === 1 ? '1 dead letter' : `${count} dead letters`);

export function nothing(choice: Choice): string {
  return Object.values(choice).some((it) => it !== undefined) ? 'No dead letter is like that.' : 'No dead letters.';
}

function shortened(text: string, room: number): string {
  return text.length <= room ? text : `${text.slice(0, room - 1)}…`;
}

/** The first line, with what a terminal would interpret escaped, since the sender chose the text. */
export function oneLine(text: string): string {
  return printable(text.trim().split('\n', 1)[0] ?? '');
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${printable(line)}`)
    .join('\n');
}
