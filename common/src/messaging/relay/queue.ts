import type { OutboxEvent } from '../../store/outbox.ts';

/** An event on its way to JetStream, its snapshot serialised once. */
export interface Outgoing extends Omit<OutboxEvent, 'data'> {
  readonly payload: string;
  /** Whether it lies in an outbox, from which it has to be removed when it is acknowledged; an event that is announced again does not. */
  readonly inOutbox: boolean;
}

/** What waits of one aggregate, oldest first. */
export interface Entry {
  readonly collection: string;
  readonly id: string;
  readonly events: readonly Outgoing[];
  /** When the last of these is acknowledged, so is all that the outbox held at this version; null when that cannot be said. */
  readonly version: number | null;
}

export interface QueueLimits {
  /** Events in a round at most: JetStream takes 1000 in an atomic batch (server 2.12). */
  readonly roundSize: number;
  /** Events held at most, those on their way included. More than four rounds, so that whoever reads ahead always gets on. */
  readonly maxEvents: number;
  /** Their payloads at most, in characters. One event is always taken, however large. */
  readonly maxSize: number;
}

export const defaultLimits: QueueLimits = { roundSize: 1_000, maxEvents: 10_000, maxSize: 16 * 1024 * 1024 };

/**
 * What a relay holds in memory: events that wait, and those on their way, in order per aggregate. It does no IO.
 *
 * It has a bound. What does not fit is not taken, and stays in its outbox, where a sweep finds it. Since every offer carries a whole outbox, oldest first, and is taken
 * from its front, no event is taken before an older one of its aggregate.
 */
export interface RelayQueue {
  /**
   * Takes what it does not hold yet, from the front, while it fits; `extra` names the events that lie in no outbox.
   *
   * @returns how many of these events, from the front, are taken care of: taken now or held already
   */
  offer(
    collection: string,
    id: string,
    events: readonly OutboxEvent[],
    version: number | null,
    extra?: ReadonlySet<string>,
  ): number;
  /** Like `offer`, and waits for room until all are taken or the signal fires. */
  offerAll(
    collection: string,
    id: string,
    events: readonly OutboxEvent[],
    version: number,
    extra?: ReadonlySet<string>,
  ): Promise<void>;
  /** The next entries to publish. Until they are put back, let go or acknowledged, nothing else of their aggregates is handed out: it might overtake them. */
  takeRound(): readonly Entry[];
  /** These were acknowledged. Returns what of them has to leave the outboxes; that is remembered until `forget`, so that no sweep brings it back. */
  acknowledge(entries: readonly Entry[]): readonly Entry[];
  /** They left their outboxes, or could not and are to be published again. */
  forget(entries: readonly Entry[]): void;
  /** These were not acknowledged, and go first next time. */
  putBack(entries: readonly Entry[]): void;
  /** Forgets these and what waits behind them: the next offer of their outboxes brings all of it back, in order. */
  letGo(entries: readonly Entry[]): void;
  /** Forgets everything that waits, and what is put back from now on. */
  close(): void;
  /** Events that wait. */
  waiting(): number;
  /** Whether a full round waits. */
  isFull(): boolean;
  /** Nothing waits, is on its way, or was acknowledged and lies in its outbox still. */
  isIdle(): boolean;
  /** Events that are announced again and not acknowledged yet. */
  extras(): number;
  /** Resolves once the condition holds or the signal fires. Looked at whenever something was offered, acknowledged, put back or let go. */
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
  /** Held, or acknowledged and not yet removed from the database: not to be queued a second time. */
  const known = new Set<string>();
  const onTheirWay = new Set<string>();
  /** Events in `waiting`. */
  let queued = 0;
  /** Those and the ones on their way. */
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

  /** The next two rounds have all they can take, and no more needs to be read ahead. */
  const hasRoom = () => queued <= 2 * roundSize && size < maxSize;

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

  /** They are held no longer. */
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

  function letGo(entries: readonly Entry[]): void {
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
        await until(hasRoom);
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
        letGo(entries);
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

    letGo,

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
