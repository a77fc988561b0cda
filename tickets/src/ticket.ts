import { hasBegun } from '@box-office/common/contracts/begun';
import type { EventContract } from '@box-office/common/contracts/event';
import { priceFault } from '@box-office/common/contracts/money';
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

/**
 * What the ticket knows of the order that holds it, or held it last. `(attempt, version)` is the fence: only news with a higher one counts,
 * so the late cancel of an earlier order can never free a later one's ticket.
 */
export const Hold = z.object({
  orderId: Id,
  attempt: z.int().positive(),
  version: Version,
  status: z.enum(['live', 'ended', 'sold']),
  /** When the buyer got the money back; the ticket stays sold. */
  refundedAt: Instant.nullable().default(null),
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
  /** None in what was stored before tickets had one. */
  timeZone: z.string().nullable().default(null),
  withdrawn: z.boolean(),
  hold: Hold.nullable(),
});
export type Ticket = z.infer<typeof Ticket>;

const defaultCurrency: Currency = 'eur';

export function list(id: string, userId: string, details: TicketDetails, now: Date): Change<Ticket> {
  const { currency = defaultCurrency, ...rest } = details;
  mustBeToCome(details, now);
  mustBePayable({ price: details.price, currency }, details);
  return changed({ id, version: 0, userId, ...rest, currency, withdrawn: false, hold: null }, TicketCreated);
}

/** Changes what is named, and leaves the rest as it is. */
export function edit(ticket: Ticket, userId: string, changes: TicketChanges, now: Date): Change<Ticket> {
  mustBeSeller(ticket, userId);
  mustBeFree(ticket);
  if (ticket.withdrawn) throw problem('ticket-withdrawn', 'The ticket is withdrawn.');
  const next = { ...ticket, ...changes };
  mustBeToCome(changes, now);
  mustBePayable(next, changes);
  return changed(next, TicketUpdated);
}

function mustBeToCome(named: TicketChanges, now: Date): void {
  if (hasBegun(named, now)) throw invalidRequest([{ field: 'startsAt', message: 'must be in the future' }]);
}

/**
 * Stripe would refuse such a price only once a buyer has waited. Programs from before tickets had a currency name none and count in units of their own:
 * they may go on, because nobody can reserve a ticket whose price cannot be paid.
 */
function mustBePayable({ price, currency }: Pick<Ticket, 'price' | 'currency'>, named: Partial<TicketDetails>): void {
  if (named.price === undefined && named.currency === undefined) return;
  if (named.currency === undefined && currency === defaultCurrency) return;
  const fault = priceFault(price, currency);
  if (fault) throw invalidRequest([{ field: 'price', message: fault }]);
}

export function withdraw(ticket: Ticket, userId: string): Change<Ticket> {
  mustBeSeller(ticket, userId);
  mustBeFree(ticket);
  if (ticket.withdrawn) return unchanged(ticket);
  return changed({ ...ticket, withdrawn: true }, TicketWithdrawn);
}

/** An order says that it took, ended or bought the ticket. */
export function follow(ticket: Ticket, hold: Hold): Change<Ticket> {
  if (!isNewer(hold, ticket.hold)) return unchanged(ticket);
  // An order that reaches a withdrawn ticket was made before orders heard of it: saying so again has it cancelled there.
  const tooLate = ticket.withdrawn && hold.status === 'live';
  return changed({ ...ticket, hold }, tooLate ? TicketWithdrawn : TicketUpdated);
}

export function snapshot(ticket: Ticket): TicketSnapshot {
  const { withdrawn: _, hold, timeZone, ...facts } = ticket;
  const refundedAt = hold?.status === 'sold' ? hold.refundedAt : null;
  return {
    ...facts,
    ...(timeZone ? { timeZone } : {}),
    orderId: hold && hold.status !== 'ended' ? hold.orderId : null,
    state: stateOf(ticket),
    ...(refundedAt ? { refundedAt } : {}),
  };
}

/** A withdrawal is told as one: orders cancel by it what they sold in the same moment. */
export function current(ticket: Ticket): readonly EventContract[] {
  if (stateOf(ticket) === 'withdrawn') return [TicketWithdrawn];
  return [ticket.version === 0 ? TicketCreated : TicketUpdated];
}

function stateOf({ hold, withdrawn }: Ticket): TicketSnapshot['state'] {
  if (hold?.status === 'sold') return 'sold';
  if (withdrawn) return 'withdrawn';
  return hold?.status === 'live' ? 'reserved' : 'on-sale';
}

function isNewer(news: Hold, known: Hold | null): boolean {
  if (!known) return true;
  return news.attempt > known.attempt || (news.attempt === known.attempt && news.version > known.version);
}

function mustBeSeller(ticket: Ticket, userId: string): void {
  if (ticket.userId !== userId) throw problem('not-your-ticket', 'Only its seller can change a ticket.');
}

function mustBeFree(ticket: Ticket): void {
  if (ticket.hold && ticket.hold.status !== 'ended') {
    throw problem('ticket-reserved', 'The ticket is reserved or sold, so it cannot be changed.');
  }
}
