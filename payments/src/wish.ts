import type { Order } from '@box-office/common/contracts/orders';
import type { NewRefund } from '@box-office/common/contracts/payments';
import type { Change } from '@box-office/common/store/change';
import type { z } from 'zod';
import type { Payment } from './payment.ts';
import { areCovered, areRefunded, ticketsIn, wantPartRefund, wantRefund, wantTicketRefunds } from './refund.ts';

/** What a seller wants refunded. */
export interface Wish {
  readonly want: (payment: Payment) => Change<Payment>;
  readonly isMade: (payment: Payment) => boolean;
  /** Whether it is made or about to be. */
  readonly isWanted: (payment: Payment) => boolean;
  /** What to say if Stripe cannot be reached. */
  readonly kept: string;
}

const recorded = 'Stripe cannot be reached. The refund is recorded and will be made;';
const kept = `${recorded} it is safe to request it again.`;

/**
 * All that is left, an amount or some tickets. `id` is the same for a request and its repeats.
 *
 * @throws Problem 404 `not-found` for tickets that are not in the order
 */
export function wishOf(order: Order, body: z.infer<typeof NewRefund>, id: string, now: Date): Wish {
  if (body?.amount !== undefined) {
    const part = { id, amount: body.amount };
    return {
      want: (it) => wantPartRefund(it, part, now),
      isMade: (it) => it.partRefunds.some((known) => known.id === id && known.made),
      isWanted: (it) => it.partRefunds.some((known) => known.id === id),
      kept: `${recorded} request it again only with the same Idempotency-Key.`,
    };
  }
  if (body?.tickets) {
    const tickets = ticketsIn(order, body.tickets);
    return {
      want: (it) => wantTicketRefunds(it, tickets, now),
      isMade: (it) => areRefunded(it, tickets),
      isWanted: (it) => areCovered(it, tickets),
      kept,
    };
  }
  return {
    want: (it) => wantRefund(it, now),
    isMade: ({ status }) => status === 'refunded',
    isWanted: ({ refundWanted }) => refundWanted,
    kept,
  };
}
