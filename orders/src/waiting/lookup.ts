import type { Entry } from './entry.ts';

/**
 * Fields that an entry is found by while it waits. An entry that is over has none of them, so it is in none of their
 * indexes: see `store`.
 */
export interface Lookup {
  /** Sorts the line of a kind by who came first. */
  readonly line: string | undefined;
  /** Sorts the line of a kind by how many tickets people want, and only then by who came first. */
  readonly want: string | undefined;
  /** What one person can have only once: a place in this line, and each of their places in lines. */
  readonly slots: readonly string[] | undefined;
  /** Whether its order may have been made already. */
  readonly trying: true | undefined;
}

export function lookup(entry: Entry): Lookup {
  if (entry.state !== 'waiting') return { line: undefined, want: undefined, slots: undefined, trying: undefined };
  const { kindId, quantity, number, place } = entry;
  const by = entry.by ?? entry.userId;
  return {
    line: `${kindId} ${padded(number)}`,
    want: wantOf(kindId, quantity, padded(number)),
    slots: [lineSlot(kindId, by), ...(place === null ? [] : [placeSlot(by, place)])],
    trying: entry.isTried || undefined,
  };
}

/** Sorts after everything that follows a kind or a quantity. */
const last = '~';

/** `number` may be left out, for the begin of that quantity. */
export const wantOf = (kindId: string, quantity: number, number = ''): string =>
  `${kindId} ${String(quantity).padStart(2, '0')} ${number}`;

/** All who wait for a kind. */
export const inLine = (kindId: string) => ({ line: { $gt: `${kindId} `, $lt: `${kindId} ${last}` } });
/** All who wait before somebody. */
export const before = ({ kindId, number }: Entry) => ({
  line: { $gt: `${kindId} `, $lt: `${kindId} ${padded(number)}` },
});
/** All who want so many of a kind, sorted by `want`. */
export const wanting = (kindId: string, least: number, most: number) => ({
  want: { $gt: wantOf(kindId, least), $lt: wantOf(kindId, most, last) },
});
/** All in lines that sort after that of a kind, or all of them. */
export const afterLineOf = (kindId: string | null) => ({ want: { $gt: kindId === null ? '' : `${kindId} ${last}` } });

export const lineSlot = (kindId: string, by: string): string => `line:${kindId}:${by}`;
export const placeSlot = (by: string, place: number): string => `place:${by}:${place}`;

const padded = (number: number): string => String(number).padStart(10, '0');
