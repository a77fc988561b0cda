import type { Evidence } from '../evidence.ts';
import { timesOf, type Verdict, verdict } from './verdict.ts';

/**
 * Compares each announced version of a ticket with the one before it, if both were seen. A version says which order
 * held the ticket when its seller changed it. Announced again after a lost stream it says who holds the ticket by then,
 * so that order must also be older than the change.
 */
export function neverEditedWhileHeld({ announcements }: Evidence): Verdict {
  return verdict('I9', 'no ticket was edited or withdrawn while somebody held it or had bought it', (violated) => {
    const orderedAt = timesOf(announcements, 'order.created');
    const seen = announcements.flatMap(({ id, version, timeMs, ticket }) =>
      ticket ? [{ id, version, timeMs, ticket }] : [],
    );
    const byVersion = new Map(seen.map(({ id, version, ticket }) => [`${id}/${version}`, ticket]));
    let compared = 0;
    for (const { id, version, timeMs, ticket } of seen) {
      const before = byVersion.get(`${id}/${version - 1}`);
      if (!before) continue;
      compared++;
      const heldSinceMs = ticket.orderId === null ? undefined : orderedAt.get(ticket.orderId);
      if (heldSinceMs === undefined || heldSinceMs > timeMs) continue;
      const what = `ticket ${id} was held by order ${ticket.orderId} in version ${version}`;
      if (ticket.details !== before.details) violated(`${what} and changed ${before.details} to ${ticket.details}`);
      // A ticket that was withdrawn before is announced again when an order has come too late.
      if (ticket.state === 'withdrawn' && before.state !== 'withdrawn') violated(`${what}, and withdrawn`);
    }
    return compared;
  });
}
