import type { mongo } from 'mongoose';

interface Owned {
  _id: string;
  userId: string;
  usedAt: Date;
}

/** At most this many are removed per call; the rest go next time. */
const removedAtOnce = 100;

/** The index that `keepNewest` reads. */
export const byOwnerAndUse = { userId: 1, usedAt: -1 } as const;

/**
 * Keeps a user's `keep` most recently used documents, always including `own`, and removes the others.
 *
 * @returns the ids of the removed documents
 */
export async function keepNewest<Stored extends Owned>(
  collection: mongo.Collection<Stored>,
  { userId, own, keep }: { userId: string; own: string; keep: number },
): Promise<string[]> {
  const owned = collection as unknown as mongo.Collection<Owned>;
  const surplus = await owned
    .find({ userId, _id: { $ne: own } }, { projection: { _id: 1 } })
    .sort({ usedAt: -1 })
    .skip(keep - 1)
    .limit(removedAtOnce)
    .toArray();
  const ids = surplus.map(({ _id }) => _id);
  if (ids.length > 0) await owned.deleteMany({ _id: { $in: ids } });
  return ids;
}
