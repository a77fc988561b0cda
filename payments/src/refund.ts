import { type Order, type OrderedTicket, owedFor, ticketsOf } from '@box-office/common/contracts/orders';
import { PaymentRefundFailed, PaymentRefundPostponed } from '@box-office/common/contracts/payments';
import { notFound, type Problem, problem } from '@box-office/common/problem';
import { isTheirs, type SignedInUser } from '@box-office/common/signed-in-user';
import { type Change, changed, unchanged } from '@box-office/common/store/change';
import { leftToRefund, withTicketRefund } from './owed.ts';
import { refundedTickets } from './part-refund.ts';
import { type IntentView, observe, type Payment } from './payment.ts';
import { withoutWaiting } from './postponed.ts';

/** Only the seller may refund an order. Orders stored before the field existed have no seller. */
export function mustBeSeller(order: Order | null, user: SignedInUser): Order {
  if (!order) throw notFound('There is no such order.');
  if (!isTheirs(user, order.sellerId)) throw problem('not-your-sale', 'Only the seller of the ticket can refund it.');
  return order;
}

/** The tickets of an order with these ids. */
export function ticketsIn(order: Order, ids: readonly string[]): OrderedTicket[] {
  const found = ticketsOf(order).filter(({ id }) => ids.includes(id));
  if (found.length < new Set(ids).size) throw notFound('The order has no such ticket.');
  return found;
}

/** Requests a refund of all that is left, unless one was already requested or made, by us or in Stripe's dashboard. */
export function wantRefund(payment: Payment, now: Date): Change<Payment> {
  if (payment.status === 'refunded' || payment.refundWanted) return unchanged(payment);
  if (payment.status !== 'captured') throw notCaptured();
  return changed({ ...payment, refundWanted: true, since: now.toISOString() });
}

/**
 * Takes over the current state of the intent, of which all that is left is about to be refunded, and stores that as
 * requested: for a cancelled order, nobody has. Otherwise a refund that is not made at once would be forgotten.
 */
export function observeToRefund(payment: Payment, intent: IntentView, now: Date): Change<Payment> {
  const seen = observe(payment, intent, now);
  if (seen.next.status !== 'captured' || seen.next.refundWanted) return seen;
  return { ...seen, next: { ...seen.next, refundWanted: true, since: now.toISOString() }, changed: true };
}

/** Requests a refund of a part, once per id. */
export function wantPartRefund(payment: Payment, part: { id: string; amount: number }, now: Date): Change<Payment> {
  if (payment.partRefunds.some(({ id }) => id === part.id)) return unchanged(payment);
  if (payment.status !== 'captured' && payment.status !== 'refunded') throw notCaptured();
  // A request for all that is left comes last.
  const left = payment.refundWanted ? 0 : leftToRefund(payment);
  if (part.amount > left) throw tooLarge(left);
  const fresh = { made: false, ticketId: null, owed: false, failed: false, postponed: 0 };
  const partRefunds = [...payment.partRefunds, { ...part, ...fresh }];
  return changed({ ...payment, partRefunds, since: now.toISOString() });
}

/**
 * Requests a refund of each of these tickets, of what is owed for it or of what is left. None of one that was refunded
 * or is about to be, whoever requested that.
 */
export function wantTicketRefunds(payment: Payment, tickets: readonly OrderedTicket[], now: Date): Change<Payment> {
  if (payment.status === 'refunded' || payment.refundWanted) return unchanged(payment);
  if (payment.status !== 'captured') throw notCaptured();
  const paid = tickets.filter((ticket) => owedFor(ticket) > 0);
  if (paid.length === 0) throw tooLarge(0);
  const next = paid.filter(({ id }) => !isCovered(payment, id)).reduce(wantTicketRefund, payment);
  return next === payment ? unchanged(payment) : changed({ ...next, since: now.toISOString() });
}

function wantTicketRefund(payment: Payment, ticket: OrderedTicket): Payment {
  const left = leftToRefund(payment);
  if (left <= 0) throw tooLarge(0);
  return withTicketRefund(payment, { ticketId: ticket.id, amount: Math.min(owedFor(ticket), left), owed: false });
}

/** Whether a ticket was refunded by itself, or is about to be. */
const isCovered = ({ partRefunds }: Payment, id: string): boolean =>
  partRefunds.some(({ ticketId, failed }) => ticketId === id && !failed);

/** Whether each of these tickets is refunded: by itself, or with everything. */
export const areRefunded = (payment: Payment, tickets: readonly OrderedTicket[]): boolean =>
  payment.status === 'refunded' ||
  tickets.every((ticket) => owedFor(ticket) === 0 || refundedTickets(payment).includes(ticket.id));

/** Whether each of these tickets is refunded or about to be. */
export const areCovered = (payment: Payment, tickets: readonly OrderedTicket[]): boolean =>
  payment.status === 'refunded' ||
  payment.refundWanted ||
  tickets.every((ticket) => owedFor(ticket) === 0 || isCovered(payment, ticket.id));

function tooLarge(left: number): Problem {
  const rest = left > 0 ? `Only ${left} is left to refund` : 'Nothing is left to refund';
  return problem('refund-too-large', `${rest}, in the smallest unit of the currency.`);
}

/** Stripe refused the refund, for example because the buyer disputes the charge. The seller may request it again. */
export function dropRefund(payment: Payment): Change<Payment> {
  if (!payment.refundWanted) return unchanged(payment);
  const next = withoutWaiting({ ...payment, refundWanted: false });
  return changed(next, ...waitingNews(payment, next));
}

/** Stripe refused to refund a part. That a ticket which has ended was not refunded is remembered and announced. */
export function dropPartRefund(payment: Payment, partId: string, now: Date): Change<Payment> {
  const part = payment.partRefunds.find(({ id, made }) => id === partId && !made);
  if (!part) return unchanged(payment);
  const { ticketId, amount, owed } = part;
  const refused = ticketId === null ? [] : [{ ticketId, amount, final: owed }];
  const partRefunds = payment.partRefunds.filter((it) => it !== part);
  const next = withoutWaiting({
    ...payment,
    ...{ partRefunds, refusedTickets: [...payment.refusedTickets, ...refused] },
    since: owed ? now.toISOString() : payment.since,
  });
  return changed(next, ...(owed ? [PaymentRefundFailed] : waitingNews(payment, next)));
}

const waitingNews = (before: Payment, after: Payment) =>
  before.postponed && !after.postponed ? [PaymentRefundPostponed] : [];

export const notCaptured = () => problem('payment-not-captured', 'No money was captured for this order.');
