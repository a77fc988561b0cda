import type { Ticket } from '@box-office/common/contracts/tickets';
import Link from 'next/link';
import { priceInWords } from '../lib/money.ts';
import { stateInWords } from '../lib/order-words.ts';
import { Refund } from './refund.tsx';
import { When } from './when.tsx';

interface TicketListProps {
  readonly tickets: readonly Ticket[];
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
                {ticket.title}
              </Link>
            </h2>
            {ticket.venue && <p className="muted">{ticket.venue}</p>}
            {ticket.startsAt && (
              <p className="muted">
                <When at={ticket.startsAt} timeZone={ticket.timeZone} />
              </p>
            )}
            <div className="ticket-foot">
              <span className="price">{priceInWords(ticket.price, ticket.currency)}</span>
              {showState && <StateBadge state={ticket.state} refunded={ticket.refundedAt !== undefined} />}
              {!showState && ticket.userId === viewerId && <span className="badge">Yours</span>}
            </div>
            {showState && ticket.state === 'sold' && ticket.price > 0 && !ticket.refundedAt && (
              <Refund ticket={ticket} />
            )}
          </article>
        </li>
      ))}
    </ul>
  );
}

interface StateBadgeProps {
  readonly state: Ticket['state'];
  readonly refunded?: boolean;
}

export function StateBadge({ state, refunded = false }: StateBadgeProps) {
  return (
    <span className={`badge badge-${refunded ? 'refunded' : state}`}>
      {refunded ? 'Sold and refunded' : stateInWords(state)}
    </span>
  );
}
