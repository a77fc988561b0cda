import type { Evidence } from '../evidence.ts';
import { type Verdict, verdict } from './verdict.ts';

/** What an organiser is shown as the money of a show is what Stripe has of the orders for it. */
export function sales({ shows, orders, intents, sales: shown }: Evidence): Verdict {
  return verdict('I19', 'the sales of a show add up to what Stripe has of its orders', (violated) => {
    const intentsOf = Map.groupBy(intents, ({ orderId }) => orderId);
    // What Stripe has of an order that was cancelled meanwhile is no sale.
    const complete = orders.filter(({ status }) => status === 'complete');
    const ordersOf = Map.groupBy(complete, ({ showId }) => showId);
    for (const { id } of shows) {
      const theirs = (ordersOf.get(id) ?? []).flatMap((order) => intentsOf.get(order.id) ?? []);
      const atStripe = theirs.reduce((sum, { received, refunded }) => sum + received - refunded, 0);
      const money = shown.get(id);
      if (money === undefined) violated(`the sales of show ${id} could not be read`);
      else if (money !== atStripe) violated(`the sales of show ${id} come to ${money}, and at Stripe to ${atStripe}`);
    }
    return shows.length;
  });
}
