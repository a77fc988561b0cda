import { hasBegun } from '@box-office/common/contracts/begun';
import type { EventContract } from '@box-office/common/contracts/event';
import { mostPrice, priceFault } from '@box-office/common/contracts/money';
import { DisputeStatus } from '@box-office/common/contracts/payments';
import { Currency, Id, Instant, Price, Version } from '@box-office/common/contracts/primitives';
import {
  type TicketChanges,
  TicketCreated,
  type TicketDetails,
  type Ticket as TicketSnapshot,
  TicketUpdated,
  TicketWithdrawn,
} from '@box-office/common/contracts/tickets';
import { invalidRequest, problem } from '@box-office/common/problem';
import { type Change, changed, unchanged } from '@box-office/common/store/change';
import { z } from 'zod';

/** An order that is buying a sold ticket from its holder, or was cancelled. */
const Buying = z.object({ orderId: Id, attempt: z.int().positive(), version: Version, isLive: z.boolean() });

/**
 * The order that holds the ticket, or held it last. `(attempt, version)` is a fence: only a higher one is accepted, so
 * the late cancellation of an earlier order can never free a ticket that a later one holds.
 */
export const Hold = z.object({
  orderId: Id,
  attempt: z.int().positive(),
  version: Version,
  /** `offered` is what was sold and can be bought from its holder. */
  status: z.enum(['live', 'ended', 'sold', 'offered']),
  /** When the buyer was refunded; the ticket stays sold. */
  refundedAt: Instant.nullable().default(null),
  /** How much of the price, if anything. */
  refunded: Price.exactOptional(),
  refundFailedAt: Instant.exactOptional(),
  dispute: DisputeStatus.exactOptional(),
  /** Its attempt outranks that of the holder. */
  buying: Buying.exactOptional(),
});
export type Hold = z.infer<typeof Hold>;

export const Ticket = z.object({
  id: Id,
  version: Version,
  userId: z.string(),
  title: z.string(),
  price: Price,
  currency: Currency,
  venue: z.string().nullable(),
  startsAt: Instant.nullable(),
  /** Null in tickets stored before the field existed. */
  timeZone: z.string().nullable().default(null),
  withdrawn: z.boolean(),
  hold: Hold.nullable(),
});
export type Ticket = z.infer<typeof Ticket>;

const defaultCurrency: Currency = 'eur';

export function list(id: string, userId: string, details: TicketDetails, now: Date): Change<Ticket> {
  const { currency = defaultCurrency, ...rest } = details;
  mustNotHaveBegun(details, now);
  mustBePayable({ price: details.price, currency }, details);
  return changed({ id, version: 0, userId, ...rest, currency, withdrawn: false, hold: null }, TicketCreated);
}

/** Changes the given fields only. */
export function edit(ticket: Ticket, userId: string, changes: TicketChanges, now: Date): Change<Ticket> {
  mustBeSeller(ticket, userId);
  mustBeFree(ticket);
  if (ticket.withdrawn) throw problem('ticket-withdrawn', 'The ticket is withdrawn.');
  const next = { ...ticket, ...changes };
  mustNotHaveBegun(changes, now);
  mustBePayable(next, changes);
  return changed(next, TicketUpdated);
}

function mustNotHaveBegun(named: TicketChanges, now: Date): void {
  if (hasBegun(named, now)) throw invalidRequest([{ field: 'startsAt', message: 'must be in the future' }]);
}

/**
 * Without this check Stripe would refuse the price only after a buyer has reserved the ticket. Clients written before
 * tickets had a currency send none and may use units of their own, in which 15 is a price. They are still accepted,
 * because nobody can reserve a ticket whose price cannot be paid.
 */
function mustBePayable({ price, currency }: Pick<Ticket, 'price' | 'currency'>, named: Partial<TicketDetails>): void {
  if (named.price === undefined && named.currency === undefined) return;
  if (named.currency === undefined && currency === defaultCurrency && price <= mostPrice(currency)) return;
  const fault = priceFault(price, currency);
  if (fault) throw invalidRequest([{ field: 'price', message: fault }]);
}

export function withdraw(ticket: Ticket, userId: string): Change<Ticket> {
  mustBeSeller(ticket, userId);
  mustBeFree(ticket);
  if (ticket.withdrawn) return unchanged(ticket);
  return changed({ ...ticket, withdrawn: true }, TicketWithdrawn);
}

/**
 * Takes over what an order has announced: that it holds, released or bought the ticket. That is stored and not
 * announced: whoever needs to know follows the orders.
 */
