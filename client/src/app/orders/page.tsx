import { Order, ticketsOf, totalOf } from '@box-office/common/contracts/orders';
import { ShowAnswer } from '@box-office/common/contracts/shows';
import type { Metadata } from 'next';
import Link from 'next/link';
import { z } from 'zod';
import { Badge } from '../../components/badge.tsx';
import { Pager } from '../../components/pager.tsx';
import { OrderTabs } from '../../components/tabs.tsx';
import { When } from '../../components/when.tsx';
import { priceInWords } from '../../lib/money.ts';
import { nextCursor } from '../../lib/paging.ts';
import { type Place, type Placed, placeOfOrder, showsOf } from '../../lib/place.ts';
import { type Query, single } from '../../lib/query.ts';
import { ticketsInWords } from '../../lib/show-words.ts';
import { stateOfOrder } from '../../lib/states.ts';
import { mustBeSignedIn, read, readIfThere } from '../../server/gateway.ts';
import { page } from '../../server/page.tsx';

/** On one page: for each there may be a show to read. */
const limit = '20';

export const metadata: Metadata = { title: 'My orders' };

export default page(async ({ searchParams }: { readonly searchParams: Promise<Query> }) => {
  await mustBeSignedIn('/orders');
  const cursor = single((await searchParams).cursor);
  const wanted = new URLSearchParams({ limit, ...(cursor ? { cursor } : {}) });
  const { data: orders, headers } = await read(`/api/orders?${wanted}`, z.array(Order), '/orders');
  const next = nextCursor(headers.get('link'));
  const shows = await readShows(orders);
  return (
    <>
      <OrderTabs />
      <div className="page-head">
        <h1>My orders</h1>
      </div>
      {orders.length > 0 ? (
        <OrderList orders={orders} shows={shows} />
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

/** The shows of these orders as they are now, by their ids. */
async function readShows(orders: readonly Order[]): Promise<ReadonlyMap<string, Placed>> {
  const found = showsOf(orders).map((id) => readIfThere(`/api/shows/${id}`, ShowAnswer));
  return new Map((await Promise.all(found)).flatMap((show) => (show ? [[show.id, show]] : [])));
}

interface OrderListProps {
  readonly orders: readonly Order[];
  readonly shows: ReadonlyMap<string, Placed>;
}

function OrderList({ orders, shows }: OrderListProps) {
  return (
    <ul className="tickets">
      {orders.map((order) => (
        <li key={order.id}>
          <ListedOrder order={order} place={placeOfOrder(order, shows.get(order.showId ?? '') ?? null)} />
        </li>
      ))}
    </ul>
  );
}

function ListedOrder({ order, place }: { readonly order: Order; readonly place: Place }) {
  return (
    <article className="card ticket">
      <h2>
        <Link href={`/orders/${order.id}`} prefetch={false}>
          <bdi>{order.ticket.title}</bdi>
        </Link>
      </h2>
      {place.startsAt && (
        <p className="muted">
          <When at={place.startsAt} timeZone={place.timeZone} />
        </p>
      )}
      {order.showId && <p className="muted">{ticketsInWords(ticketsOf(order).length)}</p>}
      <div className="ticket-foot">
        <span className="price">{priceInWords(totalOf(order), order.ticket.currency)}</span>
        <Badge state={stateOfOrder(order)} />
      </div>
    </article>
  );
}
