import { ListedShow } from '@box-office/common/contracts/shows';
import { Ticket } from '@box-office/common/contracts/tickets';
import Link from 'next/link';
import { z } from 'zod';
import { Pager } from '../../components/pager.tsx';
import { SearchForm } from '../../components/search-form.tsx';
import { ShowList } from '../../components/show-list.tsx';
import { BuyTabs } from '../../components/tabs.tsx';
import { TicketList } from '../../components/ticket-list.tsx';
import { nextCursor } from '../../lib/paging.ts';
import { type Query, single } from '../../lib/query.ts';
import { currentUser, read, readIfThere } from '../../server/gateway.ts';
import { page } from '../../server/page.tsx';

const Tickets = z.array(Ticket);
const pageSize = '24';

/** The next shows and the single tickets on sale. */
export default page(async ({ searchParams }: { readonly searchParams: Promise<Query> }) => {
  const asked = await searchParams;
  const q = (single(asked.q) ?? '').trim().slice(0, 200);
  const cursor = single(asked.cursor);
  const wanted = { limit: pageSize, ...(q ? { q } : {}), ...(cursor ? { cursor } : {}) };
  const [{ data: tickets, headers }, shows, user] = await Promise.all([
    read(`/api/tickets?${new URLSearchParams(wanted)}`, Tickets, '/'),
    q || cursor ? null : readIfThere('/api/shows?limit=3', ListedShow.array()),
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
      {shows && shows.length > 0 && <NextShows shows={shows} viewerId={user?.id} />}
      {tickets.length > 0 && <TicketList tickets={tickets} viewerId={user?.id} />}
      {tickets.length === 0 &&
        (next ? <p className="empty">None among the newest tickets. Older ones may match.</p> : <NoTickets q={q} />)}
      <Pager
        first={cursor && pageOf(q)}
        firstWords="Back to the newest"
        next={next && pageOf(q, next)}
        nextWords="More tickets"
      />
    </>
  );
});

interface NextShowsProps {
  readonly shows: readonly ListedShow[];
  readonly viewerId: string | undefined;
}

function NextShows({ shows, viewerId }: NextShowsProps) {
  return (
    <>
      <section className="part" aria-labelledby="shows">
        <h2 id="shows">Next shows</h2>
        <ShowList shows={shows} viewerId={viewerId} />
        <p className="aside">
          <Link href="/shows">All shows</Link>
        </p>
      </section>
      <h2>Single tickets</h2>
    </>
  );
}

function NoTickets({ q }: { readonly q: string }) {
  if (q) {
    return (
      <div className="empty">
        <p>
          No single ticket matches your search.{' '}
          <Link href={{ pathname: '/shows', query: { q } }}>Look for it among the shows</Link>.
        </p>
        <Link href="/">Show all tickets</Link>
      </div>
    );
  }
  return (
    <div className="empty">
      <p>No single tickets are on sale at the moment.</p>
      <Link href="/tickets/new">Sell the first one</Link>
    </div>
  );
}

function pageOf(q: string, cursor?: string) {
  return { pathname: '/', query: { ...(q ? { q } : {}), ...(cursor ? { cursor } : {}) } };
}
