import { NewOrder, Order } from '@box-office/common/contracts/orders';
import { Id } from '@box-office/common/contracts/primitives';
import type { Ticket } from '@box-office/common/contracts/tickets';
import { type IdempotencyKeys, makeOnce } from '@box-office/common/http/idempotency';
import { pageOf, pageQuery } from '@box-office/common/http/paging';
import { type Api, route } from '@box-office/common/http/route';
import type { AwaitedCopies } from '@box-office/common/messaging/awaited-copies';
import { notFound } from '@box-office/common/problem';
import type { Aggregates } from '@box-office/common/store/aggregates';
import { isDuplicateKey } from '@box-office/common/store/duplicate-key';
import { newestFirst } from '@box-office/common/store/page';
import { cancelByBuyer, type Order as StoredOrder, snapshot } from './order.ts';
import { reserve, ticketReserved } from './reserve.ts';

const OrdersQuery = pageQuery().extend({ ticketId: Id.optional().describe('Only orders for this ticket') });

export interface OrderRoutes {
  readonly orders: Aggregates<StoredOrder>;
  readonly knownTickets: AwaitedCopies<Ticket>;
  readonly now: () => Date;
  readonly keys: IdempotencyKeys;
  readonly windowMs: number;
}

export const api = (parts: OrderRoutes): Api => ({
  name: 'orders',
  summary: 'Who holds which ticket, until when, and how it ended.',
  routes: [
    route('POST /api/orders', {
      who: 'signedIn',
      summary: 'Reserve a ticket',
      body: NewOrder,
      keys: parts.keys,
      answers: {
        201: {
          description: 'The ticket is held for you until `expiresAt`',
          body: Order,
          headers: { Location: 'Where the order is' },
        },
      },
      problems: ['not-found', 'ticket-reserved', 'own-ticket', 'price-not-payable', 'show-over'],
      async handle({ user, body, once }) {
        // Before the key is used: the ticket's event may arrive in a moment, but a 404 would be stored under the key.
        const ticket = await parts.knownTickets.find(body.ticketId);
        return once(async (attempt) => {
          const make = () => reserveFor(parts, user.id, ticket, attempt.id);
          const order = await makeOnce(attempt, parts.orders, make);
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
        const { ticketId } = query;
        const filter = { userId: user.id, ...(ticketId ? { ticketId } : {}) };
        const { items, next } = await newestFirst(parts.orders, filter, query);
        return { status: 200, body: items.map(snapshot), next };
      },
    }),

    route('GET /api/orders/:id', {
      who: 'signedIn',
      summary: 'One of my orders; to anyone else it does not exist',
      answers: { 200: { description: 'The order', body: Order } },
      async handle({ user, params }) {
        const order = await parts.orders.get(params.id);
        mustBeBuyer(order, user.id);
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
          mustBeBuyer(it, user.id);
          return cancelByBuyer(it);
        });
        return { status: 200, body: snapshot(order) };
      },
    }),
  ],
});

async function reserveFor(
  { orders, now, windowMs }: OrderRoutes,
  userId: string,
  ticket: Ticket | null,
  id: string,
): Promise<StoredOrder> {
  // Passing over an unreadable last order would repeat its attempt, and blame its buyer for the duplicate key.
  const last = ticket && (await orders.findOne({ ticketId: ticket.id }, { attempt: -1 }));
  const reservation = reserve({ id, userId, ticket, last, now: now(), windowMs });
  return orders.add(reservation).catch((error: unknown) => {
    // Another buyer made the same attempt between our read and our write; the unique index lets one through.
    throw isDuplicateKey(error) ? ticketReserved() : error;
  });
}

/** To anyone but its buyer, an order does not exist. */
function mustBeBuyer(order: StoredOrder, userId: string): void {
  if (order.userId !== userId) throw notFound();
}
