import { Order, ticketsOf, totalOf } from '@box-office/common/contracts/orders';
import type { Metadata } from 'next';
import Link from 'next/link';
import { z } from 'zod';
import { Badge } from '../../components/badge.tsx';
import { Pager } from '../../components/pager.tsx';
import { OrderTabs } from '../../components/tabs.tsx';
import { When } from '../../components/when.tsx';
import { priceInWords } from '../../lib/money.ts';
import { nextCursor } from '../../lib/paging.ts';
import { type Query, single } from '../../lib/query.ts';
import { ticketsInWords } from '../../lib/show-words.ts';
import { stateOfOrder } from '../../lib/states.ts';
import { mustBeSignedIn, read } from '../../server/gateway.ts';
import { page } from '../../server/page.tsx';

export const metadata: Metadata = { title: 'My orders' };

export default page(async ({ searchParams }: { readonly searchParams: Promise<Query> }) => {
  await mustBeSignedIn('/orders');
  const cursor = single((await searchParams).cursor);
  const api = cursor ? `/api/orders?${new URLSearchParams({ cursor })}` : '/api/orders';
  const { data: orders, headers } = await read(api, z.array(Order), '/orders');
  const next = nextCursor(headers.get('link'));
  return (
    <>
      <OrderTabs />
      <div className="page-head">
        <h1>My orders</h1>
      </div>
      {orders.length > 0 ? (
        <OrderList orders={orders} />
      ) : (
        <div className="empty">
          <p>You have not reserved a ticket yet.</p>
          <Link href="/">See what is on sale</Link>
        </div>
      )}
      <Pager
        first={cursor && '/orders'}
        firstWords="Back to the newest"
        next={next && { pathname: '/orders', query: { cursor: next } }}
        nextWords="Older orders"
      />
    </>
  );
});

function OrderList({ orders }: { readonly orders: readonly Order[] }) {
  return (
    <ul className="tickets">
      {orders.map((order) => (
        <li key={order.id}>
          <article className="card ticket">
            <h2>
              <Link href={`/orders/${order.id}`} prefetch={false}>
                <bdi>{order.ticket.title}</bdi>
              </Link>
            </h2>
            {order.ticket.startsAt && (
              <p className="muted">
                <When at={order.ticket.startsAt} timeZone={order.ticket.timeZone} />
              </p>
            )}
            {order.showId && <p className="muted">{ticketsInWords(ticketsOf(order).length)}</p>}
            <div className="ticket-foot">
              <span className="price">{priceInWords(totalOf(order), order.ticket.currency)}</span>
              <Badge state={stateOfOrder(order)} />
            </div>
          </article>
        </li>
      ))}
    </ul>
  );
}
