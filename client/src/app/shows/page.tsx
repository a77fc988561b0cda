import { ListedShow } from '@box-office/common/contracts/shows';
import type { Metadata } from 'next';
import Link from 'next/link';
import { z } from 'zod';
import { Pager } from '../../components/pager.tsx';
import { ShowList } from '../../components/show-list.tsx';
import { ShowSearch } from '../../components/show-search.tsx';
import { BuyTabs } from '../../components/tabs.tsx';
import { boundsOf, type Days, daysIn } from '../../lib/days.ts';
import { nextCursor } from '../../lib/paging.ts';
import { type Query, single } from '../../lib/query.ts';
import { currentUser, read } from '../../server/gateway.ts';
import { page } from '../../server/page.tsx';

export const metadata: Metadata = { title: 'Shows' };

const Shows = z.array(ListedShow);
const pageSize = '24';

/** What is on, soonest first. */
export default page(async ({ searchParams }: { readonly searchParams: Promise<Query> }) => {
  const asked = await searchParams;
  const q = (single(asked.q) ?? '').trim().slice(0, 200);
  const cursor = single(asked.cursor);
  const days = daysIn(single(asked.from), single(asked.to), single(asked.zone));
  const wanted = { limit: pageSize, ...(q ? { q } : {}), ...boundsOf(days), ...(cursor ? { cursor } : {}) };
  const [{ data: shows, headers }, user] = await Promise.all([
    read(`/api/shows?${new URLSearchParams(wanted)}`, Shows, '/shows'),
    currentUser(),
  ]);
  const isSearch = q !== '' || days.from !== undefined || days.to !== undefined;
  const next = nextCursor(headers.get('link'));

  return (
    <>
      <BuyTabs />
      <div className="page-head">
        <div>
          <h1>{q ? `Shows for “${q}”` : 'What is on'}</h1>
          {user && <Link href="/shows/new">Announce a show</Link>}
        </div>
        <ShowSearch key={`${q} ${days.from} ${days.to}`} q={q} days={days} />
      </div>
      {shows.length > 0 ? <ShowList shows={shows} viewerId={user?.id} /> : <NoShows isSearch={isSearch} />}
      <Pager
        first={cursor && pageOf(q, days)}
        firstWords="Back to the next shows"
        next={next && pageOf(q, days, next)}
        nextWords="Later shows"
      />
    </>
  );
});

function NoShows({ isSearch }: { readonly isSearch: boolean }) {
  return (
    <div className="empty">
      <p>{isSearch ? 'No show matches your search.' : 'No shows are announced at the moment.'}</p>
      {isSearch ? <Link href="/shows">See all shows</Link> : <Link href="/shows/new">Announce the first one</Link>}
    </div>
  );
}

function pageOf(q: string, { from, to, zone }: Days, cursor?: string) {
  const days = { ...(from ? { from } : {}), ...(to ? { to } : {}), ...(from || to ? { zone } : {}) };
  return { pathname: '/shows', query: { ...(q ? { q } : {}), ...days, ...(cursor ? { cursor } : {}) } };
}
