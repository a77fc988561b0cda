import type { OrderStatus } from '@box-office/common/contracts/orders';

/**
 * What became of the last request for the order: answered before the time to pay was over or after it, without an
 * answer that can be used, or refused because the order is not this user's.
 */
export type LastLook = 'before-end' | 'after-end' | 'failed' | 'not-there';

export interface SeenOrder {
  /** When it was last seen. */
  readonly status: OrderStatus;
  readonly lastLook: LastLook;
  /** The time to pay has run out. */
  readonly isOver: boolean;
  /** A card was sent from this page, so money may be on its way, whatever the order says. */
  readonly mayBePaid: boolean;
  /** Stripe does not accept a payment for this order. */
  readonly isRefused: boolean;
}

/** What a page can say of an order: the status it has seen, or why that may no longer be true. */
export type Stage = 'as-seen' | 'refused' | 'not-theirs' | 'checking' | 'over';

/**
 * What a page can say of an order. That it ended unpaid is certain only if it was still unpaid when its time was over
 * and no card was sent from here: a payment may have been authorized in time without the order having heard of it yet.
 */
export function stageOf({ status, lastLook, isOver, mayBePaid, isRefused }: SeenOrder): Stage {
  if (status === 'complete' || status === 'cancelled') return 'as-seen';
  if (status === 'created' && isRefused) return 'refused';
  if (lastLook === 'not-there') return 'not-theirs';
  if (status !== 'created' || !isOver) return 'as-seen';
  return mayBePaid || lastLook !== 'after-end' ? 'checking' : 'over';
}
