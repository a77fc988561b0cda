import type { ListedShow } from '@box-office/common/contracts/shows';
import Link from 'next/link';
import { priceRange, type SeenShow, stateOf } from '../lib/show-words.ts';
import { When } from './when.tsx';

interface ShowListProps {
  readonly shows: readonly ListedShow[];
  /** The user whose own shows are marked. */
  readonly viewerId?: string | undefined;
  /** For the organiser: shows the state of each show. Others see it where they cannot buy. */
  readonly showState?: boolean;
}

export function ShowList({ shows, viewerId, showState = false }: ShowListProps) {
  return (
    <ul className="tickets">
      {shows.map((show) => (
        <li key={show.id}>
          <article className="card ticket">
            <h2>
              <Link href={`/shows/${show.id}`} prefetch={false}>
                <bdi>{show.title}</bdi>
              </Link>
            </h2>
            <p className="muted">
              <bdi>{show.venue.name}</bdi>
            </p>
            <p className="muted">
              <When at={show.startsAt} timeZone={show.timeZone} />
            </p>
            <div className="ticket-foot">
              <span className="price">{priceRange(show.kinds, show.currency)}</span>
              {(showState || show.soldOut || show.state !== 'on-sale') && <ShowBadge show={show} />}
              {!showState && show.userId === viewerId && <span className="badge">Yours</span>}
            </div>
          </article>
        </li>
      ))}
    </ul>
  );
}

export function ShowBadge({ show }: { readonly show: SeenShow }) {
  const isEnded = show.over || show.soldOut || show.state === 'cancelled';
  const look = isEnded ? 'plain' : show.state === 'on-sale' ? 'good' : 'warn';
  return <span className={`badge badge-${look}`}>{stateOf(show)}</span>;
}
