import { eventsWith } from '@box-office/common/contracts/event';
import * as orders from '@box-office/common/contracts/orders';
import { type Listener, NotYet, on } from '@box-office/common/messaging/listener';
import type { Settle } from './hint.ts';
import type { OweEnded } from './owe-ended.ts';
import type { PayableOrders } from './payable-order.ts';
import { isStripeAway, Refused } from './stripe.ts';

/** How long to leave Stripe alone when it could not be reached. */
const stripeAwayMs = 2_000;

/** In these states of an order something may have to be done at Stripe. */
const toBeSettled: readonly orders.OrderStatus[] = ['awaiting:payment', 'cancelled'];

export function listeners(payableOrders: PayableOrders, settle: Settle, oweEnded: OweEnded): Listener[] {
  const take = async ({ data }: { data: orders.Order }) => {
    const taken = await payableOrders.take(data);
    await oweEnded(data);
    // If a newer version of the order is known, the listener that received that one settles. So each version counts,
    // not only the one that began the state: its listener may not have reached Stripe yet.
    if (taken === 'overtaken' || !toBeSettled.includes(data.status)) return;
    await settle(data.id, { order: data }).catch((error: unknown) => {
      // Already logged by settle. What Stripe has refused is stored, and it would refuse the same again.
      if (error instanceof Refused) return;
      throw isStripeAway(error) ? new NotYet(stripeAwayMs) : error;
    });
  };
  return eventsWith(orders.Order, orders).map((contract) => on(contract, take));
}
