import { mismatch } from './mismatch.ts';
import { authorized, captured, order, pending } from './payment-under-test.ts';

const complete = { ...order, status: 'complete' as const };
const cancelled = { ...order, status: 'cancelled' as const };
const ticketId = order.ticket.id;
/** Its show was cancelled. */
const show = { ...complete, tickets: [{ id: ticketId, attempt: 1, price: 1500, ended: 'show-cancelled' as const }] };
const other = { id: 'c'.repeat(24), attempt: 1, price: 500, ended: 'show-cancelled' as const };
const part = { id: `ticket:${ticketId}`, ticketId, amount: 1500, made: false, owed: true, failed: false, postponed: 0 };
const owed = { ...captured, partRefunds: [part] };
const refused = { ...captured, refusedTickets: [{ ticketId, amount: 1500, final: true }] };
const returned = { ...captured, partRefunds: [{ ...part, made: true, failed: true }] };

describe('a payment that has ended', () => {
  it.each([
    ['captured, of an order that is complete', captured, complete, undefined],
    ['captured, of an order that was cancelled', captured, cancelled, 'money-without-sale'],
    ['captured, of an order that nobody knows', captured, null, 'money-without-sale'],
    ['captured, and about to be refunded', { ...captured, refundWanted: true }, cancelled, undefined],
    ['captured, its refund refused by the bank', { ...captured, failedRefunds: 1 }, cancelled, 'refund-failed'],
    [
      'captured, its refund refused by the bank and requested again',
      { ...captured, failedRefunds: 1, refundWanted: true },
      cancelled,
      undefined,
    ],
    ['captured, of a ticket that has ended, with a refund to be made', owed, show, undefined],
    ['captured, of a ticket that has ended, with a refund that Stripe has refused', refused, show, 'refund-failed'],
    [
      'captured, of two tickets that have ended, one with a refund that Stripe has refused',
      refused,
      { ...show, tickets: [...show.tickets, other] },
      'refund-failed',
    ],
    ['captured, of a ticket that has ended, with a refund that the bank has returned', returned, show, 'refund-failed'],
    [
      'captured, of a ticket that has not ended, with a refund that the bank has returned',
      returned,
      complete,
      undefined,
    ],
    [
      'captured, of a ticket that has ended, with a failed refund and a lost dispute',
      { ...refused, dispute: { status: 'lost' as const, amount: 1500 } },
      show,
      undefined,
    ],
    ['refunded, of an order that was cancelled', { ...captured, status: 'refunded' as const }, cancelled, undefined],
    ['voided, of an order that was cancelled', { ...authorized, status: 'voided' as const }, cancelled, undefined],
    [
      'voided, of an order that is complete',
      { ...authorized, status: 'voided' as const },
      complete,
      'sale-without-money',
    ],
    ['failed, of an order that is complete', { ...pending, status: 'failed' as const }, complete, 'sale-without-money'],
    ['open, of an order that is complete', authorized, complete, undefined],
  ])('%s', (_, payment, its, what) => {
    expect(mismatch(payment, its)).toBe(what);
  });
});
