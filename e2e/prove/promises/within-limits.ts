import { type Order, ticketsOf } from '@box-office/common/contracts/orders';
import type { Evidence } from '../evidence.ts';
import { timesOf, type Verdict, verdict } from './verdict.ts';

/**
 * A process reads the clock before it writes, and another may be faster between the two: an order that follows the end
 * of another may seem to have begun this much before it.
 */
const clockGrainMs = 2_000;

/** No show has more holders than tickets, and nobody has more of one than a person may have, at any time. */
export function withinLimits({ orders, shows, announcements }: Evidence): Verdict {
  return verdict('I13', 'no show was oversold, and nobody had more tickets than one person may have', (violated) => {
    const made = new Map([...timesOf(announcements, 'order.completed'), ...timesOf(announcements, 'order.created')]);
    const ended = timesOf(announcements, 'order.cancelled');
    const stays = (some: readonly Order[]) =>
      some.flatMap((order) => {
        const fromMs = made.get(order.id);
        const untilMs = order.status === 'cancelled' ? ended.get(order.id) : Number.POSITIVE_INFINITY;
        // A lost stream may have taken either with it.
        return fromMs === undefined || untilMs === undefined ? [] : [{ order, fromMs, untilMs }];
      });
    for (const show of shows) {
      const all = orders.filter(({ showId }) => showId === show.id);
      for (const kind of show.kinds) {
        const most = mostAtOnce(stays(all), (order) => countOf(order, kind.id));
        if (most > kind.quantity) violated(`${most} tickets of ${kind.name} of show ${show.id} were held at once`);
      }
      for (const [userId, theirs] of Map.groupBy(all, (order) => order.userId)) {
        const most = mostAtOnce(stays(theirs), (order) => ticketsOf(order).length);
        if (show.perPerson !== undefined && most > show.perPerson)
          violated(`${userId} had ${most} tickets of show ${show.id} at once, of ${show.perPerson} that one may have`);
      }
    }
    return shows.length;
  });
}

interface Stay {
  readonly order: Order;
  readonly fromMs: number;
  readonly untilMs: number;
}

const countOf = (order: Order, kindId: string) => ticketsOf(order).filter((it) => it.kindId === kindId).length;

/** The largest sum over orders that were held at the same time, each without its last moments. */
function mostAtOnce(stays: readonly Stay[], count: (order: Order) => number): number {
  return Math.max(
    0,
    ...stays.map(({ fromMs: atMs }) =>
      stays
        .filter(({ fromMs, untilMs }) => fromMs <= atMs && atMs < untilMs - clockGrainMs)
        .reduce((sum, { order }) => sum + count(order), 0),
    ),
  );
}
