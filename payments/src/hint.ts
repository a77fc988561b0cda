import type { Order } from '@box-office/common/contracts/orders';

/** What the caller knows, so that it need not be read. */
export interface Hint {
  /**
   * The order as just announced, if it is being paid or cancelled. Neither changes any more, except through this
   * payment: so it is as good as one that is read after the intent.
   */
  readonly order?: Order;
  /** Only a payment that can still be authorized or captured may have changed. */
  readonly onlyOpen?: boolean;
}

/** Brings one payment into the state that its order and Stripe require. */
export type Settle = (orderId: string, hint?: Hint) => Promise<void>;

/**
 * What is known when a run serves several callers. An order only if both know one: a refunded payment of such an order
 * is not looked at, but a webhook may say that its refund was taken back.
 */
export function both(one: Hint, other: Hint): Hint {
  const orders = one.order && other.order ? [one.order, other.order] : [];
  const [order] = orders.toSorted((a, b) => b.version - a.version);
  return { ...(order && { order }), onlyOpen: Boolean(one.onlyOpen && other.onlyOpen) };
}
