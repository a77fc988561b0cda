'use client';

import { SoldOrder, totalOf } from '@box-office/common/contracts/orders';
import Link from 'next/link';
import { useState } from 'react';
import { call } from '../browser/api.ts';
import { priceInWords } from '../lib/money.ts';
import { leftToRefund, moneyForSeller } from '../lib/money-lines.ts';
import { inWords, lookOf, stateOfOrder } from '../lib/states.ts';
import { useFocusWhen } from './confirm.tsx';
import { OrderLines } from './order-lines.tsx';
import { RefundPanel } from './refund-panel.tsx';
import { TimeFact } from './when.tsx';

/** One complete order as its seller sees it, and what can be refunded of it. */
export function SaleView({ first }: { readonly first: SoldOrder }) {
  const [order, setOrder] = useState(first);
  const { id, ticket, showId } = order;
  const left = leftToRefund(order);
  const outcome = useFocusWhen<HTMLDivElement>(left === 0 && order !== first);

  return (
    <div className="columns">
      <section className="card">
        <h1>
          <bdi>{ticket.title}</bdi>
        </h1>
        <dl className="facts">
          <dt>Order</dt>
          <dd className="order-number">{id}</dd>
          <TimeFact name="Starts" at={ticket.startsAt} timeZone={ticket.timeZone} />
        </dl>
        <OrderLines order={order} />
        <p className="price price-large">{priceInWords(totalOf(order), ticket.currency)}</p>
        <div ref={outcome} role="status" tabIndex={-1} className={`message message-${lookOf(stateOfOrder(order))}`}>
          <p>{inWords(stateOfOrder(order))}</p>
          {moneyForSeller(order).map((line) => (
            <p key={line}>{line}</p>
          ))}
        </div>
        <p className="aside">
          {showId ? (
            <>
              <Link href={`/shows/${showId}/orders`}>All orders of the show</Link> ·{' '}
              <Link href={`/shows/${showId}/sales`}>Its sales</Link>
            </>
          ) : (
            <>
              <Link href="/sales">My sales</Link> · <Link href={`/tickets/${ticket.id}`}>The ticket</Link>
            </>
          )}
        </p>
      </section>
      {left > 0 && (
        <RefundPanel
          order={order}
          left={left}
          onRefunded={(refunded) => followed(id, refunded).then((newer) => newer && setOrder(newer))}
        />
      )}
    </div>
  );
}

const tries = 15;
const betweenMs = 300;

/** The order once it shows that this much is refunded; undefined if that takes longer than a few seconds. */
async function followed(id: string, refunded: number): Promise<SoldOrder | undefined> {
  for (let i = 0; i < tries; i++) {
    const outcome = await call('GET', `/api/orders/sold/${id}`);
    const order = outcome.ok ? SoldOrder.safeParse(outcome.body).data : undefined;
    if (order && (order.refundedAt || (order.refunded ?? 0) >= refunded)) return order;
    await new Promise((resolve) => setTimeout(resolve, betweenMs));
  }
  return undefined;
}
