import { SoldOrder } from '@box-office/common/contracts/orders';
import { Id } from '@box-office/common/contracts/primitives';
import { pageOf, pageQuery } from '@box-office/common/http/paging';
import { type Route, route } from '@box-office/common/http/route';
import { notFound } from '@box-office/common/problem';
import { isTheirs } from '@box-office/common/signed-in-user';
import type { Aggregates } from '@box-office/common/store/aggregates';
import { soldKey } from './lookup.ts';
import { type Order, snapshot } from './order.ts';

const SoldQuery = pageQuery().extend({ showId: Id.describe('The show') });

/** Sorts after every id. */
const afterIds = 'g';

/** What a seller may ask about the orders that were paid, or were free. */
export const soldRoutes = (orders: Aggregates<Order>): Route[] => [
  route('GET /api/orders/sold', {
    who: 'signedIn',
    summary: 'The complete orders of a show that I organise',
    query: SoldQuery,
    answers: { 200: pageOf(SoldOrder, 'A page of orders') },
    async handle({ user, query: { showId, limit, cursor } }) {
      const of = (orderId: string) => soldKey({ sellerId: user.id, showId, id: orderId });
      const found = await orders.query(
        { sold: { $gt: of(''), $lt: of(cursor ?? afterIds) } },
        { sort: { sold: -1 }, limit: limit + 1 },
      );
      const items = found.slice(0, limit);
      return { status: 200, body: items.map(soldOrder), next: found.length > limit ? items.at(-1)?.id : undefined };
    },
  }),

  route('GET /api/orders/sold/:id', {
    who: 'signedIn',
    summary: 'One complete order of what I sell; to anyone else it does not exist',
    answers: { 200: { description: 'The order', body: SoldOrder } },
    async handle({ user, params }) {
      const order = await orders.get(params.id);
      if (!isTheirs(user, order.sellerId) || order.status !== 'complete') throw notFound();
      return { status: 200, body: soldOrder(order) };
    },
  }),
];

function soldOrder(order: Order): SoldOrder {
  const { userId: _, traceparent: __, ...facts } = snapshot(order);
  return facts;
}
