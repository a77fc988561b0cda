import { Order, totalOf } from '@box-office/common/contracts/orders';
import type { Metadata } from 'next';
import Link from 'next/link';
import { z } from 'zod';
import { priceInWords } from '../../lib/money.ts';
import { statusInWords } from '../../lib/order-words.ts';
import { nextCursor } from '../../lib/paging.ts';
import { type Query, single } from '../../lib/query.ts';
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
      <div className="more">
        {cursor && <Link href="/orders">Back to the newest</Link>}
        {next && (
          <Link className="button button-quiet" rel="next" href={{ pathname: '/orders', query: { cursor: next } }}>
            Older orders
          </Link>
        )}
      </div>
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
                {order.ticket.title}
              </Link>
            </h2>
            <div className="ticket-foot">
              <span className="price">{priceInWords(totalOf(order), order.ticket.currency)}</span>
              <span className={`badge badge-${lookOf(order)}`}>
                {isPlainlyPaid(order) ? 'Paid' : statusInWords(order)}
              </span>
            </div>
          </article>
        </li>
      ))}
    </ul>
  );
}

function isPlainlyPaid({ status, refundedAt, refunded, refundFailedAt, dispute }: Order): boolean {
  const isDisputed = dispute?.status === 'open' || dispute?.status === 'lost';
  return status === 'complete' && !refundedAt && !refunded && !refundFailedAt && !isDisputed;
}

function lookOf(order: Order): string {
  const { status } = order;
  if (status === 'complete' && !isPlainlyPaid(order)) return 'refunded';
  return status === 'awaiting:payment' ? 'paying' : status;
}
