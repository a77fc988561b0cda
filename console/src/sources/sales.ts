import type { Event } from '../api/events.ts';
import type { Metrics } from './metrics.ts';

const orderEvents: Readonly<Record<string, string>> = {
  'order.created': 'made',
  'order.completed': 'paid',
  'order.cancelled': 'cancelled',
};

/** Counts what an event says about sales. */
export function countSale(metrics: Metrics, { type }: Event, data: string): void {
  const what = orderEvents[type];
  if (what) metrics.count('orders', what);
  if (type !== 'order.completed') return;
  // The order itself has the attempt of its first ticket, too.
  const tickets = Math.max((data.match(/"attempt":/g)?.length ?? 0) - 1, 1);
  metrics.count('tickets-sold', 'tickets', tickets);
}
