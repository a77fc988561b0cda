import { Ticket } from '@box-office/common/contracts/tickets';
import type { Metadata } from 'next';
import Link from 'next/link';
import { z } from 'zod';
import { TicketList } from '../../components/ticket-list.tsx';
import { mustBeSignedIn, read } from '../../server/gateway.ts';

export const metadata: Metadata = { title: 'My sales' };

export default async function SalesPage() {
  await mustBeSignedIn('/sales');
  const { data: tickets } = await read('/api/tickets/mine', z.array(Ticket), '/sales');
  return (
    <>
      <div className="page-head">
        <h1>My sales</h1>
      </div>
      {tickets.length > 0 ? (
        <TicketList tickets={tickets} showState />
      ) : (
        <div className="empty">
          <p>You have not listed a ticket yet.</p>
          <Link className="button" href="/tickets/new">
            List your first ticket
          </Link>
        </div>
      )}
    </>
  );
}
