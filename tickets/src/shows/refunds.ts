import { type Order, owedFor, ticketsOf } from '@box-office/common/contracts/orders';

/** What the buyer of one ticket got back. */
export interface UnitRefund {
  /** When it was refunded, by itself or with the whole order. */
  readonly refundedAt: string | null;
  /** Its share of an amount that was refunded for no ticket in particular. */
  readonly partRefund: { readonly amount: number; readonly at: string } | null;
}

/**
 * What the buyer got back for each ticket of an order, by their ids. An amount that is for none in particular is shared
 * among those that were not refunded, in proportion to their prices, so that the shares add up to it. `at` is the time
 * of the announcement, for orders that do not say when an amount was refunded.
 */
export function refundsIn(order: Order, at: string): ReadonlyMap<string, UnitRefund> {
  const tickets = ticketsOf(order).map((it) => ({ ...it, refundedAt: it.refundedAt ?? order.refundedAt ?? null }));
  const others = tickets.filter(({ refundedAt }) => refundedAt === null);
  const othersCost = others.reduce((sum, { price }) => sum + price, 0);
  const byThemselves = tickets.reduce((sum, it) => sum + (it.refundedAt === null ? 0 : owedFor(it)), 0);
  const shared = Math.min(Math.max((order.refunded ?? 0) - byThemselves, 0), othersCost);
  const partAt = order.partlyRefundedAt ?? at;
  let costSoFar = 0;
  // Free tickets alone have nothing to share.
  const upTo = (cost: number) => Math.floor((shared * cost) / (othersCost || 1));
  const refunds = tickets.map(({ id, price, refundedAt }): [string, UnitRefund] => {
    if (refundedAt !== null) return [id, { refundedAt, partRefund: null }];
    const amount = upTo(costSoFar + price) - upTo(costSoFar);
    costSoFar += price;
    return [id, { refundedAt, partRefund: amount > 0 ? { amount, at: partAt } : null }];
  });
  return new Map(refunds);
}