export function follow(ticket: Ticket, news: Hold): Change<Ticket> {
  if (!isNewer(news, ticket.hold) || isSame(news, ticket.hold)) return unchanged(ticket);
  const next = { ...ticket, hold: after(ticket.hold, news) };
  // The order was made before orders received the withdrawal; announcing that again has the order cancelled.
  const tooLate = ticket.withdrawn && news.status === 'live';
  return tooLate ? changed(next, TicketWithdrawn) : changed(next);
}

/** A sold ticket stays its holder's until somebody else has bought it. Only an offer lets others try. */
function after(known: Hold | null, news: Hold): Hold {
  // Whatever a complete order announces later is a sale as well.
  const isSale = isSold(news) || !known || !isSold(known);
  if (isSale) return news;
  const { orderId, attempt, version } = news;
  const isLive = news.status === 'live';
  return { ...known, status: isLive ? 'sold' : 'offered', buying: { orderId, attempt, version, isLive } };
}

const isSold = ({ status }: Hold): boolean => status === 'sold' || status === 'offered';

export function snapshot(ticket: Ticket): TicketSnapshot {
  const { withdrawn: _, hold, timeZone, ...facts } = ticket;
  const { refundedAt, refunded, refundFailedAt, dispute } = hold && isSold(hold) ? hold : {};
  return {
    ...facts,
    ...(timeZone ? { timeZone } : {}),
    orderId: hold && hold.status !== 'ended' ? hold.orderId : null,
    state: stateOf(ticket),
    ...(hold?.status === 'offered' ? { offered: true as const } : {}),
    ...(refundedAt ? { refundedAt } : {}),
    ...(refunded ? { refunded } : {}),
    ...(refundFailedAt ? { refundFailedAt } : {}),
    ...(dispute ? { dispute } : {}),
  };
}

/**
 * A ticket as everyone may see it. Which order holds it is known only to the seller and the buyer, from their lists. To
 * others, one that its buyer offers is on sale, or reserved while somebody buys it.
 */
export function publicView(ticket: Ticket): TicketSnapshot {
  const { hold } = ticket;
  const isBeingBought = hold?.buying?.isLive === true;
  const state = hold?.status === 'offered' ? 'on-sale' : isBeingBought ? 'reserved' : stateOf(ticket);
  return { ...snapshot(ticket), orderId: null, state, ...(isBeingBought ? { offered: true as const } : {}) };
}

/** A withdrawn ticket is announced as withdrawn, because orders cancel on that event what was reserved concurrently. */
export function current(ticket: Ticket): readonly EventContract[] {
  if (stateOf(ticket) === 'withdrawn') return [TicketWithdrawn];
  return [ticket.version === 0 ? TicketCreated : TicketUpdated];
}

function stateOf({ hold, withdrawn }: Ticket): TicketSnapshot['state'] {
  if (hold && isSold(hold)) return 'sold';
  if (withdrawn) return 'withdrawn';
  return hold?.status === 'live' ? 'reserved' : 'on-sale';
}

/**
 * Whether an event of the order that is known already changes nothing here: an order that is being paid holds the
 * ticket as it did before. Its version need not be stored: no earlier event of the order can say anything else.
 */
const isSame = (news: Hold, known: Hold | null): boolean =>
  known?.buying?.orderId === news.orderId
    ? known.buying.isLive === (news.status === 'live') && !isSold(news)
    : isSameHold(news, known);

const isSameHold = (news: Hold, known: Hold | null): boolean =>
  news.orderId === known?.orderId &&
  news.attempt === known.attempt &&
  news.status === known.status &&
  news.refundedAt === known.refundedAt &&
  news.refunded === known.refunded &&
  news.refundFailedAt === known.refundFailedAt &&
  news.dispute === known.dispute;

function isNewer(news: Hold, known: Hold | null): boolean {
  if (!known) return true;
  const last = known.buying ?? known;
  return news.attempt > last.attempt || (news.attempt === last.attempt && news.version > last.version);
}

function mustBeSeller(ticket: Ticket, userId: string): void {
  if (ticket.userId !== userId) throw problem('not-your-ticket', 'Only the seller can change a ticket.');
}

function mustBeFree(ticket: Ticket): void {
  if (ticket.hold && ticket.hold.status !== 'ended') {
    throw problem('ticket-reserved', 'The ticket is reserved or sold, so it cannot be changed.');
  }
}
