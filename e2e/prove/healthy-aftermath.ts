import type { Order, OrderedTicket } from '@box-office/common/contracts/orders';
import type { Payment } from '@box-office/common/contracts/payments';
import { check } from './checker.ts';
import type { Evidence } from './evidence.ts';
import {
  at,
  command,
  healthy,
  intent,
  knownTicket,
  orderSays,
  payment,
  says,
  second,
  show,
  ticket,
} from './healthy-evidence.ts';
import { withMails } from './healthy-mails.ts';
import type { Intent, MadeRefund } from './stripe-side.ts';

/** What may happen to tickets after they were sold: one was sold again, and a show was cancelled. */

const when = (seconds: number) => new Date(at(seconds)).toISOString();
const one = (over: Partial<OrderedTicket> & { offeredAt?: string }): OrderedTicket[] => [
  { id: 'ticket-1', attempt: 1, price: 1500, ...over },
];
const sale = { currency: 'eur', total: 1500 } as const;

/** Bought the ticket, offered it, took it back, offered it again, and lost it to the next. */
export const seller: Order = {
  ...second,
  ...sale,
  id: 'order-2',
  version: 7,
  attempt: 3,
  refunded: 1500,
  refundedAt: when(41),
  tickets: one({ attempt: 3, ended: 'resold', refundedAt: when(41) }),
};
export const buyer: Order = {
  ...second,
  ...sale,
  id: 'order-5',
  userId: 'next',
  attempt: 4,
  tickets: one({ attempt: 4 }),
};
/** Had reserved it before, and did not pay. */
export const waverer: Order = {
  ...second,
  ...sale,
  id: 'order-4',
  version: 1,
  userId: 'waverer',
  status: 'cancelled',
  reason: 'buyer',
  attempt: 2,
  tickets: one({ attempt: 2 }),
};

const unit = { id: 'unit-1', attempt: 1, price: 2000, kindId: 'kind-1', kind: 'Standing' };
/** Of the cancelled show. */
export const lost: Order = {
  ...second,
  id: 'order-6',
  version: 4,
  refunded: 2000,
  refundedAt: when(51),
  ticket: { id: 'unit-1', title: 'Night 1', price: 2000, currency: 'eur' },
  attempt: 1,
  showId: 'show-1',
  tickets: [{ ...unit, ended: 'show-cancelled', refundedAt: when(51) }],
  total: 2000,
  currency: 'eur',
};

export const refundOf = (ticketId: string, amount: number, over: Partial<MadeRefund> = {}): MadeRefund => ({
  ...{ amount, status: 'succeeded', isUndecided: false, createdMs: at(40) },
  ...{ refundId: `ticket:${ticketId}`, ticketId },
  ...over,
});
const paymentOf = ({ id, userId, refunded = 0, total = 0 }: Order): Payment => ({
  ...payment,
  ...{ id, orderId: id, userId, amount: total, stripeId: `pi_${id}`, refunded },
  status: refunded > 0 && refunded === total ? 'refunded' : 'captured',
});
export const intentOf = ({ id, refunded = 0, total = 0 }: Order, refunds: readonly MadeRefund[]): Intent => ({
  ...intent,
  ...{ id: `pi_${id}`, orderId: id, amount: total, received: total, refunded, refunds },
});
const orders = [seller, waverer, buyer, lost];
export const intents = [
  intentOf(seller, [refundOf('ticket-1', 1500)]),
  intentOf(buyer, []),
  intentOf(lost, [refundOf('unit-1', 2000, { createdMs: at(51) })]),
];

const offered = { status: 'complete', tickets: one({ offeredAt: when(20) }) } as const;
const still = { tickets: one({}) };
export const announcements = [
  says('tickets', 'ticket.created', 'ticket-1', 0, 0),
  says('tickets', 'ticket.updated', 'ticket-1', 1, 0.5),
  says('tickets', 'show.prepared', 'show-1', 0, 1),
  says('tickets', 'show.cancelled', 'show-1', 1, 50),
  orderSays('order.created', seller, 0, 2, { ...still, status: 'created' }),
  orderSays('order.awaiting-payment', seller, 1, 3, { ...still, status: 'awaiting:payment' }),
  orderSays('order.completed', seller, 2, 4, still),
  orderSays('order.offered', seller, 3, 20, offered),
  orderSays('order.created', waverer, 0, 21, { status: 'created' }),
  orderSays('order.cancelled', waverer, 1, 22),
  orderSays('order.offered', seller, 4, 23, { tickets: one({ attempt: 3, offeredAt: when(20) }) }),
  orderSays('order.created', buyer, 0, 30, { status: 'created' }),
  orderSays('order.awaiting-payment', buyer, 1, 31, { status: 'awaiting:payment' }),
  orderSays('order.completed', buyer, 2, 39),
  orderSays('order.tickets-ended', seller, 5, 40, { tickets: one({ attempt: 3, ended: 'resold' }) }),
  orderSays('order.partly-refunded', seller, 6, 41),
  orderSays('order.refunded', seller, 7, 41),
  orderSays('order.created', lost, 0, 5, { status: 'created', tickets: [unit] }),
  orderSays('order.awaiting-payment', lost, 1, 6, { status: 'awaiting:payment', tickets: [unit] }),
  orderSays('order.completed', lost, 2, 7, { tickets: [unit] }),
  orderSays('order.tickets-ended', lost, 3, 51, { tickets: [{ ...unit, ended: 'show-cancelled' }] }),
  orderSays('order.refunded', lost, 4, 52),
  ...[seller, buyer, lost].map(({ id }) => says('payments', 'payment.captured', id, 2, 8)),
  ...[seller, lost].map(({ id }) => says('payments', 'payment.refunded', id, 3, 52)),
];
const cancelledShow = { ...show, state: 'cancelled' as const };
const made = { status: 201 };
export const healthyAftermath: Evidence = {
  ...healthy,
  tickets: [{ ...ticket, orderId: 'order-5' }],
  knownTickets: [knownTicket],
  shows: [cancelledShow],
  knownShows: [cancelledShow],
  units: [
    {
      id: 'unit-1',
      showId: 'show-1',
      kindId: 'kind-1',
      state: 'sold',
      hold: { orderId: 'order-6', refundedAt: when(51) },
    },
  ],
  orders,
  payableOrders: orders,
  payments: [seller, buyer, lost].map(paymentOf),
  intents,
  announcements,
  commands: [
    ...healthy.commands.filter(({ path, method }) => path !== '/api/orders' || method !== 'POST'),
    command(20, { userId: 'buyer', answer: { ...made, body: { id: 'order-2' } } }),
    command(21, { userId: 'waverer', answer: { ...made, body: { id: 'order-4' } } }),
    command(22, { userId: 'next', answer: { ...made, body: { id: 'order-5' } } }),
    command(23, {
      body: { showId: 'show-1', lines: [{ kindId: 'kind-1', quantity: 1 }] },
      answer: { ...made, body: { id: 'order-6' } },
    }),
  ],
};

export const brokenAfterwards = (over: Partial<Evidence>) =>
  check(withMails({ ...healthyAftermath, ...over }, over))
    .filter(({ violations }) => violations.length > 0)
    .map(({ invariant }) => invariant);
