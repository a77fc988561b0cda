import { listeners as expiration } from '../../../expiration/src/listeners.ts';
import { listeners as orders } from '../../../orders/src/listeners.ts';
import { listeners as payments } from '../../../payments/src/listeners.ts';
import { listeners as tickets } from '../../../tickets/src/listeners.ts';
import type { EventContract } from '../contracts/event.ts';
import * as expirationContracts from '../contracts/expiration.ts';
import * as orderContracts from '../contracts/orders.ts';
import * as paymentContracts from '../contracts/payments.ts';
import * as ticketContracts from '../contracts/tickets.ts';
import type { Listener } from '../messaging/listener.ts';
import { withStandIns } from './stand-in.ts';

/** Every event of the platform, whoever announces it. */
export const events: readonly EventContract[] = [
  ...eventsIn(ticketContracts),
  ...eventsIn(orderContracts),
  ...eventsIn(paymentContracts),
  ...eventsIn(expirationContracts),
];

/** What each service hears, from its own list; the handlers are never called. */
const heardBy: ReadonlyMap<string, readonly Listener[]> = new Map([
  ['tickets', withStandIns(tickets)],
  ['orders', withStandIns(orders)],
  ['payments', withStandIns(payments)],
  ['expiration', withStandIns(expiration)],
]);

/** The services that hear an event. */
export function listenersOf({ type }: EventContract): string[] {
  return [...heardBy]
    .filter(([, listeners]) => listeners.some(({ contract }) => contract.type === type))
    .map(([service]) => service);
}

/** The events that a service hears. */
export function heardIn(service: string): EventContract[] {
  return events.filter((event) => listenersOf(event).includes(service));
}

function eventsIn(contracts: object): EventContract[] {
  return Object.values(contracts).filter(isEvent);
}

function isEvent(value: unknown): value is EventContract {
  return typeof value === 'object' && value !== null && 'announcedBy' in value && 'type' in value;
}
