import type { Bus } from '@box-office/common/messaging/bus';
import type { Event } from '../api/events.ts';
import type { Page } from '../api/page.ts';
import type { Hub } from '../hub.ts';
import { type Asked, pageOf } from '../paging.ts';
import { redactText } from '../redact.ts';
import { notThere } from '../refused.ts';
import { ring } from '../ring.ts';
import type { Broker } from './broker.ts';
import { type Announced, eventOf, type Message, wholeEventOf } from './message.ts';
import { messagesFrom, oneMessage } from './reading.ts';

interface EventFilter extends Asked {
  readonly stream?: string | undefined;
  readonly type?: string | undefined;
  readonly id?: string | undefined;
  readonly order?: string | undefined;
  readonly q?: string | undefined;
}

export interface Events {
  /** The newest events that match, of those that are kept; all of them if one thing or order is asked about. */
  list(filter: EventFilter): Promise<Page<Event>>;
  one(stream: string, seq: number): Promise<Announced>;
  /** Takes what is new on a stream whose last message this is. */
  follow(stream: string, lastSeq: number): Promise<void>;
}

/** How many events are kept for the list, and how much of them. */
const mostEvents = 2_000;
const mostBytes = 3_000_000;
/** How much of the data can be searched. */
const searchedBytes = 1_500;
/** How many of each stream are read when the console starts. */
const mostOfOld = 300;
/** How many are read at once; a stream that grows faster is shown with gaps. */
const mostAtOnce = 1_000;
/** How many events about one thing are read. */
const mostOfOne = 500;

interface Kept {
  readonly event: Event;
  readonly text: string;
}

/** @param happened called with each new event and its data */
export function events(
  broker: Broker,
  { tell }: Pick<Hub, 'tell'>,
  happened: (event: Event, data: string) => void,
): Events {
  const kept = ring<Kept>(mostEvents, mostBytes);
  const readUpTo = new Map<string, number>();

  function keep(stream: string, message: Message, isNew: boolean): void {
    const event = eventOf(stream, message);
    const data = Buffer.from(message.data.subarray(0, searchedBytes)).toString();
    const text = redactText(data).toLowerCase();
    kept.add({ event, text }, text.length + 400);
    if (!isNew) return;
    tell('event', event);
    if (event.stream === 'orders') tell('order', { id: event.id });
    happened(event, data);
  }

  function* matching({ stream, type, q }: EventFilter, among: Iterable<Kept>): Generator<Event> {
    const wanted = q?.toLowerCase();
    for (const { event, text } of among) {
      if (stream !== undefined && event.stream !== stream) continue;
      if (type !== undefined && event.type !== type) continue;
      if (wanted && !text.includes(wanted) && !`${event.subject} ${event.type}`.toLowerCase().includes(wanted))
        continue;
      yield event;
    }
  }

  return {
    async list(filter) {
      const { id, order } = filter;
      const about = order ?? id;
      const among = about === undefined ? kept.newestFirst() : await eventsAbout(broker.bus(), about, readUpTo.keys());
      return pageOf(matching(filter, among), filter, keyOf);
    },

    async one(stream, seq) {
      const message = await oneMessage(broker.bus(), stream, seq).catch(() => null);
      if (!message) throw notThere(`There is no message ${seq} in the stream ${stream}, or no longer.`);
      return wholeEventOf(stream, message);
    },

    async follow(stream, lastSeq) {
      const known = readUpTo.get(stream);
      // A stream that counts from the beginning again was made anew.
      const from = known === undefined || known > lastSeq ? lastSeq - mostOfOld : known;
      const first = Math.max(from + 1, lastSeq - mostAtOnce + 1);
      const found: Message[] = [];
      if (first <= lastSeq) {
        for await (const message of messagesFrom(broker.bus(), { stream, fromSeq: first, most: mostAtOnce }))
          if (message.seq <= lastSeq) found.push(message);
      }
      // Only now: what is not read because the broker is away is read the next time.
      readUpTo.set(stream, Math.max(lastSeq, 0));
      for (const message of found) keep(stream, message, known !== undefined);
    },
  };
}

const keyOf = ({ stream, seq }: Event): string => `${stream}:${seq}`;

/** The events about one thing, newest first, also those that are no longer kept here. */
async function eventsAbout(bus: Bus, id: string, streams: Iterable<string>): Promise<Kept[]> {
  // What is no id could be a wildcard.
  if (!/^[\w-]+$/.test(id)) return [];
  const found: Kept[] = [];
  for (const stream of streams) {
    if (stream === 'dead-letters' || stream === 'retries') continue;
    const about = { stream, subject: `${stream}.${id}.*`, fromSeq: 1, most: mostOfOne };
    for await (const message of messagesFrom(bus, about)) {
      found.push({ event: eventOf(stream, message), text: Buffer.from(message.data).toString().toLowerCase() });
    }
  }
  return found.toSorted((a, b) => b.event.at.localeCompare(a.event.at) || b.event.seq - a.event.seq);
}
