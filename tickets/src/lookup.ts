import { hasBegun } from '@box-office/common/contracts/begun';
import { Instant } from '@box-office/common/contracts/primitives';
import { repeat } from '@box-office/common/repeat';
import type { BaseParts } from '@box-office/common/service';
import { collectionOf } from '@box-office/common/store/mongo';
import type { mongo } from 'mongoose';
import { z } from 'zod';
import type { Ticket } from './ticket.ts';
import { wordsOf } from './words.ts';

/** Raised when `lookup` gives a different result for the same ticket, so that stored tickets are updated. */
const lookupVersion = 1;

const batch = 500;

/** The fields that the public list is filtered by. */
export function lookup({ title, venue, startsAt }: Pick<Ticket, 'title' | 'venue' | 'startsAt'>, now: Date) {
  return { words: wordsOf(`${title} ${venue ?? ''}`), begun: hasBegun({ startsAt }, now), lookupVersion };
}

export const lookupIndexes = [
  { keys: { withdrawn: 1, 'hold.status': 1, begun: 1, _id: -1 } },
  { keys: { words: 1 } },
  { keys: { begun: 1, startsAt: 1 } },
  { keys: { lookupVersion: 1 } },
] as const;

/** On sale at this moment. Few events have begun since the last sweep, so the server can filter those one by one. */
export const onSale = (now: Date) => ({
  withdrawn: false,
  'hold.status': { $in: [null, 'ended', 'offered'] },
  begun: false,
  $or: [{ startsAt: null }, { startsAt: { $gt: now.toISOString() } }],
});

interface Stored extends mongo.Document {
  _id: string;
}

/** Lenient, so that a document edited by hand does not end the sweep. */
const Listed = z.object({
  title: z.string().catch(''),
  venue: z.string().nullable().catch(null),
  startsAt: Instant.nullable().catch(null),
});

export interface SweepOptions extends Pick<BaseParts, 'connection' | 'now' | 'logger'> {
  readonly everyMs: number;
}

/** Removes from the list what has begun, and adds the lookup fields to tickets that were stored without them. */
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
  for (const { _id, version, ...fields } of found) {
    const listed = Listed.parse(fields);
    // Older values with an offset would not sort correctly. An unreadable one is left for people to inspect.
    const startsAt = listed.startsAt === null ? {} : { startsAt: listed.startsAt };
    // A concurrent change of the ticket writes these fields too, so losing this update is harmless.
    await documents.updateOne({ _id, version }, { $set: { ...lookup(listed, now), ...startsAt } });
  }
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
  await documents.updateMany({ ...begun, _id: { $in: found.map(({ _id }) => _id) } }, { $set: { begun: true } });
  return found.length === batch;
}
