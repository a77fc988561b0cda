import { NewOrder, Order } from '@box-office/common/contracts/orders';
import { Id } from '@box-office/common/contracts/primitives';
import { makeOnce } from '@box-office/common/http/idempotency';
import { pageOf, pageQuery } from '@box-office/common/http/paging';
import { type Api, route } from '@box-office/common/http/route';
import { countedBy } from '@box-office/common/signed-in-user';
import { newestFirst } from '@box-office/common/store/page';
import { cancelByBuyer, type Order as StoredOrder, snapshot } from './order.ts';
import type { Asked, Ordering } from './ordering.ts';
import { ownedBy } from './owned-by.ts';
import { mustBeBuyer, type ResaleRoutes, resaleRoutes } from './resale/routes.ts';
import { soldRoutes } from './sold.ts';
import { type WaitingRoutes, waitingRoutes } from './waiting/routes.ts';

const OrdersQuery = pageQuery().extend({
  ticketId: Id.optional().describe('Only orders that contain this ticket'),
  showId: Id.optional().describe('Only orders for this show'),
});

export interface OrderRoutes extends ResaleRoutes, WaitingRoutes {
  readonly ordering: Ordering;
}

export const api = (parts: OrderRoutes): Api => ({
  name: 'orders',
  summary: 'Who holds which ticket, until when, and how it ended.',
  routes: [
    route('POST /api/orders', {
      who: 'signedIn',
      summary: 'Reserve a ticket, or several of a show: all of them or none',
      body: NewOrder,
      keys: parts.keys,
      answers: {
        201: {
          description: 'The tickets are held for you until `expiresAt`; yours already, if they are free',
          body: Order,
          headers: { Location: 'Where the order is' },
        },
      },
      problems: [
        'not-found',
        'ticket-reserved',
        'own-ticket',
        'price-not-payable',
        'show-over',
        'not-on-sale',
        'sold-out',
        'seat-taken',
        'limit-reached',
        'busy',
      ],
      async handle({ user, body, once }) {
        // Before the key is used: what was announced may arrive in a moment, but a 404 would be stored under the key.
        const make = await makerOf(body, parts);
        return once(async (attempt) => {
          const order = await makeOnce(attempt, parts.orders, () =>
            make({ id: attempt.id, userId: user.id, by: countedBy(user) }),
          );
          return { status: 201, headers: { Location: `/api/orders/${order.id}` }, body: snapshot(order) };
        });
      },
    }),

    route('GET /api/orders', {
      who: 'signedIn',
      summary: 'My orders, newest first',
      query: OrdersQuery,
      answers: { 200: pageOf(Order, 'A page of orders') },
      async handle({ user, query }) {
        const { ticketId, showId } = query;
        // Orders of earlier releases have no `tickets`.
        const withTicket = ticketId ? { $or: [{ ticketId }, { 'tickets.id': ticketId }] } : {};
        const filter = { ...ownedBy(user), ...withTicket, ...(showId ? { showId } : {}) };
        const { items, next } = await newestFirst(parts.orders, filter, query);
        return { status: 200, body: items.map(snapshot), next };
      },
    }),

    ...soldRoutes(parts.orders),

    route('GET /api/orders/:id', {
      who: 'signedIn',
      summary: 'One of my orders; to anyone else it does not exist',
      answers: { 200: { description: 'The order', body: Order } },
      async handle({ user, params }) {
        const order = await parts.orders.get(params.id);
        mustBeBuyer(order, user);
        return { status: 200, body: snapshot(order) };
      },
    }),

    route('DELETE /api/orders/:id', {
      who: 'signedIn',
      summary: 'Cancel an order that is not being paid',
      answers: { 200: { description: 'The order, now or already cancelled', body: Order } },
      problems: ['order-paying', 'order-complete', 'busy'],
      async handle({ user, params }) {
        const order = await parts.orders.change(params.id, (it) => {
          mustBeBuyer(it, user);
          return cancelByBuyer(it);
        });
        return { status: 200, body: snapshot(order) };
      },
    }),

    ...resaleRoutes(parts),
    ...waitingRoutes(parts),
  ],
});

/** What makes the order that somebody asks for, once what it is for was looked up. */
async function makerOf(
  { ticketId = '', showId, lines, seats }: NewOrder,
  { ordering, knownTickets, knownShows }: OrderRoutes,
): Promise<(asked: Asked) => Promise<StoredOrder>> {
  if (showId === undefined) {
    const ticket = await knownTickets.find(ticketId);
    return (asked) => ordering.ticket(asked, ticket);
  }
  const show = await knownShows.find(showId);
  if (seats) return (asked) => ordering.seats(asked, show, seats);
  const wanted = new Map(lines?.map(({ kindId, quantity }) => [kindId, quantity]));
  return (asked) => ordering.ofKinds(asked, show, wanted);
}
