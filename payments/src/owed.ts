import { type Order, type OrderedTicket, owedFor } from '@box-office/common/contracts/orders';
import { PaymentRefundFailed } from '@box-office/common/contracts/payments';
import { type Change, changed, unchanged } from '@box-office/common/store/change';
import { idOfTicketRefund, isRefunded, numberIn, type WithParts } from './part-refund.ts';

/** A payment, as far as its refunds are concerned. */
interface Refundable extends WithParts {
  readonly status: string;
  readonly amount: number;
  readonly refunded: number;
  readonly since: string;
  readonly wholeFailed: boolean;
}

/** The tickets of an order that have ended, so that the buyer must get money back. */
export const endedTickets = (order: Order | null): OrderedTicket[] =>
  order?.tickets?.filter(({ ended }) => ended) ?? [];

/**
 * Requests the refund of each ticket that has ended, once for each, unless somebody else has requested it before. One
 * that Stripe has refused, or that a bank has taken back, is not requested again by itself; only if less is left by
 * now, which may have been the reason. Nor is any once a refund of everything was taken back: each is announced as
 * failed instead.
 */
export function owe<Payment extends Refundable>(payment: Payment, order: Order | null, now?: Date): Change<Payment> {
  // All of a refunded payment is with the buyer.
  if (payment.status !== 'captured') return unchanged(payment);
  const next = endedTickets(order).reduce(oweOne<Payment>, payment);
  if (next === payment) return unchanged(payment);
  const isLeft = next.refusedTickets.length > payment.refusedTickets.length;
  return changed({ ...next, since: now?.toISOString() ?? payment.since }, ...(isLeft ? [PaymentRefundFailed] : []));
}

function oweOne<Payment extends Refundable>(payment: Payment, ticket: OrderedTicket): Payment {
  const ticketId = ticket.id;
  const { partRefunds, refusedTickets } = payment;
  const known = partRefunds.filter((it) => it.ticketId === ticketId);
  // Of one that has failed it is news as well: from now on the seller is not the only one who has to do something.
  const others = known.find(({ made, owed, failed }) => (!made || failed) && !owed);
  if (others) {
    return { ...payment, partRefunds: partRefunds.map((it) => (it === others ? { ...it, owed: true } : it)) };
  }
  const refused = refusedTickets.filter((it) => it.final && it.ticketId === ticketId);
  const amount = Math.min(owedFor(ticket), leftToRefund(payment));
  if (known.length > 0 || amount <= 0 || refused.some((it) => it.amount <= amount)) return payment;
  // The bank would take this back, too, so people have to find another way.
  const left = { ticketId, amount, final: true };
  if (payment.wholeFailed) return { ...payment, refusedTickets: [...refusedTickets, left] };
  return withTicketRefund(payment, { ticketId, amount, owed: true });
}

/** Its id differs from those of the attempts before, which Stripe may have refused or a bank may have taken back. */
export function withTicketRefund<Payment extends WithParts>(
  payment: Payment,
  { ticketId, amount, owed }: { ticketId: string; amount: number; owed: boolean },
): Payment {
  const isForIt = (it: { ticketId: string | null }) => it.ticketId === ticketId;
  const parts = payment.partRefunds.filter(isForIt);
  const tries = parts.length + payment.refusedTickets.filter(isForIt).length;
  // A payment that was put back from a backup may know the last try without those before it.
  const last = Math.max(tries, ...parts.map(({ id }) => numberIn(id)));
  const part = {
    id: idOfTicketRefund(ticketId, last + 1),
    amount,
    made: false,
    ticketId,
    owed,
    failed: false,
    postponed: 0,
  };
  return { ...payment, partRefunds: [...payment.partRefunds, part] };
}

/** What was neither refunded nor is about to be, part by part. */
export function leftToRefund({
  amount,
  refunded,
  partRefunds,
}: Pick<Refundable, 'amount' | 'refunded' | 'partRefunds'>): number {
  const sum = (parts: typeof partRefunds) => parts.reduce((total, part) => total + part.amount, 0);
  // Stripe may have made some whose amount has not been seen in the total yet.
  const gone = Math.max(refunded, sum(partRefunds.filter(isRefunded)));
  return amount - gone - sum(partRefunds.filter(({ made }) => !made));
}
