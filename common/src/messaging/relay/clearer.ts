import { setTimeout as sleep } from 'node:timers/promises';
import type { mongo } from 'mongoose';
import type { Logger } from 'pino';
import type { OutboxDocument } from './outboxes.ts';
import { type Entry, keyOf } from './queue.ts';

/**
 * How long acknowledged events stay in their outboxes, so that few writes remove many and one bookmark covers them all.
 */
export const clearEveryMs = 3_000;
/**
 * Clears earlier from this many on: after a crash the rest is published again, and each clearing costs 2 to 3 fsyncs.
 */
const clearFrom = 4_000;
/** Outboxes per update: each update costs a journal write and compares every id with every document. Measured. */
const emptiedTogether = 20;

export interface ClearerOptions {
  readonly documents: (collection: string) => mongo.Collection<OutboxDocument>;
  /** Stores the bookmark before an event leaves its outbox; otherwise a stream that lost it would look complete. */
  readonly keep: () => Promise<void>;
  /** Called when these have left their outboxes or could not be removed. */
  readonly cleared: (entries: readonly Entry[]) => void;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Removes acknowledged events from the outboxes. */
export interface Clearer {
  add(entries: readonly Entry[]): void;
  /** Removes what was added so far. Never rejects: the sweep finds the rest, and JetStream drops it as duplicates. */
  clear(): Promise<void>;
  /** Starts a removal if enough was added, concurrent with the next rounds. Waits for the previous removal first. */
  clearIfMany(): Promise<void>;
  /** Clears every 3 s, until the signal fires. */
  run(): Promise<void>;
}

export function createClearer({ documents, keep, cleared, logger, signal }: ClearerOptions): Clearer {
  let added: Entry[] = [];
  let events = 0;
  let removing: Promise<void> = Promise.resolve();

  async function remove(entries: readonly Entry[]): Promise<void> {
    try {
      await keep();
      const byCollection = Map.groupBy(byAggregate(entries), (entry) => entry.collection);
      for (const [collection, own] of byCollection) await removeFrom(documents(collection), own);
    } catch (error) {
      logger.warn({ err: error }, 'could not clear published events from the outboxes yet');
    } finally {
      cleared(entries);
    }
  }

  function clear(): Promise<void> {
    const entries = added;
    [added, events] = [[], 0];
    if (entries.length > 0) removing = removing.then(() => remove(entries));
    return removing;
  }

  return {
    clear,

    add(entries) {
      added.push(...entries);
      for (const entry of entries) events += entry.events.length;
    },

    async clearIfMany() {
      if (events < clearFrom) return;
      await removing;
      void clear();
    },

    async run() {
      while (!signal.aborted) {
        await sleep(clearEveryMs, undefined, { signal }).catch(() => {});
        await clear();
      }
    },
  };
}

async function removeFrom(documents: mongo.Collection<OutboxDocument>, entries: readonly Entry[]): Promise<void> {
  const unordered = { ordered: false };
  const { whole = [], parts = [] } = Object.groupBy(entries, ({ version }) => (version === null ? 'parts' : 'whole'));
  // One command, however many there are.
  const { matchedCount } = await documents.bulkWrite([...emptying(whole), ...takingOut(parts)], unordered);
  if (matchedCount === entries.length) return;
  // An aggregate has changed since, or is marked. The database does not report which, but removing the same events
  // twice is harmless.
  await documents.bulkWrite(takingOut(entries), unordered);
  await documents.bulkWrite(unmarking(entries), unordered);
}

/** Merges entries by aggregate, with the latest version of each. */
export function byAggregate(entries: readonly Entry[]): Entry[] {
  const merged = new Map<string, Entry>();
  for (const entry of entries) {
    const key = keyOf(entry);
    const before = merged.get(key)?.events ?? [];
    merged.set(key, { ...entry, events: [...before, ...entry.events] });
  }
  return [...merged.values()];
}

type Update = mongo.AnyBulkWriteOperation<OutboxDocument>;

/**
 * Empties outboxes whose aggregates still have the version at which they were read: adding events raises the version,
 * and `Aggregates.announce`, which does not, marks the document. Far cheaper than removing events one by one.
 */
export function emptying(entries: readonly Entry[]): Update[] {
  return [...Map.groupBy(entries, ({ version }) => version ?? -1)].flatMap(([version, alike]) =>
    inParts(alike).map((ids) => ({
      updateMany: {
        filter: { _id: { $in: ids }, version, announced: { $exists: false } },
        update: { $set: { outbox: [] } },
      },
    })),
  );
}

/** Removes only these events. */
export function takingOut(entries: readonly Entry[]): Update[] {
  return entries.map(({ id, events }) => ({
    updateOne: {
      filter: { _id: id },
      update: { $pull: { outbox: { id: { $in: events.map((event) => event.id) } } } },
    },
  }));
}

/** Removes the mark of `Aggregates.announce` from empty outboxes, so that they can be emptied at once again. */
export function unmarking(entries: readonly Entry[]): Update[] {
  return inParts(entries).map((ids) => ({
    updateMany: {
      filter: { _id: { $in: ids }, announced: true, outbox: { $size: 0 } },
      update: { $unset: { announced: '' } },
    },
  }));
}

function inParts(entries: readonly Entry[]): string[][] {
  const ids = entries.map(({ id }) => id);
  return Array.from({ length: Math.ceil(ids.length / emptiedTogether) }, (_, part) =>
    ids.slice(part * emptiedTogether, (part + 1) * emptiedTogether),
  );
}
