import { type Order, ticketsOf, totalOf } from '@box-office/common/contracts/orders';
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
    [labels.tickets, ticketLines(order)],
    [labels.total, totalOf(order) === 0 ? labels.free : money(totalOf(order), currency)],
    [labels.orderNumber, order.id],
  ];
}

export function placesOf(order: Order, before: Place, after: Place, { time }: Formats, labels: Labels): Details {
  return [
    [labels.event, order.ticket.title],
    [labels.newTime, time(after.startsAt, after.timeZone)],
    [labels.newVenue, after.venue],
    [labels.before, `${time(before.startsAt, before.timeZone)}, ${before.venue}`],
    [labels.tickets, ticketLines(order)],
    [labels.orderNumber, order.id],
  ];
}

/** Such as `2 × Stalls, Balcony (A 12)`. */
function ticketLines(order: Order): string {
  const names = ticketsOf(order).map(({ kind, seat }) => `${kind ?? 'Ticket'}${seat ? ` (${seat})` : ''}`);
  const same = Map.groupBy(names, (name) => name);
  return [...same].map(([name, { length }]) => (length > 1 ? `${length} × ${name}` : name)).join(', ');
}

/** How much of an order was refunded, and how much was paid. */
export function refundOf(order: Order, { money }: Formats): { refunded: string; total: string } {
  const { currency } = order.ticket;
  return { refunded: money(order.refunded ?? 0, currency), total: money(totalOf(order), currency) };
}
