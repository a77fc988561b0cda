import { NewOrder, Order } from '@box-office/common/contracts/orders';
import { Id } from '@box-office/common/contracts/primitives';
import { z } from 'zod';
import { idempotencyKey, type ServiceApi } from './route.ts';

/** What may stand in the query of GET /api/orders; `docs.test.ts` holds it against the route. */
export const OrdersQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(50).describe('How many on a page'),
  cursor: Id.optional().describe('The last order of the page before; taken from `Link`'),
});

export const ordersApi: ServiceApi = {
  name: 'orders',
  summary: 'Who holds which ticket, until when, and how it ended.',
  bodies: { NewOrder },
  answers: { Order },
  routes: [
    {
      method: 'post',
      path: '/api/orders',
      summary: 'Reserve a ticket',
      asker: 'signed-in',
      headers: idempotencyKey,
      body: NewOrder,
      answers: {
        201: {
          says: 'It is kept for you until `expiresAt`',
          body: Order,
          headers: { Location: 'Where the order is' },
        },
      },
      problems: { 404: ['not-found'], 409: ['ticket-reserved', 'own-ticket', 'price-not-payable'] },
    },
    {
      method: 'get',
      path: '/api/orders',
      summary: 'My orders, newest first',
      asker: 'signed-in',
      query: OrdersQuery,
      answers: {
        200: {
          says: 'A page of orders',
          body: Order.array(),
          headers: { Link: 'The next page as `<…>; rel="next"`, if there is one' },
        },
      },
    },
    {
      method: 'get',
      path: '/api/orders/:id',
      summary: 'One order of mine; nobody else can tell that it exists',
      asker: 'signed-in',
      answers: { 200: { says: 'The order', body: Order } },
    },
    {
      method: 'delete',
      path: '/api/orders/:id',
      summary: 'Cancel an order that is not being paid',
      asker: 'signed-in',
      answers: { 200: { says: 'The order, cancelled now or before', body: Order } },
      problems: { 409: ['order-paying', 'order-complete', 'busy'] },
    },
  ],
};
