import { isDeepStrictEqual } from 'node:util';
import { publicVersion } from '@box-office/common/store/stored-version';
import type { mongo } from 'mongoose';

export type Fields = Readonly<Record<string, unknown>>;

/** What one side has, and what it should be according to the other side, in the same format; null for nothing. */
export interface Pair {
  readonly id: string;
  readonly held: Fields | null;
  readonly owned: Fields | null;
  /** Whether the owner's outbox has a change of it that is not announced yet. */
  readonly waits: boolean;
  /** What the difference means, in sentences for people. */
  readonly says?: readonly string[];
}

/** One kind of data that two sides store. */
export interface View {
  /** Such as `orders’ copy of tickets`. */
  readonly name: string;
  readonly holder: string;
  readonly owner: string;
  /** Whether it is about money: what announcing again does not repair is for people to settle. */
  readonly money: boolean;
  /** Every pair, or those of these ids, as they are now. */
  pairs(ids?: readonly string[]): AsyncIterable<Pair>;
  /** Has the owner announce it again, after removing whatever would make the holder ignore it. */
  repair(pair: Pair): Promise<void>;
}

export const agrees = ({ held, owned }: Pair): boolean => isDeepStrictEqual(held, owned);

/** The fields that differ. */
export function differing({ held, owned }: Pair): string[] {
  const names = new Set([...Object.keys(owned ?? {}), ...Object.keys(held ?? {})]);
  return [...names].filter((name) => !isDeepStrictEqual(held?.[name], owned?.[name]));
}

export interface Stored extends mongo.Document {
  _id: string;
}

const pageSize = 500;

/** Documents by id, a page at a time: all, or those of these ids. */
export async function* pages(documents: mongo.Collection<Stored>, ids?: readonly string[]): AsyncGenerator<Stored[]> {
  for (let after = ''; ; ) {
    const page = await pageOf(documents, after, ids);
    if (page.length > 0) yield page;
    const last = page.at(-1);
    if (!last || page.length < pageSize) return;
    after = last._id;
  }
}

/**
 * Pairs the documents of two collections by id. The left one is read first: a copy on the left can then only be behind
 * its owner on the right.
 */
export async function* joined(
  left: mongo.Collection<Stored>,
  right: mongo.Collection<Stored>,
  ids?: readonly string[],
): AsyncGenerator<[Stored | undefined, Stored | undefined]> {
  for (let after = ''; ; ) {
    const [ours, theirs] = [await pageOf(left, after, ids), await pageOf(right, after, ids)];
    // Beyond a full page, nothing is known.
    const ends = [ours, theirs].filter(({ length }) => length === pageSize).map((page) => page.at(-1)?._id ?? '');
    const end = ends.toSorted()[0];
    const [byId, theirsById] = [ours, theirs].map((page) => new Map(page.map((it) => [it._id, it])));
    for (const id of new Set([...ours, ...theirs].map(({ _id }) => _id))) {
      if (end === undefined || id <= end) yield [byId?.get(id), theirsById?.get(id)];
    }
    if (end === undefined) return;
    after = end;
  }
}

function pageOf(documents: mongo.Collection<Stored>, after: string, ids?: readonly string[]): Promise<Stored[]> {
  const _id = { $gt: after, ...(ids ? { $in: [...ids] } : {}) };
  // A barred id is not an aggregate.
  return documents
    .find({ _id, barred: { $exists: false } })
    .sort({ _id: 1 })
    .limit(pageSize)
    .toArray() as Promise<Stored[]>;
}

/**
 * A document as it is announced: with `id` and its public version, without its outbox, and only with what JSON can
 * express.
 */
export function plain(document: Stored): Fields {
  const { _id, outbox: _, publicVersion: __, ...fields } = document;
  return JSON.parse(JSON.stringify({ ...fields, id: _id, version: publicVersion(document) }));
}

/** The result of `read`, or why it failed: one broken document must not hide the others. */
export function readable(read: () => unknown): Fields {
  try {
    return JSON.parse(JSON.stringify(read()));
  } catch (error) {
    return { unreadable: Error.isError(error) ? error.message : String(error) };
  }
}

/** The copy stays if its owner's document cannot be read. */
export function mustBeReadable({ owned }: Pair): void {
  if (owned && 'unreadable' in owned) throw new Error('its owner’s document cannot be read');
}

export const waiting = (...owners: readonly (Stored | undefined)[]): boolean =>
  owners.some((owner) => owner?.outbox?.length > 0);
