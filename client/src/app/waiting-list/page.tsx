import { WaitingAnswer } from '@box-office/common/contracts/waiting';
import type { Metadata } from 'next';
import Link from 'next/link';
import { z } from 'zod';
import { Pager } from '../../components/pager.tsx';
import { OrderTabs } from '../../components/tabs.tsx';
import { WaitingList } from '../../components/waiting-list.tsx';
import { nextCursor } from '../../lib/paging.ts';
import { type Query, single } from '../../lib/query.ts';
import { howWaitingWorks } from '../../lib/waiting-words.ts';
import { mustBeSignedIn, read } from '../../server/gateway.ts';
import { page } from '../../server/page.tsx';

export const metadata: Metadata = { title: 'Waiting list' };

const path = '/waiting-list';

export default page(async ({ searchParams }: { readonly searchParams: Promise<Query> }) => {
  await mustBeSignedIn(path);
  const cursor = single((await searchParams).cursor);
  const wanted = new URLSearchParams({ limit: '24', ...(cursor ? { cursor } : {}) });
  const { data: entries, headers } = await read(`/api/waiting-list?${wanted}`, z.array(WaitingAnswer), path);
  const next = nextCursor(headers.get('link'));
  return (
    <>
      <OrderTabs />
      <div className="page-head">
        <h1>Waiting list</h1>
      </div>
      {entries.length > 0 ? (
        <>
          <p className="muted">{howWaitingWorks}</p>
          <WaitingList entries={entries} />
        </>
      ) : (
        <div className="empty">
          <p>You wait for nothing. Where a show is sold out, you can join its waiting list.</p>
          <Link href="/shows">See what is on</Link>
        </div>
      )}
      <Pager
        first={cursor && path}
        firstWords="Back to the newest"
        next={next && { pathname: path, query: { cursor: next } }}
        nextWords="Older ones"
      />
    </>
  );
});
