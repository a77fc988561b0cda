import { z } from 'zod';
import type { StoredDocument } from './read.ts';

/**
 * The version of a stored aggregate exists twice.
 *
 * `version` counts writes. Every write is conditional on it and raises it, so a writer always notices that another one
 * came first. The public version counts announced changes only: it is what snapshots, copies and `ETag` have. As long
 * as both are equal, only `version` is stored. A write without announcement stores the public one beside it, with the
 * `version` it belongs to.
 *
 * During a rolling update, a release that does not know `publicVersion` raises `version` alone and announces that
 * number. So `publicVersion` counts only together with the very `version` it was written with. That is also why the
 * writes are counted in the field that the earlier release is conditional on: with a counter of its own beside it, the
 * earlier release would overwrite unannounced changes without noticing.
 */
const PublicVersion = z.object({ is: z.int().nonnegative(), at: z.int().nonnegative() });

/** The version that snapshots have; as stored if it is not a number. */
export function publicVersion({ version, publicVersion: stored }: Omit<StoredDocument, '_id'>): unknown {
  const { data } = PublicVersion.safeParse(stored);
  return data?.at === version ? data?.is : version;
}

/** The fields to store with the write that has this number. */
export const versionFields = (writes: number, is: number) =>
  is === writes ? { version: writes } : { version: writes, publicVersion: { is, at: writes } };
