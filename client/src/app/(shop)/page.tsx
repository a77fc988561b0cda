import { Ticket } from '@box-office/common/contracts/tickets';
import Link from 'next/link';
import { z } from 'zod';
import { SearchForm } from '../../components/search-form.tsx';
import { BuyTabs } from '../../components/tabs.tsx';
import { TicketList } from '../../components/ticket-list.tsx';
import { nextCursor } from '../../lib/paging.ts';
import { type Query, single } from '../../lib/query.ts';
import { currentUser, read } from '../../server/gateway.ts';
import { page } from '../../server/page.tsx';

const Tickets = z.array(Ticket);
const pageSize = '24';

/** The tickets on sale. */
export default page(async ({ searchParams }: { readonly searchParams: Promise<Query> }) => {
  const asked = await searchParams;
  const q = (single(asked.q) ?? '').trim().slice(0, 200);
  const cursor = single(asked.cursor);
  const wanted = cursor ? { q, limit: pageSize, cursor } : { q, limit: pageSize };
  const [{ data: tickets, headers }, user] = await Promise.all([
    read(`/api/tickets?${new URLSearchParams(wanted)}`, Tickets, '/'),
    currentUser(),
  ]);
  const next = nextCursor(headers.get('link'));

  return (
    <>
      <BuyTabs />
      <div className="page-head">
        <h1>{q ? `Tickets for “${q}”` : 'Tickets on sale'}</h1>
        <SearchForm action="/" q={q} />
      </div>
      {tickets.length > 0 ? <TicketList tickets={tickets} viewerId={user?.id} /> : <NoTickets q={q} />}
      <div className="more">
        {cursor && <Link href={pageOf(q)}>Back to the newest</Link>}
        {next && (
          <Link className="button button-quiet" rel="next" href={pageOf(q, next)}>
            More tickets
          </Link>
        )}
      </div>
    </>
  );
});

function NoTickets({ q }: { readonly q: string }) {
  return (
    <div className="empty">
      <p>{q ? 'No ticket on sale matches your search.' : 'No tickets are on sale at the moment.'}</p>
      {q ? <Link href="/">Show all tickets</Link> : <Link href="/tickets/new">Sell the first one</Link>}
    </div>
  );
}

function pageOf(q: string, cursor?: string) {
  return { pathname: '/', query: { ...(q ? { q } : {}), ...(cursor ? { cursor } : {}) } };
}
