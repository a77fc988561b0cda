import { isDeepStrictEqual } from 'node:util';
import { type Order, ticketsOf } from '@box-office/common/contracts/orders';
import type { Ticket } from '@box-office/common/contracts/tickets';
import type { Evidence } from '../evidence.ts';
import { type Intent, isMade, wasTaken } from '../stripe-side.ts';
import { type Verdict, verdict } from './verdict.ts';

type AtRest = Pick<Evidence, 'orders' | 'payments' | 'intents' | 'tickets' | 'units' | 'refundsDue'>;

/** What Stripe says of refunds and disputes is what payment, order and ticket say. */
export function aftermath(evidence: AtRest): Verdict {
  return verdict('I14', 'what Stripe says of refunds and disputes is known everywhere', (violated) => {
    for (const it of unknown(evidence)) violated(it);
    return evidence.payments.length;
  });
}

/** What became of money at Stripe that somebody does not know, or that they believe and Stripe does not. */
function unknown({ orders, payments, intents, tickets, units, refundsDue }: AtRest): string[] {
  const faults = refundsDue.map((id) => `a refund of payment ${id} was asked for, and neither made nor refused`);
  const intentOf = new Map(intents.map((intent) => [intent.id, intent]));
  const orderOf = new Map(orders.map((order) => [order.id, order]));
  for (const payment of payments) {
    const intent = intentOf.get(payment.stripeId ?? '');
    if (!intent || !wasTaken(intent)) continue;
    const { refunded, dispute } = intent;
    const differ = (what: string, says: object) => {
      if (isDeepStrictEqual(says, seenIn(intent))) return;
      faults.push(
        `${what} says ${JSON.stringify(says)}, and Stripe ${JSON.stringify({ refunded, dispute })} of ${intent.id}`,
      );
    };
    differ(`payment ${payment.id}`, {
      refunded: payment.refunded ?? 0,
      isWhole: payment.status === 'refunded',
      dispute: payment.dispute ?? null,
    });
    const order = orderOf.get(payment.orderId);
    if (!order) continue;
    differ(`order ${order.id}`, {
      refunded: order.refunded ?? 0,
      isWhole: order.refundedAt !== undefined,
      dispute: order.dispute ?? null,
    });
    faults.push(...ofSingleTickets(order, intent));
  }
  for (const ticket of tickets) {
    const order = orderOf.get(ticket.orderId ?? '');
    if (ticket.state === 'sold' && order && !isDeepStrictEqual(moneyOf(ticket), moneyIn(order))) {
      const [says, is] = [moneyOf(ticket), moneyIn(order)].map((it) => JSON.stringify(it));
      faults.push(`ticket ${ticket.id} says ${says}, and its order ${order.id} ${is}`);
    }
  }
  for (const { id, hold } of units) {
    const order = orderOf.get(hold?.orderId ?? '');
    const ordered = order && ticketsOf(order).find((it) => it.id === id);
    if (hold && ordered && (hold.refundedAt !== null) !== (ordered.refundedAt !== undefined)) {
      faults.push(
        `ticket ${id} was refunded at ${hold.refundedAt}, and in order ${hold.orderId} ${ordered.refundedAt}`,
      );
    }
  }
  return faults;
}

const seenIn = ({ refunded, received, dispute }: Intent) => ({ refunded, isWhole: refunded >= received, dispute });

/** Which tickets of the order were refunded by themselves or with all of it, if that is told by ticket. */
function ofSingleTickets(order: Order, intent: Intent): string[] {
  const { isWhole } = seenIn(intent);
  return (order.tickets ?? []).flatMap(({ id, refundedAt }) => {
    const isBack = isWhole || intent.refunds.some((it) => it.ticketId === id && isMade(it));
    if (isBack === (refundedAt !== undefined)) return [];
    return `ticket ${id} of order ${order.id} was ${isBack ? '' : 'not '}refunded at Stripe, and at ${refundedAt} says the order`;
  });
}

const moneyOf = ({ refundedAt, refundFailedAt, dispute }: Ticket) => ({ refundedAt, refundFailedAt, dispute });
const moneyIn = ({ refundedAt, refundFailedAt, dispute }: Order) => ({
  refundedAt,
  refundFailedAt,
  dispute: dispute?.status,
});

/** Whether anything still has to happen at Stripe, or be heard from there. */
export function isMoneyMoving(stored: AtRest): boolean {
  const { intents, orders } = stored;
  const cancelled = new Set(orders.filter(({ status }) => status === 'cancelled').map(({ id }) => id));
  const isHeld = ({ status, orderId }: Intent) => status === 'requires_capture' && cancelled.has(orderId);
  const isUndecided = ({ refunds }: Intent) => refunds.some((it) => it.isUndecided);
  return intents.some((it) => isHeld(it) || isUndecided(it)) || unknown(stored).length > 0;
}
