import type { OutboxEvent } from '../../store/outbox.ts';

/** An event to publish, its snapshot already serialized. */
export interface Outgoing extends Omit<OutboxEvent, 'data'> {
  readonly payload: string;
  /** Whether it must be removed from an outbox once acknowledged. Events announced again are in no outbox. */
  readonly inOutbox: boolean;
}

/** The waiting events of one aggregate, oldest first. */
export interface Entry {
  readonly collection: string;
  readonly id: string;
  readonly events: readonly Outgoing[];
  /**
   * The version at which these are the whole outbox, so that it may be emptied once they are acknowledged; else null.
   */
  readonly version: number | null;
}

export interface QueueLimits {
  /** The most events per round: JetStream allows 1000 in an atomic batch (server 2.12). */
  readonly roundSize: number;
  /** The most events held, including those in flight. More than four rounds, so that reading ahead never stalls. */
  readonly maxEvents: number;
  /** The most characters of payload held. A single event is always taken, however large. */
  readonly maxSize: number;
}

export const defaultLimits: QueueLimits = { roundSize: 1_000, maxEvents: 10_000, maxSize: 16 * 1024 * 1024 };

/**
 * What a relay holds in memory: waiting events and those in flight, in order per aggregate. It does no IO.
 *
 * It is bounded. Events that do not fit stay in their outbox, where a sweep finds them. Every offer contains a whole
 * outbox, oldest first, and is taken from its front, so no event is taken before an older one of its aggregate.
 */
export interface RelayQueue {
  /**
   * Takes the events it does not hold yet, from the front, while they fit; `extra` has the ids that are in no outbox.
   *
   * @returns how many of these events, from the front, are taken now or were already held
   */
  offer(
    collection: string,
    id: string,
    events: readonly OutboxEvent[],
    version: number | null,
    extra?: ReadonlySet<string>,
  ): number;
  /** Like `offer`, but waits for capacity until all are taken or the signal fires. */
  offerAll(
    collection: string,
    id: string,
    events: readonly OutboxEvent[],
    version: number,
    extra?: ReadonlySet<string>,
  ): Promise<void>;
  /**
   * The next entries to publish. Until they are put back, dropped or acknowledged, their aggregates' later events wait.
   */
  takeRound(): readonly Entry[];
  /** Marks entries as acknowledged. Returns what must leave the outboxes, remembered until `forget` against sweeps. */
  acknowledge(entries: readonly Entry[]): readonly Entry[];
  /** Forgets entries that have left their outboxes, or could not and are to be published again. */
  forget(entries: readonly Entry[]): void;
  /** Puts back entries that were not acknowledged, to be sent first next time. */
  putBack(entries: readonly Entry[]): void;
  /**
   * Forgets these and their aggregates' later events. The next offer of their outboxes returns all of them, in order.
   */
  drop(entries: readonly Entry[]): void;
  /** Forgets all waiting events, and all that are put back from now on. */
  close(): void;
  /** The number of waiting events. */
  waiting(): number;
  /** Whether a full round is waiting. */
  isFull(): boolean;
  /** Whether nothing is waiting, in flight, or acknowledged but still in its outbox. */
  isIdle(): boolean;
  /** The number of events announced again and not acknowledged yet. */
  extras(): number;
  /** Resolves once the condition holds or the signal fires. Checked after every change of the queue. */
  until(condition: () => boolean): Promise<void>;
}

interface Waiting {
  readonly collection: string;
  readonly id: string;
  readonly events: Outgoing[];
  version: number | null;
}

const none: ReadonlySet<string> = new Set();

