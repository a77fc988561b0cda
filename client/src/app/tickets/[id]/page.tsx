import { Ticket } from '@box-office/common/contracts/tickets';
import type { Metadata } from 'next';
import { cache } from 'react';
import { Reserve } from '../../../components/reserve.tsx';
import { SellerActions } from '../../../components/seller-actions.tsx';
import { StateBadge } from '../../../components/ticket-list.tsx';
import { When } from '../../../components/when.tsx';
import { showPrice } from '../../../lib/money.ts';
import { currentUser, read } from '../../../server/gateway.ts';

interface Props {
  readonly params: Promise<{ readonly id: string }>;
}

const ticketOf = cache(async (id: string) => {
  const { data } = await read(`/api/tickets/${encodeURIComponent(id)}`, Ticket, `/tickets/${id}`);
  return data;
});

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const ticket = await ticketOf((await params).id);
  return { title: ticket.title };
}

export default async function TicketPage({ params }: Props) {
  const { id } = await params;
  const [ticket, user] = await Promise.all([ticketOf(id), currentUser()]);
  const isMine = user?.id === ticket.userId;
  return (
    <article className="card narrow">
      <h1>{ticket.title}</h1>
      <p>
        <StateBadge state={ticket.state} /> {isMine && <span className="badge">Yours</span>}
      </p>
      <p className="price price-large">{showPrice(ticket.price, ticket.currency)}</p>
      <dl className="facts">
        <dt>Venue</dt>
        <dd>{ticket.venue ?? 'Not told'}</dd>
        <dt>Starts</dt>
        <dd>{ticket.startsAt ? <When at={ticket.startsAt} /> : 'Not told'}</dd>
      </dl>
      {isMine ? <SellerActions id={ticket.id} state={ticket.state} /> : <Buying ticket={ticket} />}
    </article>
  );
}

function Buying({ ticket }: { readonly ticket: Ticket }) {
  if (ticket.state === 'on-sale') return <Reserve ticketId={ticket.id} />;
  const words = {
    reserved: 'Somebody has reserved this ticket. It comes back on sale if they do not pay in time.',
    sold: 'This ticket is sold.',
    withdrawn: 'The seller has withdrawn this ticket.',
  };
  return <p className="message message-warn aside">{words[ticket.state]}</p>;
}
