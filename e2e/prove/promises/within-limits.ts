import type { Evidence } from '../evidence.ts';
import { holds, orderHistories, type Stay } from '../order-histories.ts';
import { type Verdict, verdict } from './verdict.ts';

/** No show has more holders than tickets, and nobody has more of one than a person may have, at any time. */
export function withinLimits({ shows, announcements }: Evidence): Verdict {
  return verdict('I13', 'no show was oversold, and nobody had more tickets than one person may have', (violated) => {
    const holdings = [...orderHistories(announcements).values()].flatMap(holdingsIn);
    const byShow = Map.groupBy(holdings, ({ showId }) => showId);
    for (const show of shows) {
      const all = byShow.get(show.id) ?? [];
      for (const kind of show.kinds) {
        const most = mostAtOnce(all.filter(({ kindId }) => kindId === kind.id));
        if (most > kind.quantity) violated(`${most} tickets of ${kind.name} of show ${show.id} were held at once`);
      }
      for (const [userId, theirs] of Map.groupBy(all, (it) => it.userId)) {
        const most = mostAtOnce(theirs);
        if (show.perPerson !== undefined && most > show.perPerson)
          violated(`${userId} had ${most} tickets of show ${show.id} at once, of ${show.perPerson} that one may have`);
      }
    }
    return shows.length;
  });
}

/** That somebody has a ticket of a show, until their order is cancelled or the ticket ends. */
interface Holding {
  readonly ticketId: string;
  readonly showId: string | undefined;
  readonly kindId: string | undefined;
  readonly userId: string;
  /**
   * From when to when they certainly had it. A process reads the clock before it writes, and a slow database may take
   * seconds between the two, so that the time of an order may be before the end of one that made room for it.
   */
  readonly fromMs: number;
  readonly untilMs: number;
}

function holdingsIn(stays: readonly Stay[]): Holding[] {
  const [first] = stays;
  return (first?.order.tickets ?? []).flatMap(({ id: ticketId, kindId }) => {
    const held = stays.filter((stay) => holds(stay, ticketId));
    const [begin, end] = [held[0], held.at(-1)];
    if (!begin || !end) return [];
    const { showId, userId } = begin.order;
    return [{ ticketId, showId, kindId, userId, fromMs: begin.knownMs, untilMs: end.untilMs }];
  });
}

/** The most tickets that were held at the same time. One on offer may have two holders. */
function mostAtOnce(holdings: readonly Holding[]): number {
  return Math.max(
    0,
    ...holdings.map(({ fromMs: atMs }) => {
      const held = holdings.filter(({ fromMs, untilMs }) => fromMs <= atMs && atMs < untilMs);
      return new Set(held.map(({ ticketId }) => ticketId)).size;
    }),
  );
}
