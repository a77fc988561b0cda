import { hasBegun } from '@box-office/common/contracts/begun';
import { Instant } from '@box-office/common/contracts/primitives';
import { repeat } from '@box-office/common/repeat';
import type { BaseParts } from '@box-office/common/service';
import { collectionOf } from '@box-office/common/store/mongo';
import type { mongo } from 'mongoose';
import { z } from 'zod';
import { Hold, type Ticket } from './ticket.ts';
import { beginningsOf, namesOf } from './words.ts';

/** Raised when `lookup` gives a different result for the same ticket, so that stored tickets are updated. */
const lookupVersion = 2;

const batch = 500;

type Listable = Pick<Ticket, 'title' | 'venue' | 'startsAt' | 'withdrawn'> & {
  readonly hold: Pick<Hold, 'status'> | null;
};

/** The fields that the public list is filtered by. */
export function lookup(ticket: Listable, now: Date) {
  const begun = hasBegun(ticket, now);
  const words = namesOf(ticket);
  // One field, so that one index finds tickets on sale by a word, in the order of the list. `words` is for the previous
  // release, which may run beside this one, or again.
  return { listed: isFree(ticket) && !begun ? beginningsOf(words) : [], words, begun, lookupVersion };
}

/** Whether somebody could buy it, as far as its holder is concerned. */
export const isFree = ({ withdrawn, hold }: Listable): boolean =>
  !withdrawn && (hold === null || hold.status === 'ended' || hold.status === 'offered');

export const lookupIndexes = [
  { keys: { listed: 1, _id: -1 } },
  { keys: { begun: 1, startsAt: 1 } },
  { keys: { lookupVersion: 1 } },
] as const;

interface Stored extends mongo.Document {
  _id: string;
}

/** Lenient, so that a document edited by hand does not end the sweep. */
const Listed = z.object({
  title: z.string().catch(''),
  venue: z.string().nullable().catch(null),
  startsAt: Instant.nullable().catch(null),
  // What cannot be read is shown to nobody.
  withdrawn: z.boolean().catch(true),
  hold: Hold.pick({ status: true }).nullable().catch({ status: 'live' }),
});

export interface SweepOptions extends Pick<BaseParts, 'connection' | 'now' | 'logger'> {
  readonly everyMs: number;
}

/**
 * Adds the lookup fields to all tickets that were stored without them, as an earlier release did. Before the service is
 * ready, because its list would lack them.
 */
export async function prepareLookups({ connection, now }: Pick<BaseParts, 'connection' | 'now'>): Promise<void> {
  const documents = collectionOf<Stored>(connection, 'tickets');
  while (await fillIn(documents, now())) {}
}

/** Removes from the list what has begun, and completes what an earlier release stores meanwhile. */
export function sweepLookups({ connection, now, everyMs, logger }: SweepOptions): { stop(): Promise<void> } {
  const documents = collectionOf<Stored>(connection, 'tickets');
  return repeat({ name: 'sweep of what has begun', everyMs, logger, atOnce: true }, async (signal) => {
    while (!signal.aborted && (await fillIn(documents, now()))) {}
    while (!signal.aborted && (await markBegun(documents, now()))) {}
  });
}

/** @returns whether there may be more */
async function fillIn(documents: mongo.Collection<Stored>, now: Date): Promise<boolean> {
  const outdated = { lookupVersion: { $in: [null, ...Array.from({ length: lookupVersion }, (_, older) => older)] } };
  const found = await documents.find(outdated).limit(batch).toArray();
  const updates = found.map(({ _id, version, ...fields }) => {
    const listed = Listed.parse(fields);
    // Older values with an offset would not sort correctly. An unreadable one is left for people to inspect.
    const startsAt = listed.startsAt === null ? {} : { startsAt: listed.startsAt };
    // A concurrent change of the ticket writes these fields too, so losing this update is harmless.
    return { updateOne: { filter: { _id, version }, update: { $set: { ...lookup(listed, now), ...startsAt } } } };
  });
  if (updates.length > 0) await documents.bulkWrite(updates, { ordered: false });
  return found.length === batch;
}

/** @returns whether there may be more */
async function markBegun(documents: mongo.Collection<Stored>, now: Date): Promise<boolean> {
  const begun = { begun: false, startsAt: { $lte: now.toISOString() } };
  const found = await documents
    .find(begun, { projection: { _id: 1 } })
    .limit(batch)
    .toArray();
  if (found.length === 0) return false;
  await documents.updateMany(
    { _id: { $in: found.map(({ _id }) => _id) }, ...begun },
    { $set: { begun: true, listed: [] } },
  );
  return found.length === batch;
}
