import { isDeepStrictEqual } from 'node:util';
import { withoutHold } from '@box-office/ops/audit/copies';
import type { Fields } from '@box-office/ops/audit/view';
import type { Evidence } from '../evidence.ts';
import { type Verdict, verdict } from './verdict.ts';

export function announcedAndCopied(evidence: Evidence): Verdict {
  const { announcements, streamsLost, unannounced, tickets, shows, orders, payments, entries } = evidence;
  const { knownTickets, knownShows, payableOrders } = evidence;
  return verdict('I2', 'every version was announced, and every copy equals its owner’s state', (violated) => {
    let checked = 0;
    for (const document of unannounced) violated(`${document} still waits to be announced`);

    const seen = new Set(announcements.map(({ owner, id, version }) => `${owner}/${id}/${version}`));
    for (const [owner, all] of [
      ['tickets', tickets],
      ['tickets', shows],
      ['orders', orders],
      ['orders', entries],
    ] as const) {
      for (const { id, version } of all) {
        // A lost stream takes earlier versions with it; only the latest is announced again.
        for (let each = streamsLost ? version : 0; each <= version; each++) {
          checked++;
          if (!seen.has(`${owner}/${id}/${each}`)) violated(`version ${each} of ${owner}/${id} was never announced`);
        }
      }
    }
    // A payment is announced from its authorization onwards.
    const ends = new Set(
      announcements.filter(({ owner }) => owner === 'payments').map(({ id, type }) => `${id}/${type}`),
    );
    for (const { id, status } of payments) {
      if (status === 'pending') continue;
      checked++;
      if (!ends.has(`${id}/payment.${status}`)) violated(`payment ${id} is ${status}, which was never announced`);
    }

    checked += compareCopies('orders’ copy of ticket', tickets, knownTickets, violated, withoutHold);
    checked += compareCopies('orders’ copy of show', shows, knownShows, violated, (show) => show);
    checked += compareCopies('payments’ copy of order', orders, payableOrders, violated, (order) => order);
    return checked;
  });
}

function compareCopies(
  name: string,
  owners: readonly { id: string; version: number }[],
  copies: readonly unknown[],
  violated: (what: string) => void,
  /** What a copy and its owner must have in common. */
  compared: (snapshot: Fields, owned: Fields) => Fields,
): number {
  const byId = new Map((copies as readonly { id: string; version: number }[]).map((copy) => [copy.id, copy]));
  for (const owner of owners) {
    const copy = byId.get(owner.id);
    byId.delete(owner.id);
    if (!copy) violated(`${name} ${owner.id} is missing`);
    else if (!isDeepStrictEqual(compared(plain(copy), plain(owner)), compared(plain(owner), plain(owner)))) {
      violated(`${name} ${owner.id} is ${JSON.stringify(copy)}, but its owner has ${JSON.stringify(owner)}`);
    }
  }
  for (const id of byId.keys()) violated(`${name} ${id} has no counterpart at its owner`);
  return owners.length;
}

const plain = (value: unknown): Fields => JSON.parse(JSON.stringify(value));
