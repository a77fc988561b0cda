import { problem } from '@box-office/common/problem';
import { z } from 'zod';

/**
 * Numbers that an order takes among those that its buyer may have at the same time. Each is a slot under a unique
 * index, so a limit also holds for concurrent requests.
 */
export const Places = z.object({
  /** Whom they are counted for; the buyer's id in orders stored before the field existed. */
  by: z.string().optional(),
  /** One for each ticket of the show, up to what one person may have; until the order is cancelled. */
  person: z.array(z.int().positive()),
  /** One among the orders that the buyer has yet to pay. */
  live: z.int().positive().nullable(),
  /** One among the buyer's orders for the same ticket or show on this day that were not paid. */
  today: z.object({ day: z.iso.date(), number: z.int().positive() }).nullable(),
});
export type Places = z.infer<typeof Places>;

/** How much one person may reserve; 0 is any number. */
export interface Limits {
  /** Orders waiting for payment at the same time. */
  readonly liveOrders: number;
  /** Orders for the same ticket, or the same show, in one day (UTC) without paying. */
  readonly unpaidPerDay: number;
}

/** What is to be ordered, as far as the limits are concerned. */
export interface Request {
  /** The buyer, as far as the limits tell people apart: see `countedBy`. */
  readonly by: string;
  /** The ticket or the show. */
  readonly of: string;
  /** How many tickets of the show. */
  readonly quantity: number;
  /** How many tickets of the show one person may have; null for any number. */
  readonly perPerson: number | null;
  readonly isFree: boolean;
  readonly now: Date;
}

/** A show may allow more, but nobody can have more: all the slots of a person are looked at in one query. */
const mostPerPerson = 1_000;

export const personSlot = (showId: string, by: string, number: number) => `show:${showId}:${by}:${number}`;
export const liveSlot = (by: string, number: number) => `live:${by}:${number}`;
export const todaySlot = (of: string, by: string, day: string, number: number) => `unpaid:${of}:${by}:${day}:${number}`;

/** The slots that limit a request. */
export function slotsFor({ by, of, perPerson, isFree, now }: Request, limits: Limits): string[] {
  const day = dayOf(now);
  return [
    ...numbers(mostFor(perPerson)).map((number) => personSlot(of, by, number)),
    ...(isFree ? [] : numbers(limits.liveOrders).map((number) => liveSlot(by, number))),
    ...(isFree ? [] : numbers(limits.unpaidPerDay).map((number) => todaySlot(of, by, day, number))),
  ];
}

/**
 * Random free places: most people have few orders, so the first choice usually is free, and nothing has to be read.
 *
 * @throws Problem 409 `limit-reached`
 */
export function placesFor(request: Request, limits: Limits, taken: ReadonlySet<string>): Places {
  const { by, of, quantity, perPerson, isFree, now } = request;
  const day = dayOf(now);
  const free = (most: number, slot: (number: number) => string) =>
    shuffled(numbers(most).filter((number) => !taken.has(slot(number))));
  const person = free(mostFor(perPerson), (number) => personSlot(of, by, number)).slice(0, quantity);
  if (perPerson !== null && person.length < quantity) {
    throw limitReached(`One person may have at most ${tickets(mostFor(perPerson))} of this show.`);
  }
  if (isFree) return { by, person, live: null, today: null };
  const [live = null] = free(limits.liveOrders, (number) => liveSlot(by, number));
  if (limits.liveOrders > 0 && live === null) {
    throw limitReached(`You already have ${limits.liveOrders} orders to pay. Pay or cancel one of them first.`);
  }
  const [number] = free(limits.unpaidPerDay, (it) => todaySlot(of, by, day, it));
  if (limits.unpaidPerDay > 0 && number === undefined) {
    throw limitReached(`You have reserved this ${limits.unpaidPerDay} times today without paying. Try again tomorrow.`);
  }
  return { by, person, live, today: number === undefined ? null : { day, number } };
}

export const limitReached = (detail: string) => problem('limit-reached', detail);

export const tickets = (count: number): string => (count === 1 ? '1 ticket' : `${count} tickets`);

const mostFor = (perPerson: number | null): number => Math.min(perPerson ?? 0, mostPerPerson);
const numbers = (most: number): number[] => Array.from({ length: most }, (_, index) => index + 1);
const dayOf = (now: Date): string => now.toISOString().slice(0, 10);

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ item }) => item);
}
