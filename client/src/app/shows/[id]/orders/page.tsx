import { RefusedMail } from '@box-office/common/contracts/mail';
import { SoldOrder, ticketsOf, totalOf } from '@box-office/common/contracts/orders';
import { ShowAnswer } from '@box-office/common/contracts/shows';
import type { Metadata } from 'next';
import Link from 'next/link';
import { redirect } from 'next/navigation';
import { z } from 'zod';
import { Badge } from '../../../../components/badge.tsx';
import { Pager } from '../../../../components/pager.tsx';
import { RefusedMails } from '../../../../components/refused-mails.tsx';
import { priceInWords } from '../../../../lib/money.ts';
import { kindsInWords } from '../../../../lib/order-lines.ts';
import { nextCursor } from '../../../../lib/paging.ts';
import { type Query, single } from '../../../../lib/query.ts';
import { stateOfOrder } from '../../../../lib/states.ts';
import { idIn, mustBeSignedIn, NotThere, read, readIfThere } from '../../../../server/gateway.ts';
import { page } from '../../../../server/page.tsx';

export const metadata: Metadata = { title: 'Orders of a show' };

interface Props {
  readonly params: Promise<{ readonly id: string }>;
  readonly searchParams: Promise<Query>;
}

export default page(async ({ params, searchParams }: Props) => {
  const id = idIn(await params);
  const path = `/shows/${id}/orders`;
  const user = await mustBeSignedIn(path);
  const asked = await searchParams;
  const number = single(asked.order)?.trim().toLowerCase();
  if (number) redirect(`/sales/${encodeURIComponent(number)}`);
  const cursor = single(asked.cursor);
  const { data: show } = await read(`/api/shows/${id}`, ShowAnswer, path);
  if (show.userId !== user.id) throw new NotThere(`${path} is not for ${user.id}`);
  const wanted = new URLSearchParams({ showId: id, limit: '24', ...(cursor ? { cursor } : {}) });
  const { data: orders, headers } = await read(`/api/orders/sold?${wanted}`, z.array(SoldOrder), path);
  const next = nextCursor(headers.get('link'));
  const refused = cursor ? null : await readIfThere(`/api/mail/refused?showId=${id}&limit=20`, RefusedMail.array());
  return (
    <>
      <div className="page-head">
        <div>
          <p className="muted">
            <Link href={`/shows/${id}`}>
              <bdi>{show.title}</bdi>
            </Link>
          </p>
          <h1>Orders</h1>
        </div>
        <FindOrder action={path} />
      </div>
      <RefusedMails mails={refused ?? []} linksOrders />
      {orders.length > 0 ? (
        <SoldOrders orders={orders} />
      ) : (
        <div className="empty">
          <p>Nothing is sold yet.</p>
          <Link href={`/shows/${id}`}>Back to the show</Link>
        </div>
      )}
      <Pager
        first={cursor && path}
        firstWords="Back to the first"
        next={next && { pathname: path, query: { cursor: next } }}
        nextWords="More orders"
      />
    </>
  );
});

/** Buyers see the number of their order, and can tell it when they ask for something. */
function FindOrder({ action }: { readonly action: string }) {
  return (
    <search>
      <form className="search" action={action}>
        <label className="visually-hidden" htmlFor="order">
          Order number
        </label>
        <input id="order" name="order" maxLength={100} placeholder="Order number" autoComplete="off" />
        <button type="submit" className="button button-quiet">
          Find
        </button>
      </form>
    </search>
  );
}

function SoldOrders({ orders }: { readonly orders: readonly SoldOrder[] }) {
  return (
    <ul className="tickets">
      {orders.map((order) => (
        <li key={order.id}>
          <article className="card ticket">
            <h2>
              <Link href={`/sales/${order.id}`} prefetch={false}>
                <bdi>{kindsInWords(order)}</bdi>
              </Link>
            </h2>
            <Seats order={order} />
            <p className="muted order-number">{order.id}</p>
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

function Seats({ order }: { readonly order: SoldOrder }) {
  const seats = ticketsOf(order).flatMap(({ seat }) => seat ?? []);
  return seats.length > 0 ? (
    <p className="muted">
      <bdi>{seats.join(', ')}</bdi>
    </p>
  ) : null;
}
