import { TicketAnswer } from '@box-office/common/contracts/tickets';
import type { Metadata } from 'next';
import Link from 'next/link';
import { z } from 'zod';
import { Pager } from '../../components/pager.tsx';
import { SellTabs } from '../../components/tabs.tsx';
import { TicketList } from '../../components/ticket-list.tsx';
import { nextCursor } from '../../lib/paging.ts';
import { type Query, single } from '../../lib/query.ts';
import { mustHaveAccount, read } from '../../server/gateway.ts';
import { page } from '../../server/page.tsx';

export const metadata: Metadata = { title: 'My sales' };

const pageSize = '24';

export default page(async ({ searchParams }: { readonly searchParams: Promise<Query> }) => {
  await mustHaveAccount('/sales');
  const cursor = single((await searchParams).cursor);
  const wanted = new URLSearchParams(cursor ? { limit: pageSize, cursor } : { limit: pageSize });
  const { data: tickets, headers } = await read(`/api/tickets/mine?${wanted}`, z.array(TicketAnswer), '/sales');
  const next = nextCursor(headers.get('link'));
  return (
    <>
      <SellTabs />
      <div className="page-head">
        <h1>My sales</h1>
      </div>
      {tickets.length > 0 || cursor ? (
        <TicketList tickets={tickets} showState />
      ) : (
        <div className="empty">
          <p>
            You have not listed a single ticket yet. Shows that you have announced are under{' '}
            <Link href="/shows/mine">My shows</Link>.
          </p>
          <Link className="button" href="/tickets/new">
            List your first ticket
          </Link>
        </div>
      )}
      <Pager
        first={cursor && '/sales'}
        firstWords="Back to the newest"
        next={next && { pathname: '/sales', query: { cursor: next } }}
        nextWords="Older sales"
      />
    </>
  );
});
