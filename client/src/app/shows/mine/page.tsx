import { ListedShow } from '@box-office/common/contracts/shows';
import type { Metadata } from 'next';
import Link from 'next/link';
import { z } from 'zod';
import { Pager } from '../../../components/pager.tsx';
import { ShowList } from '../../../components/show-list.tsx';
import { SellTabs } from '../../../components/tabs.tsx';
import { nextCursor } from '../../../lib/paging.ts';
import { type Query, single } from '../../../lib/query.ts';
import { mustHaveAccount, read } from '../../../server/gateway.ts';
import { page } from '../../../server/page.tsx';

export const metadata: Metadata = { title: 'My shows' };

const pageSize = '24';

export default page(async ({ searchParams }: { readonly searchParams: Promise<Query> }) => {
  await mustHaveAccount('/shows/mine');
  const cursor = single((await searchParams).cursor);
  const wanted = new URLSearchParams(cursor ? { limit: pageSize, cursor } : { limit: pageSize });
  const { data: shows, headers } = await read(`/api/shows/mine?${wanted}`, z.array(ListedShow), '/shows/mine');
  const next = nextCursor(headers.get('link'));
  return (
    <>
      <SellTabs />
      <div className="page-head">
        <h1>My shows</h1>
        <Link className="button" href="/shows/new">
          Announce a show
        </Link>
      </div>
      {shows.length > 0 || cursor ? (
        <ShowList shows={shows} showState />
      ) : (
        <div className="empty">
          <p>
            You have not announced a show yet. What you sell ticket by ticket is under{' '}
            <Link href="/sales">Single tickets</Link>.
          </p>
        </div>
      )}
      <Pager
        first={cursor && '/shows/mine'}
        firstWords="Back to the first"
        next={next && { pathname: '/shows/mine', query: { cursor: next } }}
        nextWords="More shows"
      />
    </>
  );
});
