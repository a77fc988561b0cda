import type { Evidence } from '../evidence.ts';
import { type Verdict, verdict } from './verdict.ts';

/** Compares each announced version of a ticket with the one before it, if both were seen. */
export function neverEditedWhileHeld({ announcements }: Evidence): Verdict {
  return verdict('I9', 'no ticket was edited or withdrawn while somebody held it or had bought it', (violated) => {
    const seen = announcements.flatMap(({ id, version, ticket }) => (ticket ? [{ id, version, ticket }] : []));
    const byVersion = new Map(seen.map(({ id, version, ticket }) => [`${id}/${version}`, ticket]));
    let compared = 0;
    for (const { id, version, ticket } of seen) {
      const before = byVersion.get(`${id}/${version - 1}`);
      if (before?.state !== 'reserved' && before?.state !== 'sold') continue;
      compared++;
      const what = `ticket ${id} was ${before.state} in version ${version - 1}`;
      if (ticket.details !== before.details) violated(`${what} and changed ${before.details} to ${ticket.details}`);
      if (ticket.state === 'withdrawn') violated(`${what}, and withdrawn in the next`);
    }
    return compared;
  });
}
