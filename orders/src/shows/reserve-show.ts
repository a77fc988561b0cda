import { hasBegun } from '@box-office/common/contracts/begun';
import { mostPrice, showPrice } from '@box-office/common/contracts/money';
import type { Kind, Show } from '@box-office/common/contracts/shows';
import { notFound, type Problem, problem } from '@box-office/common/problem';
import type { Change } from '@box-office/common/store/change';
import { begin, freshTicket, type Order, type StoredTicket } from '../order.ts';
import type { Places } from '../places.ts';
import { limitReached, tickets } from '../places.ts';
import { deadline, mustBePayable, showOver } from '../reserve.ts';
import type { Left, Unit } from './show-units.ts';

/** How many tickets of each kind, by the ids of the kinds. */
export type Wanted = ReadonlyMap<string, number>;

/** Checks everything that does not depend on what others hold. */
export function mustBeForSale(show: Show | null, wanted: Wanted, userId: string, now: Date): Show {
  if (!show) throw notFound('There is no such show.');
  if (show.userId === userId) throw problem('own-ticket', 'This is your own show.');
  if (show.state === 'cancelled') throw problem('not-on-sale', 'The show is cancelled.');
  if (hasBegun(show, now)) throw showOver();
  if (show.state !== 'on-sale') throw problem('not-on-sale', 'The show is not on sale at the moment.');
  for (const [kindId, quantity] of wanted) mustBeSold(kindOf(show, kindId), quantity, now);
  mustNotCostTooMuch(show, wanted);
  mustBePayable({ price: totalOf(show, wanted), currency: show.currency });
  return show;
}

/** Tickets that can be paid one by one may together cost more than Stripe takes in one payment. */
function mustNotCostTooMuch(show: Show, wanted: Wanted): void {
  const most = mostPrice(show.currency);
  const isEachPayable = [...wanted.keys()].every((kindId) => kindOf(show, kindId).price <= most);
  if (totalOf(show, wanted) <= most || !isEachPayable) return;
  const detail = `One order may cost at most ${showPrice(most, show.currency)}. Choose fewer tickets.`;
  throw problem('price-not-payable', detail);
}

function mustBeSold({ name, salesFrom, salesUntil, maxPerOrder }: Kind, quantity: number, now: Date): void {
  if (salesFrom && now.getTime() < Date.parse(salesFrom)) {
    throw problem('not-on-sale', `“${name}” is not on sale yet.`);
  }
  if (salesUntil && now.getTime() >= Date.parse(salesUntil)) {
    throw problem('not-on-sale', `“${name}” is no longer on sale.`);
  }
  if (maxPerOrder && quantity > maxPerOrder) {
    throw limitReached(`An order may have at most ${tickets(maxPerOrder)} of “${name}”.`);
  }
}

export const totalOf = (show: Show, wanted: Wanted): number =>
  [...wanted].reduce((total, [kindId, quantity]) => total + kindOf(show, kindId).price * quantity, 0);

function kindOf(show: Show, kindId: string): Kind {
  const kind = show.kinds.find(({ id }) => id === kindId);
  if (!kind) throw notFound('The show has no such kind of tickets.');
  return kind;
}

export interface ShowReservation {
  readonly id: string;
  readonly userId: string;
  readonly show: Show;
  readonly units: readonly Unit[];
  readonly places: Places;
  readonly now: Date;
  readonly windowMs: number;
}

/**
 * Reserves tickets of a show that nobody is known to hold, all or none. Of two orders with the same ticket the unique
 * index lets one through.
 *
 * @throws RangeError if there are no units
 */
export function reserveUnits({ id, userId, show, units, places, now, windowMs }: ShowReservation): Change<Order> {
  const ordered = units.map((unit) => ticketOf(show, unit));
  const [first] = ordered;
  if (!first) throw new RangeError('an order has at least one ticket');
  const ends = units.flatMap(({ kindId }) => kindOf(show, kindId).salesUntil ?? []);
  return begin({
    id,
    userId,
    sellerId: show.userId,
    expiresAt: deadline([show.startsAt, ...ends], now, windowMs),
    ticketId: first.id,
    attempt: first.attempt,
    title: show.title,
    price: ordered.reduce((total, { price }) => total + price, 0),
    currency: show.currency,
    venue: show.venue.name,
    startsAt: show.startsAt,
    timeZone: show.timeZone,
    tickets: ordered,
    showId: show.id,
    places,
  });
}

function ticketOf(show: Show, { id, kindId, number, attempt }: Unit): StoredTicket {
  const { name, price, seats } = kindOf(show, kindId);
  return { id, attempt, price, kindId, kind: name, number, seat: seats?.[number - 1] ?? null, ...freshTicket };
}

/** None of the tickets is held for the buyer, because of at least one kind there are too few. */
export function soldOut(show: Show, wanted: Wanted, left: readonly Left[]): Problem {
  const short = left.filter((it) => it.left < (wanted.get(it.kindId) ?? 0));
  const words = short.map((it) => {
    const { name } = kindOf(show, it.kindId);
    return it.left === 0 ? `“${name}” is sold out.` : `Only ${tickets(it.left)} of “${name}” left.`;
  });
  return problem('sold-out', words.join(' '), { extensions: { left } });
}

export const seatTaken = (seats: readonly string[]): Problem =>
  problem(
    'seat-taken',
    seats.length === 1 ? 'Somebody else has this seat.' : 'Somebody else has some of these seats.',
    {
      extensions: { seats },
    },
  );
