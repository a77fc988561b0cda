import type { EventContract } from '@box-office/common/contracts/event';
import * as expiration from '@box-office/common/contracts/expiration';
import * as orders from '@box-office/common/contracts/orders';
import * as payments from '@box-office/common/contracts/payments';
import * as tickets from '@box-office/common/contracts/tickets';
import { listeners as ofExpiration } from '@box-office/expiration/listeners';
import { listeners as ofOrders } from '@box-office/orders/listeners';
import { listeners as ofPayments } from '@box-office/payments/listeners';
import { listeners as ofTickets } from '@box-office/tickets/listeners';
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
