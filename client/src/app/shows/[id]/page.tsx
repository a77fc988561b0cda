import { Order, ticketsOf } from '@box-office/common/contracts/orders';
import { Seat, ShowAnswer } from '@box-office/common/contracts/shows';
import { WaitingAnswer } from '@box-office/common/contracts/waiting';
import type { Metadata } from 'next';
import Link from 'next/link';
import { cache } from 'react';
import { z } from 'zod';
import { Buy } from '../../../components/buy.tsx';
import { OrganiserActions } from '../../../components/organiser-actions.tsx';
import type { SeatPage } from '../../../components/seat-picker.tsx';
import { ShowFacts } from '../../../components/show-facts.tsx';
import { ShowBadge } from '../../../components/show-list.tsx';
import { stateForBuyer } from '../../../lib/order-words.ts';
import { nextCursor } from '../../../lib/paging.ts';
import { ticketsInWords, whyClosed } from '../../../lib/show-words.ts';
import { currentUser, idIn, read, readIfThere } from '../../../server/gateway.ts';
import { page, titled } from '../../../server/page.tsx';

interface Props {
  readonly params: Promise<{ readonly id: string }>;
}

const showOf = cache((id: string) => read(`/api/shows/${id}`, ShowAnswer, `/shows/${id}`));

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return titled(async () => (await showOf(idIn(await params))).data.title);
}

export default page(async ({ params }: Props) => {
  const id = idIn(await params);
  const [{ data: show, headers }, user] = await Promise.all([showOf(id), currentUser()]);
  const isMine = user?.id === show.userId;
  const orders = user && !isMine ? await myOrdersFor(id) : [];
  const closed = whyClosed(show);
  return (
    <div className="columns">
      <article className="card">
        <h1>
          <bdi>{show.title}</bdi>
        </h1>
        <p>
          <ShowBadge show={show} /> {isMine && <span className="badge">Yours</span>}
        </p>
        <ShowFacts show={show} />
      </article>
      <section className="card" aria-labelledby="tickets">
        <h2 id="tickets">{isMine ? 'Your show' : 'Tickets'}</h2>
        {isMine && <OrganiserActions show={show} />}
        {orders.length > 0 && <MyOrders orders={orders} />}
        {!isMine && closed && <p className="message message-warn">{closed}</p>}
        {!isMine && !closed && (
          <Buy
            buyer={user}
            show={show}
            seats={await firstSeats(show)}
            waiting={user ? await myPlacesIn(id) : {}}
            nowMs={Date.parse(headers.get('date') ?? '') || Date.now()}
          />
        )}
      </section>
    </div>
  );
});

/** My newest orders for the show, without those that ended without a sale. */
async function myOrdersFor(showId: string): Promise<Order[]> {
  const newest = (await readIfThere(`/api/orders?showId=${showId}&limit=20`, Order.array())) ?? [];
  return newest.filter(({ status }) => status !== 'cancelled');
}

/** My last places in the lines for the show, by kind: those where I wait, if I do. */
async function myPlacesIn(showId: string): Promise<Record<string, WaitingAnswer>> {
  const entries = (await readIfThere(`/api/waiting-list?showId=${showId}&limit=100`, WaitingAnswer.array())) ?? [];
  const waitingLast = entries
    .toReversed()
    .toSorted((a, b) => Number(a.state === 'waiting') - Number(b.state === 'waiting'));
  return Object.fromEntries(waitingLast.map((it) => [it.kindId, it]));
}

function MyOrders({ orders }: { readonly orders: readonly Order[] }) {
  return (
    <ul className="message message-good mine">
      {orders.map((order) => (
        <li key={order.id}>
          <Link href={`/orders/${order.id}`} prefetch={false}>
            Your order of {ticketsInWords(ticketsOf(order).length)}
          </Link>
          : {stateForBuyer(order)}
          {order.status === 'created' && (
            <>
              .{' '}
              <Link href={`/orders/${order.id}`} prefetch={false}>
                Pay now
              </Link>
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

async function firstSeats({ id, kinds }: ShowAnswer): Promise<Record<string, SeatPage>> {
  const pages = kinds
    .filter(({ seated }) => seated)
    .map(async ({ id: kindId }): Promise<[string, SeatPage]> => {
      const wanted = new URLSearchParams({ kindId, limit: '100' });
      const { data, headers } = await read(`/api/shows/${id}/seats?${wanted}`, z.array(Seat), `/shows/${id}`);
      return [kindId, { seats: data, next: nextCursor(headers.get('link')) }];
    });
  return Object.fromEntries(await Promise.all(pages));
}
