import { eventsWith } from '@box-office/common/contracts/event';
import * as orders from '@box-office/common/contracts/orders';
import { type Listener, NotYet, on } from '@box-office/common/messaging/listener';
import type { Settle } from './hint.ts';
import type { OweEnded } from './owe-ended.ts';
import type { PayableOrders } from './payable-order.ts';
import { isStripeAway } from './stripe.ts';

/** How long to leave Stripe alone when it could not be reached. */
const stripeAwayMs = 2_000;

export function listeners(payableOrders: PayableOrders, settle: Settle, oweEnded: OweEnded): Listener[] {
  const take = async ({ data }: { data: orders.Order }) => {
    await payableOrders.take(data);
    await oweEnded(data);
  };
  const takeAndSettle = async ({ data }: { data: orders.Order }) => {
    // If a newer version of the order is known, the listener that received that one settles.
    if ((await payableOrders.take(data)) === 'overtaken') return;
    await settle(data.id, { order: data }).catch((error: unknown) => {
      throw isStripeAway(error) ? new NotYet(stripeAwayMs) : error;
    });
  };
  // After these events something may have to be done at Stripe.
  const settled: readonly unknown[] = [orders.OrderAwaitingPayment, orders.OrderCancelled];
  return eventsWith(orders.Order, orders).map((contract) =>
    on(contract, settled.includes(contract) ? takeAndSettle : take),
  );
}
