import { setTimeout as sleep } from 'node:timers/promises';
import type { mongo } from 'mongoose';
import type { Logger } from 'pino';
import type { OutboxDocument } from './outboxes.ts';
import { type Entry, keyOf } from './queue.ts';

/** How long acknowledged events stay in their outboxes at most: many leave in few writes, and one note of how far the stream went does for all. */
const clearEveryMs = 1_000;
/** From how many of them on it is not that long: a crash has what is still there published again, and each clearing costs two to three waits for the disk. */
const clearFrom = 4_000;
/** Outboxes that one update empties: each update costs a write to the journal, and compares every id with every document. Measured, not guessed. */
const emptiedTogether = 20;

export interface ClearerOptions {
  readonly documents: (collection: string) => mongo.Collection<OutboxDocument>;
  /** Writes down how far the stream went: before an event leaves its outbox, or a stream that lost it would look whole. */
  readonly keep: () => Promise<void>;
  /** These are in their outboxes no longer, or could not be removed. */
  readonly cleared: (entries: readonly Entry[]) => void;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Removes what JetStream has acknowledged from the outboxes. */
export interface Clearer {
  add(entries: readonly Entry[]): void;
  /** Removes what was added so far, after what is being removed already. Never rejects: what could not be removed is found by the sweep, and dropped as a repeat. */
  clear(): Promise<void>;
  /** Begins to remove when enough was added. Removal runs beside the next rounds; when another one is not over yet, it is waited for first. */
  clearIfMany(): Promise<void>;
  /** Clears every second, until the signal fires. */
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
  const whole = entries.filter(({ version }) => version !== null);
  const { matchedCount } =
    whole.length > 0 ? await documents.bulkWrite(emptying(whole), unordered) : { matchedCount: 0 };
  // Some aggregate may have changed since: which one, the database does not say, and to take the same events out again does no harm.
  const left = matchedCount === whole.length ? entries.filter(({ version }) => version === null) : entries;
  if (left.length === 0) return;
  await documents.bulkWrite(takingOut(left), unordered);
  await documents.bulkWrite(unmarking(left), unordered);
}

/** What belongs to one aggregate in one entry, with the version of its latest. */
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
 * Empties outboxes whose aggregates still have the version at which they were read: nothing can have joined them since, for joining raises the version;
 * but for what `Aggregates.announce` puts there, which marks the document. Many at once, and far cheaper than to look for each event.
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

/** Removes these events and no other. */
export function takingOut(entries: readonly Entry[]): Update[] {
  return entries.map(({ id, events }) => ({
    updateOne: {
      filter: { _id: id },
      update: { $pull: { outbox: { id: { $in: events.map((event) => event.id) } } } },
    },
  }));
}

/** Takes the mark of `Aggregates.announce` away where nothing waits: from then on these outboxes can be emptied at once again. */
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
