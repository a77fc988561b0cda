import { isDeepStrictEqual } from 'node:util';
import {
  OrderCompleted,
  OrderDisputed,
  OrderPartlyRefunded,
  OrderRefunded,
  OrderRefundPostponed,
} from '@box-office/common/contracts/orders';
import type { Payment } from '@box-office/common/contracts/payments';
import { type Change, changed, unchanged } from '@box-office/common/store/change';
import type { Order, StoredTicket } from './order.ts';

/**
 * What became of the captured money, as payments has announced it `at` that time: how much was refunded so far and for
 * which tickets, which is less than before if a bank has taken a refund back, whether more waits to be refunded, and
 * whether it is disputed. It reopens
 * nothing: the order keeps its status. An order that has not received the capture yet is completed here too.
 */
export function recordMoney(order: Order, payment: Payment, at: string): Change<Order> {
  // Announcements of one payment may arrive in any order, and each carries everything.
  if (payment.version <= (order.paymentVersion ?? -1)) return unchanged(order);
  const refund = refundIn(order, payment, at);
  const tickets = saysTickets(order, payment)
    ? (order.tickets?.map((ticket) => ticketAfter(ticket, payment, at)) ?? null)
    : order.tickets;
  const dispute = payment.dispute === undefined ? order.dispute : payment.dispute;
  const isRefund = refund !== undefined || !isDeepStrictEqual(tickets, order.tickets);
  const isDisputed = !isDeepStrictEqual(dispute, order.dispute);
  const awaitsBalanceSince = payment.awaitsBalanceSince ?? null;
  const isWaiting = awaitsBalanceSince !== order.awaitsBalanceSince;
  const paymentVersion = payment.version;
  const next = { ...order, ...refund, tickets, dispute, awaitsBalanceSince, paymentVersion };
  // Stored although it says nothing new: older announcements that are still to come must not pass for newer ones.
  if (!isRefund && !isDisputed && !isWaiting) return changed(next);
  const refundEvents = isRefund ? [next.refundedAt ? OrderRefunded : OrderPartlyRefunded] : [];
  const waitingEvents = isWaiting && !isRefund ? [OrderRefundPostponed] : [];
  const events = [...refundEvents, ...waitingEvents, ...(isDisputed ? [OrderDisputed] : [])];
  if (order.status === 'complete' || order.status === 'cancelled') return changed(next, ...events);
  return changed({ ...next, status: 'complete' }, OrderCompleted, ...events);
}

/** Undefined if that is known. */
function refundIn(
  order: Order,
  payment: Payment,
  at: string,
): Pick<Order, 'refunded' | 'refundedAt' | 'partlyRefundedAt' | 'refundFailedAt'> | undefined {
  const isWhole = payment.status === 'refunded';
  const refunded = isWhole ? order.price : (payment.refunded ?? 0);
  const isKnown = isWhole ? order.refundedAt !== null : refunded === order.refunded && order.refundedAt === null;
  if (isKnown) return undefined;
  const isTakenBack = refunded < refundedBefore(order);
  return {
    refunded,
    refundedAt: isWhole ? at : null,
    partlyRefundedAt: isWhole ? partBefore(order) : at,
    refundFailedAt: isTakenBack ? at : null,
  };
}

/** When a part was refunded that did not need to be refunded with the rest. */
const partBefore = ({ refunded, partlyRefundedAt }: Order): string | null => (refunded > 0 ? partlyRefundedAt : null);

/** Orders of earlier releases have only the time. */
const refundedBefore = ({ refundedAt, refunded, price }: Order): number => (refundedAt ? price : refunded);

/**
 * Whether it says which tickets were refunded. Payments of a release that does not know of single tickets leave both
 * lists out, as a later one does while none was to be refunded by itself; then what is known stays, unless money came
 * back from the buyer. A list that is there but empty is an answer, too.
 */
function saysTickets(order: Order, { status, refunded, refundedTickets, refundFailedTickets }: Payment): boolean {
  if (status === 'refunded' || refundedTickets !== undefined || refundFailedTickets !== undefined) return true;
  return (refunded ?? 0) < refundedBefore(order);
}

function ticketAfter(ticket: StoredTicket, payment: Payment, at: string): StoredTicket {
  const { status, refundedTickets = [], refundFailedTickets = [] } = payment;
  const isRefunded = status === 'refunded' || refundedTickets.includes(ticket.id);
  const isFailed = !isRefunded && refundFailedTickets.includes(ticket.id);
  return {
    ...ticket,
    refundedAt: isRefunded ? (ticket.refundedAt ?? at) : null,
    refundFailedAt: isFailed ? (ticket.refundFailedAt ?? at) : null,
  };
}