export function createQueue(signal: AbortSignal, limits: QueueLimits = defaultLimits): RelayQueue {
  const { roundSize, maxEvents, maxSize } = limits;
  const waiting = new Map<string, Waiting>();
  /** Held, or acknowledged but not yet removed from the database; must not be queued again. */
  const known = new Set<string>();
  const onTheirWay = new Set<string>();
  /** Events in `waiting`. */
  let queued = 0;
  /** Events waiting or in flight. */
  let held = 0;
  let size = 0;
  let extras = 0;
  let closed = false;
  const watchers = new Set<() => void>();

  function notify(): void {
    for (const watcher of watchers) watcher();
    watchers.clear();
  }
  signal.addEventListener('abort', notify);

  const nextChange = () => new Promise<void>((resolve) => void (signal.aborted ? resolve() : watchers.add(resolve)));

  async function until(condition: () => boolean): Promise<void> {
    while (!signal.aborted && !condition()) await nextChange();
  }

  const fits = (payload: string) => held === 0 || (held < maxEvents && size + payload.length <= maxSize);

  /** Whether more must be read ahead to fill the next two rounds. */
  const hasCapacity = () => queued <= 2 * roundSize && size < maxSize;

  const offer: RelayQueue['offer'] = (collection, id, events, version, extra = none) => {
    const key = keyOf({ collection, id });
    const entry = waiting.get(key) ?? { collection, id, events: [], version: null };
    let taken = 0;
    for (const { data, ...event } of events) {
      if (!known.has(event.id)) {
        const payload = JSON.stringify(data) ?? 'null';
        if (!fits(payload)) break;
        const inOutbox = !extra.has(event.id);
        entry.events.push({ ...event, payload, inOutbox });
        known.add(event.id);
        queued++;
        held++;
        size += payload.length;
        if (!inOutbox) extras++;
      }
      taken++;
    }
    entry.version = taken === events.length ? version : null;
    if (entry.events.length > 0) {
      waiting.set(key, entry);
      notify();
    }
    return taken;
  };

  /** The events are no longer held. */
  function release(events: readonly Outgoing[]): void {
    held -= events.length;
    for (const { id, payload, inOutbox } of events) {
      size -= payload.length;
      if (inOutbox) continue;
      extras--;
      known.delete(id);
    }
  }

  function forgetEvents(events: readonly Outgoing[]): void {
    for (const { id } of events) known.delete(id);
  }

  function drop(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const key = keyOf(entry);
      const later = waiting.get(key)?.events ?? [];
      waiting.delete(key);
      queued -= later.length;
      onTheirWay.delete(key);
      for (const events of [entry.events, later]) {
        release(events);
        forgetEvents(events);
      }
    }
    notify();
  }

  return {
    offer,

    async offerAll(collection, id, events, version, extra) {
      let left = events;
      for (let asOf: number | null = version; left.length > 0 && !signal.aborted; asOf = null) {
        await until(hasCapacity);
        const taken = offer(collection, id, left, asOf, extra);
        left = left.slice(taken);
        if (taken === 0) await nextChange();
      }
    },

    takeRound() {
      const round: Entry[] = [];
      let left = roundSize;
      for (const [key, entry] of waiting) {
        if (onTheirWay.has(key)) continue;
        if (entry.events.length <= left) {
          waiting.delete(key);
          round.push(entry);
          left -= entry.events.length;
        } else {
          round.push({ ...entry, events: entry.events.splice(0, left), version: null });
          left = 0;
        }
        if (left === 0) break;
      }
      for (const entry of round) onTheirWay.add(keyOf(entry));
      queued -= roundSize - left;
      notify();
      return round;
    },

    acknowledge(entries) {
      for (const entry of entries) {
        onTheirWay.delete(keyOf(entry));
        release(entry.events);
      }
      notify();
      return entries
        .map((entry) => ({ ...entry, events: entry.events.filter(({ inOutbox }) => inOutbox) }))
        .filter(({ events }) => events.length > 0);
    },

    forget(entries) {
      for (const { events } of entries) forgetEvents(events);
    },

    putBack(entries) {
      if (closed) {
        drop(entries);
        return;
      }
      for (const entry of entries) {
        const key = keyOf(entry);
        const later = waiting.get(key);
        const { version } = later ?? entry;
        waiting.set(key, { ...entry, version, events: [...entry.events, ...(later?.events ?? [])] });
        queued += entry.events.length;
        onTheirWay.delete(key);
      }
      notify();
    },

    drop,

    close() {
      closed = true;
      for (const { events } of waiting.values()) {
        release(events);
        forgetEvents(events);
      }
      waiting.clear();
      queued = 0;
      notify();
    },

    waiting: () => queued,
    isFull: () => queued >= roundSize,
    isIdle: () => waiting.size === 0 && known.size === 0,
    extras: () => extras,
    until,
  };
}

export const keyOf = ({ collection, id }: Pick<Entry, 'collection' | 'id'>): string => `${collection}/${id}`;
