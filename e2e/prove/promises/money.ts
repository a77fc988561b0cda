import { totalOf } from '@box-office/common/contracts/orders';
import type { Evidence } from '../evidence.ts';
import { hasFailed } from '../stripe-side.ts';
import { type Verdict, verdict } from './verdict.ts';

export function money({ orders, intents, payments }: Evidence): Verdict {
  return verdict('I3', 'money was taken for complete orders, once, and for nothing else', (violated) => {
    const orderOf = new Map(orders.map((order) => [order.id, order]));
    const paymentOf = new Map(payments.map((payment) => [payment.id, payment]));
    const taken = Map.groupBy(
      intents.filter(({ received, refunded }) => received > refunded),
      ({ orderId }) => orderId,
    );
    for (const [orderId, paid] of taken) {
      const order = orderOf.get(orderId);
      const what = `${paid.map(({ id }) => id).join(', ')} of order ${orderId}`;
      if (!order) violated(`${what}: money was taken for an order that does not exist`);
      // A bank that refuses a refund keeps the seller from giving it back.
      else if (order.status !== 'complete' && !paid.some(({ refunds }) => refunds.some(hasFailed)))
        violated(`${what}: money was taken, and the order is ${order.status}`);
      if (paid.length > 1) violated(`${what}: money was taken ${paid.length} times`);
      const sum = paid.reduce((total, { received, refunded }) => total + received - refunded, 0);
      const due = (order ? totalOf(order) : 0) - (paymentOf.get(orderId)?.refunded ?? 0);
      if (order && sum !== due) violated(`${what}: ${sum} was taken, and ${due} is due`);
    }
    for (const order of orders) {
      const payment = paymentOf.get(order.id);
      if (order.status === 'complete') {
        // Nobody pays for what is free.
        if (totalOf(order) === 0) continue;
        if (!taken.has(order.id) && payment?.status !== 'refunded')
          violated(`order ${order.id} is complete and unpaid`);
        if (payment?.status !== 'captured' && payment?.status !== 'refunded') {
          violated(`order ${order.id} is complete, and its payment ${payment?.status ?? 'missing'}`);
        }
      } else if (
        payment?.status === 'captured' &&
        !(taken.get(order.id) ?? []).some(({ refunds }) => refunds.some(hasFailed))
      )
        violated(`order ${order.id} is ${order.status}, and its payment captured`);
    }
    for (const { id, status, orderId } of intents) {
      if (status === 'requires_capture' && orderOf.get(orderId)?.status === 'cancelled') {
        violated(`${id} still holds money for order ${orderId}, which is cancelled`);
      }
    }
    return intents.length + orders.length;
  });
}
