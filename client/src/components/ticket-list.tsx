import type { TicketAnswer } from '@box-office/common/contracts/tickets';
import Link from 'next/link';
import { priceInWords } from '../lib/money.ts';
import { leftOfListing, stateOfListing } from '../lib/states.ts';
import { Badge } from './badge.tsx';
import { Refund } from './refund.tsx';
import { When } from './when.tsx';

interface TicketListProps {
  readonly tickets: readonly TicketAnswer[];
  /** The user whose own tickets are marked. */
  readonly viewerId?: string | undefined;
  /** For the seller: shows the state of each ticket, and what can still be done about it. */
  readonly showState?: boolean;
}

export function TicketList({ tickets, viewerId, showState = false }: TicketListProps) {
  return (
    <ul className="tickets">
      {tickets.map((ticket) => (
        <li key={ticket.id}>
          <article className="card ticket">
            <h2>
              <Link href={`/tickets/${ticket.id}`} prefetch={false}>
                <bdi>{ticket.title}</bdi>
              </Link>
            </h2>
            {ticket.venue && (
              <p className="muted">
                <bdi>{ticket.venue}</bdi>
              </p>
            )}
            {ticket.startsAt && (
              <p className="muted">
                <When at={ticket.startsAt} timeZone={ticket.timeZone} />
              </p>
            )}
            <div className="ticket-foot">
              <span className="price">{priceInWords(ticket.price, ticket.currency)}</span>
              {showState && <Badge state={stateOfListing(ticket)} />}
              {!showState && ticket.userId === viewerId && <span className="badge">Yours</span>}
            </div>
            {showState && ticket.state === 'sold' && ticket.orderId && (
              <div className="actions">
                {leftOfListing(ticket) > 0 && <Refund ticket={ticket} left={leftOfListing(ticket)} />}
                <Link className="button button-quiet" href={`/sales/${ticket.orderId}`} prefetch={false}>
                  The sale
                  <span className="visually-hidden">
                    {' '}
                    of <bdi>{ticket.title}</bdi>
                  </span>
                </Link>
              </div>
            )}
          </article>
        </li>
      ))}
    </ul>
  );
}
