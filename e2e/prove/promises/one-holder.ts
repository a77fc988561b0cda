import { ticketsOf } from '@box-office/common/contracts/orders';
import type { Evidence } from '../evidence.ts';
import { type Claim, claimsByTicket, isFree, orderHistories, type Stay } from '../order-histories.ts';
import { type Verdict, verdict } from './verdict.ts';

/**
 * Nobody takes a ticket that somebody else has, unless that one offers it, and in the end nobody has what another one
 * has.
 */
export function oneHolder({ orders, announcements }: Evidence): Verdict {
  return verdict('I1', 'never two live orders for one ticket', (violated) => {
    const live = orders.filter(({ status }) => status !== 'cancelled');
    const held = live.flatMap((order) =>
      ticketsOf(order).flatMap((it) => (it.ended === undefined ? [{ orderId: order.id, ticketId: it.id }] : [])),
    );
    for (const [ticketId, some] of Map.groupBy(held, (it) => it.ticketId)) {
      if (some.length > 1) violated(`ticket ${ticketId} is held by orders ${some.map(({ orderId }) => orderId)}`);
    }
    const histories = orderHistories(announcements);
    const claims = claimsByTicket(histories);
    for (const all of claims.values()) {
      for (const [place, claim] of all.entries()) {
        const before = all[place - 1];
        const fault = before && faultOf(claim, before, histories.get(before.orderId) ?? []);
        if (fault) violated(fault);
      }
    }
    return claims.size;
  });
}

/** Two processes read the clock at different points of their work. */
const clockGrainMs = 50;

/** Why the second of two claims must not have been made; `stays` is the history of the order that made the first. */
function faultOf(claim: Claim, before: Claim, stays: readonly Stay[]): string | undefined {
  const { orderId, ticketId, attempt, atMs } = claim;
  if (attempt === before.attempt) {
    return `orders ${before.orderId} and ${orderId} for ticket ${ticketId} are both attempt ${attempt}`;
  }
  // Who takes back what they offer.
  if (orderId === before.orderId) return undefined;
  // What the first order had become was written before the second one was decided.
  const isAllowed = stays.some(
    (stay) => isFree(stay, ticketId) && stay.fromMs <= atMs + clockGrainMs && stay.untilMs >= atMs - clockGrainMs,
  );
  return isAllowed
    ? undefined
    : `order ${orderId} for ticket ${ticketId} was made while order ${before.orderId} had it, attempt ${attempt}`;
}
