import { ticketsOf } from '@box-office/common/contracts/orders';
import type { Evidence } from '../evidence.ts';
import { excusesRefund } from '../stripe-side.ts';
import { type Verdict, verdict } from './verdict.ts';

type AtRest = Pick<Evidence, 'shows' | 'orders' | 'intents'>;

/** Nobody has a ticket of a cancelled show any more, and everybody got back all they paid for it. */
export function cancelledShows(evidence: AtRest): Verdict {
  return verdict('I16', 'a cancelled show ended every ticket and refunded everybody in full', (violated) => {
    for (const it of owed(evidence)) violated(it);
    const cancelled = new Set(evidence.shows.filter(isCancelled).map(({ id }) => id));
    for (const order of evidence.orders) {
      if (cancelled.has(order.showId ?? '')) continue;
      const ended = ticketsOf(order).filter((it) => it.ended === 'show-cancelled');
      if (ended.length > 0) violated(`order ${order.id} lost ${ended.length} tickets of a show that takes place`);
    }
    return evidence.orders.filter(({ showId }) => cancelled.has(showId ?? '')).length;
  });
}

const isCancelled = ({ state }: { readonly state: string }): boolean => state === 'cancelled';

/** What the buyers of cancelled shows still have, or are still owed. */
export function owed({ shows, orders, intents }: AtRest): string[] {
  const cancelled = new Set(shows.filter(isCancelled).map(({ id }) => id));
  const intentOf = new Map(intents.map((intent) => [intent.orderId, intent]));
  return orders.flatMap((order) => {
    if (order.status !== 'complete' || !cancelled.has(order.showId ?? '')) return [];
    const what = `order ${order.id} of show ${order.showId}, which is cancelled,`;
    const kept = ticketsOf(order).filter(({ ended }) => ended === undefined);
    const faults = kept.length > 0 ? [`${what} still has ${kept.length} tickets`] : [];
    const intent = intentOf.get(order.id);
    if (intent && intent.refunded < intent.received && !excusesRefund(intent)) {
      faults.push(`${what} was refunded ${intent.refunded} of ${intent.received}`);
    }
    return faults;
  });
}
