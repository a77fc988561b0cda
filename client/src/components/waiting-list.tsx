'use client';

import type { WaitingAnswer } from '@box-office/common/contracts/waiting';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useRefreshWhile } from '../browser/use-refresh-while.ts';
import { waitingInWords } from '../lib/waiting-words.ts';
import { Badge } from './badge.tsx';
import { LeaveLine } from './leave-line.tsx';

/** Where somebody waits or has waited. */
export function WaitingList({ entries }: { readonly entries: readonly WaitingAnswer[] }) {
  const router = useRouter();
  useRefreshWhile(entries.some(({ state }) => state === 'waiting'));
  return (
    <ul className="tickets">
      {entries.map((entry) => (
        <li key={entry.id}>
          <article className="card ticket">
            <h2>
              <Link href={`/shows/${entry.showId}`} prefetch={false}>
                <bdi>{entry.title}</bdi>
              </Link>
            </h2>
            <p className="muted">
              {entry.quantity} × <bdi>{entry.kind}</bdi>
            </p>
            <p role="status">{waitingInWords(entry)}</p>
            <div className="ticket-foot">
              <Badge state={entry.state} />
            </div>
            {entry.orderId && (
              <div className="actions">
                <Link className="button" href={`/orders/${entry.orderId}`} prefetch={false}>
                  Go to your order
                  <span className="visually-hidden">
                    {' '}
                    for <bdi>{entry.title}</bdi>
                  </span>
                </Link>
              </div>
            )}
            {entry.state === 'waiting' && (
              <div className="actions">
                <LeaveLine entry={entry} onLeft={() => router.refresh()} />
              </div>
            )}
          </article>
        </li>
      ))}
    </ul>
  );
}
