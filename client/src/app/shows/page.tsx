import { ListedShow } from '@box-office/common/contracts/shows';
import type { Metadata } from 'next';
import Link from 'next/link';
import { z } from 'zod';
import { SearchForm } from '../../components/search-form.tsx';
import { ShowList } from '../../components/show-list.tsx';
import { BuyTabs } from '../../components/tabs.tsx';
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
  const wanted = { limit: pageSize, ...(q ? { q } : {}), ...(cursor ? { cursor } : {}) };
  const [{ data: shows, headers }, user] = await Promise.all([
    read(`/api/shows?${new URLSearchParams(wanted)}`, Shows, '/shows'),
    currentUser(),
  ]);
  const next = nextCursor(headers.get('link'));

  return (
    <>
      <BuyTabs />
      <div className="page-head">
        <h1>{q ? `Shows for “${q}”` : 'What is on'}</h1>
        <SearchForm action="/shows" q={q} />
      </div>
      {shows.length > 0 ? <ShowList shows={shows} viewerId={user?.id} /> : <NoShows q={q} />}
      <div className="more">
        {cursor && <Link href={pageOf(q)}>Back to the next shows</Link>}
        {next && (
          <Link className="button button-quiet" rel="next" href={pageOf(q, next)}>
            Later shows
          </Link>
        )}
      </div>
    </>
  );
});

function NoShows({ q }: { readonly q: string }) {
  return (
    <div className="empty">
      <p>{q ? 'No show matches your search.' : 'No shows are announced at the moment.'}</p>
      {q ? <Link href="/shows">See all shows</Link> : <Link href="/shows/new">Announce the first one</Link>}
    </div>
  );
}

function pageOf(q: string, cursor?: string) {
  return { pathname: '/shows', query: { ...(q ? { q } : {}), ...(cursor ? { cursor } : {}) } };
}
