import { Order } from '@box-office/common/contracts/orders';
import { TicketAnswer } from '@box-office/common/contracts/tickets';
import type { Metadata } from 'next';
import Link from 'next/link';
import { cache } from 'react';
import { Badge } from '../../../components/badge.tsx';
import { Reserve } from '../../../components/reserve.tsx';
import { SellerActions } from '../../../components/seller-actions.tsx';
import { When } from '../../../components/when.tsx';
import { priceInWords } from '../../../lib/money.ts';
import { inWords, stateForAll, stateOfListing, stateOfOrder } from '../../../lib/states.ts';
import { currentUser, idIn, read, readIfThere } from '../../../server/gateway.ts';
import { page, titled } from '../../../server/page.tsx';

interface Props {
  readonly params: Promise<{ readonly id: string }>;
}

const ticketOf = cache(async (id: string) => {
  const { data } = await read(`/api/tickets/${id}`, TicketAnswer, `/tickets/${id}`);
  return data;
});

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return titled(async () => (await ticketOf(idIn(await params))).title);
}

export default page(async ({ params }: Props) => {
  const id = idIn(await params);
  const [shown, user] = await Promise.all([ticketOf(id), currentUser()]);
  const order = user ? await myOrderFor(id) : null;
  const isMine = user?.id === shown.userId;
  // Others can buy it from its buyer. To its seller it is sold, and can be neither edited nor withdrawn.
  const ticket = isMine && shown.offered ? { ...shown, state: 'sold' as const } : shown;
  return (
    <article className="card narrow">
      <h1>
        <bdi>{ticket.title}</bdi>
      </h1>
      <p>
        <Badge state={isMine ? stateOfListing(ticket) : stateForAll(ticket)} />{' '}
        {isMine && <span className="badge">Yours</span>}
      </p>
      <p className="price price-large">{priceInWords(ticket.price, ticket.currency)}</p>
      <dl className="facts">
        <dt>Venue</dt>
        <dd>
          <bdi>{ticket.venue ?? 'Not specified'}</bdi>
        </dd>
        <dt>Starts</dt>
        <dd>{ticket.startsAt ? <When at={ticket.startsAt} timeZone={ticket.timeZone} /> : 'Not specified'}</dd>
      </dl>
      {isMine && <SellerActions ticket={ticket} />}
      {order && <MyOrder order={order} />}
      {!isMine && !order && <Reserve buyer={user} ticket={ticket} />}
    </article>
  );
});

/** The order with which I bought the ticket or hold it; not one whose ticket I have sold on. */
async function myOrderFor(ticketId: string): Promise<Order | null> {
  const [newest] = (await readIfThere(`/api/orders?ticketId=${ticketId}&limit=1`, Order.array())) ?? [];
  return newest && !['cancelled', 'resold'].includes(stateOfOrder(newest)) ? newest : null;
}

function MyOrder({ order }: { readonly order: Order }) {
  return (
    <>
      <p className="message message-good aside">Your order: {inWords(stateOfOrder(order))}</p>
      <div className="actions">
        <Link className="button" href={`/orders/${order.id}`}>
          Go to your order
        </Link>
      </div>
    </>
  );
}
