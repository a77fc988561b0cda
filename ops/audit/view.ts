import { isDeepStrictEqual } from 'node:util';
import type { mongo } from 'mongoose';

export type Fields = Readonly<Record<string, unknown>>;

/** What one side holds, and what the other side says it should be, in the same words; null for nothing at all. */
export interface Pair {
  readonly id: string;
  readonly held: Fields | null;
  readonly owned: Fields | null;
  /** Whether an owner has written news of it that nobody has announced yet. */
  readonly waits: boolean;
  /** What the difference means, for people: whole sentences. */
  readonly says?: readonly string[];
}

/** One kind of thing that two sides know. */
export interface View {
  /** Such as `orders’ copy of tickets`. */
  readonly name: string;
  readonly holder: string;
  readonly owner: string;
  /** Whether it is about money: what no announcement heals, people have to. */
  readonly money: boolean;
  /** Every pair, or those of these ids, as they are now. */
  pairs(ids?: readonly string[]): AsyncIterable<Pair>;
  /** Has the owner announce it again, after the holder has forgotten what would keep it from listening. */
  repair(pair: Pair): Promise<void>;
}

export const agrees = ({ held, owned }: Pair): boolean => isDeepStrictEqual(held, owned);

/** The fields that are not the same on both sides. */
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
 * The documents of two collections that have the same id, side by side. The left one of each is read first: when it is
 * a copy, it can only be behind what is then read on the right.
 */
export async function* joined(
  left: mongo.Collection<Stored>,
  right: mongo.Collection<Stored>,
  ids?: readonly string[],
): AsyncGenerator<[Stored | undefined, Stored | undefined]> {
  for (let after = ''; ; ) {
    const [ours, theirs] = [await pageOf(left, after, ids), await pageOf(right, after, ids)];
    // A full page says nothing about what comes behind it.
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
  // A barred id is nothing that anybody owns.
  return documents
    .find({ _id, barred: { $exists: false } })
    .sort({ _id: 1 })
    .limit(pageSize)
    .toArray() as Promise<Stored[]>;
}

/**
 * A document as the world is told of it: under the name `id`, without its outbox, and without what JSON does not know.
 */
export function plain({ _id, outbox: _, ...fields }: Stored): Fields {
  return JSON.parse(JSON.stringify({ id: _id, ...fields }));
}

/** What `read` makes of a document, or why it cannot be made: one broken document must not hide the others. */
export function readable(read: () => unknown): Fields {
  try {
    return JSON.parse(JSON.stringify(read()));
  } catch (error) {
    return { unreadable: Error.isError(error) ? error.message : String(error) };
  }
}

/** Nothing is forgotten for the sake of an owner that cannot say what it is. */
export function mustBeReadable({ owned }: Pair): void {
  if (owned && 'unreadable' in owned) throw new Error('its owner’s document cannot be read');
}

export const waiting = (...owners: readonly (Stored | undefined)[]): boolean =>
  owners.some((owner) => owner?.outbox?.length > 0);
