import { isDeepStrictEqual } from 'node:util';
import { type Order, totalOf } from '@box-office/common/contracts/orders';
import type { Ticket } from '@box-office/common/contracts/tickets';
import type { Evidence } from '../evidence.ts';
import type { Command } from '../history.ts';
import type { Intent, MadeRefund } from '../stripe-side.ts';
import { type Verdict, verdict } from './verdict.ts';

type AtRest = Pick<Evidence, 'orders' | 'payments' | 'intents' | 'tickets' | 'refundsDue'>;

/**
 * What Stripe says of refunds and disputes is what payment, order and ticket say, and what a seller was told to be
 * refunded was refunded once.
 */
export function aftermath(evidence: Pick<Evidence, keyof AtRest | 'commands'>): Verdict {
  return verdict('I14', 'refunds and disputes are known everywhere, and each refund was made once', (violated) => {
    for (const it of unknown(evidence)) violated(it);
    const intentOf = new Map(evidence.intents.filter(wasTaken).map((intent) => [intent.orderId, intent]));
    const asked = Map.groupBy(evidence.commands.filter(isRefund), ({ path }) => path.split('/')[3] ?? '');
    for (const [orderId, commands] of asked) {
      for (const it of unlikeAsked(commands, intentOf.get(orderId))) violated(`order ${orderId}: ${it}`);
    }
    return evidence.payments.length + asked.size;
  });
}

/** What became of money at Stripe that somebody does not know, or that they believe and Stripe does not. */
function unknown({ orders, payments, intents, tickets, refundsDue }: AtRest): string[] {
  const faults = refundsDue.map((id) => `a refund of payment ${id} was asked for, and neither made nor refused`);
  const intentOf = new Map(intents.map((intent) => [intent.id, intent]));
  const orderOf = new Map(orders.map((order) => [order.id, order]));
  for (const payment of payments) {
    const intent = intentOf.get(payment.stripeId ?? '');
    if (!intent || !wasTaken(intent)) continue;
    const { refunded, dispute } = intent;
    const wrong = (what: string, says: unknown) =>
      faults.push(
        `${what} says ${JSON.stringify(says)}, and Stripe ${JSON.stringify({ refunded, dispute })} of ${intent.id}`,
      );
    const seen = { refunded: payment.refunded ?? 0, dispute: payment.dispute ?? null };
    const isWhole = refunded >= payment.amount;
    if (!isDeepStrictEqual(seen, { refunded, dispute }) || (payment.status === 'refunded') !== isWhole) {
      wrong(`payment ${payment.id}`, { ...seen, status: payment.status });
    }
    const order = orderOf.get(payment.orderId);
    if (order && !agrees(order, intent)) {
      const { refunded: back, refundedAt, dispute: at } = order;
      wrong(`order ${order.id}`, { refunded: back, refundedAt, dispute: at });
    }
  }
  for (const ticket of tickets) {
    const order = orderOf.get(ticket.orderId ?? '');
    if (ticket.state === 'sold' && order && !isDeepStrictEqual(moneyOf(ticket), moneyIn(order))) {
      const [says, is] = [moneyOf(ticket), moneyIn(order)].map((it) => JSON.stringify(it));
      faults.push(`ticket ${ticket.id} says ${says}, and its order ${order.id} ${is}`);
    }
  }
  return faults;
}

const wasTaken = ({ received }: Intent): boolean => received > 0;

function agrees(order: Order, { refunded, dispute }: Intent): boolean {
  const isWhole = refunded >= totalOf(order);
  const seen = {
    refunded: order.refunded ?? 0,
    isWhole: order.refundedAt !== undefined,
    dispute: order.dispute ?? null,
  };
  return isDeepStrictEqual(seen, { refunded, isWhole, dispute });
}

const moneyOf = ({ refundedAt, refundFailedAt, dispute }: Ticket) => ({ refundedAt, refundFailedAt, dispute });
const moneyIn = ({ refundedAt, refundFailedAt, dispute }: Order) => ({
  refundedAt,
  refundFailedAt,
  dispute: dispute?.status,
});

const isRefund = ({ method, path, wrong }: Command): boolean =>
  method === 'POST' && path.startsWith('/api/payments/') && path.endsWith('/refund') && !wrong;

/** How refunds differ from what was asked for: for each amount that was asked for, and for everything. */
function unlikeAsked(commands: readonly Command[], intent: Intent | undefined): string[] {
  const faults: string[] = [];
  const refunds = intent?.refunds ?? [];
  for (const [refundId, some] of Map.groupBy(refunds.filter(isPart), (it) => it.refundId)) {
    if (some.length > 1) faults.push(`the part ${refundId} was refunded ${some.length} times`);
  }
  for (const [amount, asked] of Map.groupBy(commands, amountOf)) {
    const answered = asked.filter(({ answer }) => answer?.status === 200).length;
    if (amount === undefined) {
      const isBack = intent !== undefined && intent.refunded >= intent.received;
      if (answered > 0 && !isBack && !refunds.some(hasFailed)) {
        faults.push(`all of it was refunded, says the answer, and Stripe says ${intent?.refunded}`);
      }
      continue;
    }
    const unanswered = asked.filter(({ answer }) => !answer).length;
    const made = refunds.filter((it) => isPart(it) && it.amount === amount).length;
    if (made < answered || made > answered + unanswered) {
      const counted = `${made} refunds of ${amount} were made`;
      faults.push(`${counted}, ${answered} were confirmed, and ${unanswered} got no answer`);
    }
  }
  return faults;
}

const isPart = ({ refundId }: MadeRefund): boolean => refundId !== undefined;
const hasFailed = ({ status }: MadeRefund): boolean => status === 'failed';
const amountOf = ({ body }: Command) => (body as { amount?: number } | undefined)?.amount;

/** Whether anything still has to happen at Stripe, or be heard from there. */
export function isMoneyMoving(stored: AtRest): boolean {
  const { intents, orders } = stored;
  const cancelled = new Set(orders.filter(({ status }) => status === 'cancelled').map(({ id }) => id));
  const isHeld = ({ status, orderId }: Intent) => status === 'requires_capture' && cancelled.has(orderId);
  const isUndecided = ({ refunds }: Intent) => refunds.some((it) => it.isUndecided);
  return intents.some((it) => isHeld(it) || isUndecided(it)) || unknown(stored).length > 0;
}
