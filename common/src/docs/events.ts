import { listeners as ofExpiration } from '../../../expiration/src/listeners.ts';
import { listeners as ofOrders } from '../../../orders/src/listeners.ts';
import { listeners as ofPayments } from '../../../payments/src/listeners.ts';
import { listeners as ofTickets } from '../../../tickets/src/listeners.ts';
import type { EventContract } from '../contracts/event.ts';
import * as expiration from '../contracts/expiration.ts';
import * as orders from '../contracts/orders.ts';
import * as payments from '../contracts/payments.ts';
import * as tickets from '../contracts/tickets.ts';
import { neverUsed } from './never-used.ts';

/** Every event, service by service. */
export const events: readonly EventContract[] = [tickets, orders, payments, expiration].flatMap((contracts) =>
  Object.values<unknown>(contracts).filter(isEvent),
);

function isEvent(value: unknown): value is EventContract {
  return typeof value === 'object' && value !== null && 'announcedBy' in value;
}

/** What each service hears, as its own list of listeners says. */
const heard = {
  tickets: ofTickets(neverUsed()),
  orders: ofOrders(neverUsed(), neverUsed(), () => new Date()),
  payments: ofPayments(neverUsed(), neverUsed()),
  expiration: ofExpiration(neverUsed()),
};

/** Which services listen to an event. */
export function hearersOf(event: EventContract): string[] {
  return Object.entries(heard)
    .filter(([, listeners]) => listeners.some(({ contract }) => contract === event))
    .map(([service]) => service);
}
