import { mostTickets } from '@box-office/common/contracts/orders';
import { z } from 'zod';
import type { Fault } from './problem.ts';
import { type KindAnswer, ticketsInWords } from './show-words.ts';

/** What a buyer has chosen at a show. */
export interface Basket {
  /** How many tickets of each kind without seats. */
  readonly counts: Readonly<Record<string, number>>;
  /** The chosen seats, by the ids of their tickets. */
  readonly seats: ReadonlyMap<string, { readonly kindId: string; readonly label: string }>;
}

export const emptyBasket: Basket = { counts: {}, seats: new Map() };

export const withCount = (basket: Basket, kindId: string, count: number): Basket => ({
  ...basket,
  counts: { ...basket.counts, [kindId]: count },
});

export function withSeat(basket: Basket, ticketId: string, seat: { kindId: string; label: string } | null): Basket {
  const seats = new Map(basket.seats);
  if (seat) seats.set(ticketId, seat);
  else seats.delete(ticketId);
  return { ...basket, seats };
}

/** How many tickets of a kind are chosen, with or without seats. */
export const chosenOf = ({ counts, seats }: Basket, kindId: string): number =>
  (counts[kindId] ?? 0) + [...seats.values()].filter((seat) => seat.kindId === kindId).length;

export const chosen = (basket: Basket, kinds: readonly KindAnswer[]): number =>
  kinds.reduce((sum, { id }) => sum + chosenOf(basket, id), 0);

/** In the smallest unit of the show's currency. */
export const totalOf = (basket: Basket, kinds: readonly KindAnswer[]): number =>
  kinds.reduce((sum, { id, price }) => sum + price * chosenOf(basket, id), 0);

const Kept = z.object({
  counts: z.record(z.string(), z.int().nonnegative()),
  seats: z.array(z.tuple([z.string(), z.object({ kindId: z.string(), label: z.string() })])),
});

/** A choice as JSON. */
export const basketToKeep = ({ counts, seats }: Basket): z.input<typeof Kept> => ({
  counts: { ...counts },
  seats: [...seats],
});

/** What can be had now. */
interface Offer {
  readonly kinds: readonly KindAnswer[];
  readonly mostOf: (kind: KindAnswer) => number;
  /** Seats that somebody else has. */
  readonly taken: ReadonlySet<string>;
}

/** What can still be had of a kept choice; undefined if it is none. */
export function keptBasket(stored: unknown, { kinds, mostOf, taken }: Offer): Basket | undefined {
  const read = Kept.safeParse(stored);
  if (!read.success) return undefined;
  const { counts, seats } = read.data;
  const inShow = kinds.filter(({ id }) => (counts[id] ?? 0) > 0);
  return {
    counts: Object.fromEntries(inShow.map((kind) => [kind.id, Math.min(counts[kind.id] ?? 0, mostOf(kind))])),
    seats: new Map(seats.filter(([id, seat]) => !taken.has(id) && kinds.some((kind) => kind.id === seat.kindId))),
  };
}

/** The body of POST /api/orders. */
export function orderFor(showId: string, { counts, seats }: Basket) {
  if (seats.size > 0) return { showId, seats: [...seats.keys()] };
  const lines = Object.entries(counts).map(([kindId, quantity]) => ({ kindId, quantity }));
  return { showId, lines: lines.filter(({ quantity }) => quantity > 0) };
}

/** Why this cannot be ordered, as a sentence; undefined if it can be. The platform decides in the end. */
export function basketFault(basket: Basket, kinds: readonly KindAnswer[], perPerson?: number): string | undefined {
  const count = chosen(basket, kinds);
  if (count === 0) return 'Choose at least one ticket.';
  if (perPerson && count > perPerson) return `One person may have at most ${ticketsInWords(perPerson)} for this show.`;
  if (count > mostTickets) return `One order may have at most ${ticketsInWords(mostTickets)}.`;
  for (const kind of kinds) {
    const most = kind.maxPerOrder;
    if (most && chosenOf(basket, kind.id) > most) {
      return `One order may have at most ${ticketsInWords(most)} of ${kind.name}.`;
    }
  }
  if (basket.seats.size > 0 && count > basket.seats.size) {
    return 'Order tickets with seats and tickets without seats one after the other.';
  }
  return undefined;
}

export interface AfterRefusal {
  readonly basket: Basket;
  readonly message: string;
  /** The kinds of which there are fewer than were asked for. */
  readonly tooFew: readonly string[];
}

/** What is still to be had of a basket after others were faster, with a sentence that says what has changed. */
export function afterRefusal(basket: Basket, fault: Fault): AfterRefusal {
  const { code, detail, seats = [], left = [] } = fault;
  if (code === 'seat-taken') {
    const gone = seats.flatMap((id) => basket.seats.get(id)?.label ?? []);
    const kept = seats.reduce((held, id) => withSeat(held, id, null), basket);
    const what = gone.length > 0 ? `Somebody else has just taken ${listOf(gone)}.` : detail;
    const rest = kept.seats.size > 0 ? 'Your other seats are still chosen.' : 'Choose other seats.';
    return { basket: kept, message: `${what} ${rest}`, tooFew: [] };
  }
  const cut = left.filter((it) => it.left < (basket.counts[it.kindId] ?? 0));
  const kept = cut.reduce((held, it) => withCount(held, it.kindId, it.left), basket);
  const isLess = cut.length > 0 && Object.values(kept.counts).some((count) => count > 0);
  return {
    basket: kept,
    message: isLess ? `${detail} Your choice is now what is left.` : detail,
    tooFew: cut.map(({ kindId }) => kindId),
  };
}

/** What refusals have said since the page was made. */
export interface Refused {
  /** How many are left, by the ids of their kinds. */
  readonly left: ReadonlyMap<string, number>;
  /** Seats that somebody else has taken, by the ids of their tickets. */
  readonly taken: ReadonlySet<string>;
  /** The kinds of which there were fewer than were wanted. */
  readonly tooFew: ReadonlySet<string>;
  readonly atMs: number;
}

export const nothingRefused: Refused = { left: new Map(), taken: new Set(), tooFew: new Set(), atMs: Infinity };

export const refusedToo = (before: Refused, fault: Fault, tooFew: readonly string[], atMs: number): Refused => ({
  left: new Map([...before.left, ...(fault.left ?? []).map((it) => [it.kindId, it.left] as const)]),
  taken: new Set([...before.taken, ...(fault.seats ?? [])]),
  tooFew: new Set(tooFew),
  atMs,
});

/** What a page counts may be a second old, and heard of a little later. */
const pageLagsMs = 2_000;

/** Whether a page that is made at this time knows better what is left than the refusals. */
export const isOutdated = ({ atMs }: Refused, nowMs: number): boolean => nowMs - atMs >= pageLagsMs;

const listOf = (names: readonly string[]): string =>
  names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
