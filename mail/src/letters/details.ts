import { type Order, type OrderedTicket, ticketsOf, totalOf } from '@box-office/common/contracts/orders';
import { heldTickets, type MoneyBack, moneyBackFor } from '../held.ts';
import type { Place } from '../letter.ts';
import type { Formats } from './formats.ts';

export interface Labels {
  readonly event: string;
  readonly when: string;
  readonly where: string;
  readonly tickets: string;
  readonly total: string;
  readonly free: string;
  readonly orderNumber: string;
  readonly newTime: string;
  readonly newVenue: string;
  readonly before: string;
}

type Details = readonly (readonly [string, string])[];

/** What an order is for, as names and values. */
export function detailsOf(order: Order, { money, time }: Formats, labels: Labels): Details {
  const { title, venue, startsAt, timeZone, currency } = order.ticket;
  return [
    [labels.event, title],
    ...(startsAt ? [[labels.when, time(startsAt, timeZone)] as const] : []),
    ...(venue ? [[labels.where, venue] as const] : []),
    [labels.tickets, ticketLines(ticketsOf(order))],
    [labels.total, totalOf(order) === 0 ? labels.free : money(totalOf(order), currency)],
    [labels.orderNumber, order.id],
  ];
}

/** Names only the tickets that are still the buyer's: those that stay valid. */
export function placesOf(order: Order, before: Place, after: Place, { time }: Formats, labels: Labels): Details {
  return [
    [labels.event, order.ticket.title],
    [labels.newTime, time(after.startsAt, after.timeZone)],
    [labels.newVenue, after.venue],
    [labels.before, `${time(before.startsAt, before.timeZone)}, ${before.venue}`],
    [labels.tickets, ticketLines(heldTickets(order))],
    [labels.orderNumber, order.id],
  ];
}

/** Such as `2 × Stalls, Balcony (A 12)`. */
function ticketLines(tickets: readonly OrderedTicket[]): string {
  const names = tickets.map(({ kind, seat }) => `${kind ?? 'Ticket'}${seat ? ` (${seat})` : ''}`);
  const same = Map.groupBy(names, (name) => name);
  return [...same].map(([name, { length }]) => (length > 1 ? `${length} × ${name}` : name)).join(', ');
}

/** How much of an order was refunded, and how much was paid. */
export function refundOf(order: Order, { money }: Formats): { refunded: string; total: string } {
  const { currency } = order.ticket;
  return { refunded: money(order.refunded ?? 0, currency), total: money(totalOf(order), currency) };
}

/** What becomes of the money for tickets that have ended; nothing is said of free ones. */
export function moneyBack(order: Order, ticketIds: readonly string[], words: Record<MoneyBack, string>): string[] {
  const what = moneyBackFor(order, ticketIds);
  return what ? [words[what]] : [];
}
