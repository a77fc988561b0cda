import type { Order } from '@box-office/common/contracts/orders';
import type { Payment } from '@box-office/common/contracts/payments';
import type { Show } from '@box-office/common/contracts/shows';
import type { Ticket } from '@box-office/common/contracts/tickets';
import { factsOf } from './announced-facts.ts';
import { check } from './checker.ts';
import type { Evidence, Unit } from './evidence.ts';
import { withMails } from './healthy-mails.ts';
import type { Command } from './history.ts';
import type { Announcement } from './observer.ts';
import type { Intent } from './stripe-side.ts';

const startMs = Date.parse('2030-01-01T12:00:00.000Z');
export const at = (seconds: number) => startMs + seconds * 1000;

export const ticket: Ticket = {
  id: 'ticket-1',
  version: 1,
  title: 'Seat 1',
  price: 1500,
  currency: 'eur',
  venue: null,
  startsAt: null,
  userId: 'seller',
  orderId: 'order-2',
  state: 'sold',
};
/** As it was announced last, before anybody held it. */
export const knownTicket: Ticket = { ...ticket, orderId: null, state: 'on-sale' };
const held = { id: 'ticket-1', title: 'Seat 1', price: 1500, currency: 'eur' } as Order['ticket'];
/** Expired; the ticket went to somebody else. */
export const first: Order = {
  id: 'order-1',
  version: 1,
  userId: 'slow',
  status: 'cancelled',
  reason: 'expired',
  expiresAt: new Date(at(10)).toISOString(),
  ticket: held,
  attempt: 1,
};
export const second: Order = {
  id: 'order-2',
  version: 2,
  userId: 'buyer',
  status: 'complete',
  expiresAt: new Date(at(30)).toISOString(),
  ticket: held,
  attempt: 2,
};
export const payment: Payment = {
  id: 'order-2',
  version: 2,
  orderId: 'order-2',
  userId: 'buyer',
  status: 'captured',
  amount: 1500,
  currency: 'eur',
  stripeId: 'pi_1',
};
export const intent: Intent = {
  id: 'pi_1',
  status: 'succeeded',
  amount: 1500,
  received: 1500,
  orderId: 'order-2',
  refunded: 0,
  refunds: [],
  dispute: null,
};

export const show: Show = {
  id: 'show-1',
  version: 1,
  userId: 'seller',
  state: 'on-sale',
  title: 'Night 1',
  venue: { name: 'Opera' },
  timeZone: 'Europe/Berlin',
  startsAt: new Date(at(3_600)).toISOString(),
  currency: 'eur',
  perPerson: 2,
  kinds: [{ id: 'kind-1', name: 'Standing', price: 0, quantity: 2, made: 2 }],
};
const unit = (number: number) => ({ id: `unit-${number}`, attempt: 1, price: 0, kindId: 'kind-1', kind: 'Standing' });
/** Two free tickets of a show. */
export const several: Order = {
  id: 'order-3',
  version: 0,
  userId: 'buyer',
  status: 'complete',
  expiresAt: new Date(at(60)).toISOString(),
  ticket: { id: 'unit-1', title: 'Night 1', price: 0, currency: 'eur' },
  attempt: 1,
  showId: 'show-1',
  tickets: [unit(1), unit(2)],
  total: 0,
  currency: 'eur',
};
export const units: Unit[] = [1, 2].map((number) => ({
  id: `unit-${number}`,
  showId: 'show-1',
  kindId: 'kind-1',
  state: 'sold' as const,
  hold: { orderId: 'order-3', refundedAt: null },
}));

export const says = (owner: string, type: string, id: string, version: number, seconds: number): Announcement => ({
  owner,
  type,
  id,
  version,
  timeMs: at(seconds),
  storedMs: at(seconds),
});
/** What an order announced, with these fields as they were then. */
export const orderSays = (
  type: string,
  order: Order,
  version: number,
  seconds: number,
  over: Partial<Order> = {},
): Announcement => ({
  ...says('orders', type, order.id, version, seconds),
  ...factsOf(type, { ...order, ...over, version }),
});
export const announcements: Announcement[] = [
  {
    ...says('tickets', 'ticket.created', 'ticket-1', 0, 0),
    ticket: { state: 'on-sale', orderId: null, details: 'Seat' },
  },
  {
    ...says('tickets', 'ticket.updated', 'ticket-1', 1, 0.5),
    ticket: { state: 'on-sale', orderId: null, details: 'Seat 1' },
  },
  orderSays('order.created', first, 0, 1, { status: 'created' }),
  orderSays('order.cancelled', first, 1, 10.2),
  orderSays('order.created', second, 0, 12, { status: 'created' }),
  orderSays('order.awaiting-payment', second, 1, 13, { status: 'awaiting:payment' }),
  says('payments', 'payment.authorized', 'order-2', 1, 13),
  says('payments', 'payment.captured', 'order-2', 2, 14),
  orderSays('order.completed', second, 2, 15),
  says('tickets', 'show.prepared', 'show-1', 0, 20),
  says('tickets', 'show.changed', 'show-1', 1, 21),
  orderSays('order.completed', several, 0, 22),
];
export const command = (number: number, over: Partial<Command>): Command => ({
  number,
  userId: 'buyer',
  method: 'POST',
  path: '/api/orders',
  body: { ticketId: 'ticket-1' },
  key: `key-${number}`,
  tries: [],
  ...over,
});
export const listing = command(0, {
  userId: 'seller',
  path: '/api/tickets',
  body: { title: 'Seat 1', price: 1500 },
  answer: { status: 201, body: { id: 'ticket-1', version: 0 } },
});
export const commands = [
  listing,
  command(1, { userId: 'slow', answer: { status: 201, body: { id: 'order-1' } } }),
  command(2, { answer: { status: 201, body: { id: 'order-2' } } }),
  command(6, { path: '/api/payments', body: { orderId: 'order-2' }, fresh: true, answer: { status: 201, body: {} } }),
  command(3, { userId: 'late', answer: { status: 409, body: {} } }),
  command(4, {
    path: '/api/tickets',
    body: { title: 'Free', price: 0.5 },
    wrong: { why: 'half a cent', refusals: [400], cell: 'POST /api/tickets as forger' },
    answer: { status: 400, body: {} },
  }),
  command(7, {
    userId: 'seller',
    path: '/api/shows',
    body: { title: 'Night 1' },
    answer: { status: 201, body: { id: 'show-1', version: 0 } },
  }),
  command(8, {
    body: { showId: 'show-1', lines: [{ kindId: 'kind-1', quantity: 2 }] },
    answer: { status: 201, body: { id: 'order-3' } },
  }),
  command(5, { method: 'GET', path: '/api/tickets', body: undefined, answer: { status: 200, body: [] } }),
];

export const healthy: Evidence = {
  tickets: [ticket],
  shows: [show],
  units,
  orders: [first, second, several],
  payments: [payment],
  entries: [],
  unannounced: [],
  refundsDue: [],
  knownTickets: [knownTicket],
  knownShows: [show],
  payableOrders: [first, second, several],
  intents: [intent],
  sales: new Map([['show-1', 0]]),
  mails: [],
  unsent: [],
  addresses: {},
  announcements,
  streamsLost: false,
  regressions: [],
  looks: 100,
  commands,
  cells: ['POST /api/tickets as forger'],
  commandsFromMs: 0,
  calm: true,
  replicas: 2,
  away: [],
  died: [],
};

export const broken = (over: Partial<Evidence>) =>
  check(withMails({ ...healthy, ...over }, over))
    .filter(({ violations }) => violations.length > 0)
    .map(({ invariant }) => invariant);
