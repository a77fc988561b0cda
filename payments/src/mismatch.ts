import type { Order } from '@box-office/common/contracts/orders';
import { endedTickets } from './owed.ts';
import { refundFailedTickets } from './part-refund.ts';
import type { Payment } from './payment.ts';

/** How a payment and its order can disagree about money. */
export const mismatches = ['money-without-sale', 'sale-without-money', 'refund-failed'] as const;
export type Mismatch = (typeof mismatches)[number];

/** How an ended payment disagrees with its order, if it does; the audit (ops/audit) compares both with Stripe too. */
export function mismatch(payment: Payment, order: Order | null): Mismatch | undefined {
  const { status, refundWanted, failedRefunds, dispute } = payment;
  const isSold = order?.status === 'complete';
  if ((status === 'failed' || status === 'voided') && isSold) return 'sale-without-money';
  // A refund that is still to be made counts as an open payment.
  if (status !== 'captured' || refundWanted) return undefined;
  if (!isSold && failedRefunds === 0) return 'money-without-sale';
  // Nobody makes it again by itself, but after a lost dispute the buyer has the money.
  const isOwed = !isSold || hasFailedRefund(payment, order);
  return isOwed && dispute?.status !== 'lost' ? 'refund-failed' : undefined;
}

/** Whether a ticket has ended whose refund Stripe has refused or a bank has returned. */
function hasFailedRefund(payment: Payment, order: Order): boolean {
  const failed = refundFailedTickets(payment);
  return endedTickets(order).some(({ id }) => failed.includes(id));
}
