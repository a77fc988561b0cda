import { NewOrder } from '@box-office/common/contracts/orders';
import { Id } from '@box-office/common/contracts/primitives';
import type { Ticket } from '@box-office/common/contracts/tickets';
import { type IdempotencyKeys, makeOnce } from '@box-office/common/http/idempotency';
import { type Identity, requireUser, userOf } from '@box-office/common/http/identity';
import { linkToNext } from '@box-office/common/http/paging';
import { idParam } from '@box-office/common/http/params';
import type { News } from '@box-office/common/messaging/news';
import { notFound } from '@box-office/common/problem';
import type { Aggregates } from '@box-office/common/store/aggregates';
import { isDuplicateKey } from '@box-office/common/store/duplicate-key';
import { Router } from 'express';
import { z } from 'zod';
import { cancelByBuyer, type Order, reserve, snapshot, ticketReserved } from './order.ts';

const ListQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: Id.optional(),
});

export interface OrderRoutes {
  readonly orders: Aggregates<Order>;
  readonly knownTickets: News<Ticket>;
  readonly identity: Identity;
  readonly now: () => Date;
  readonly keys: IdempotencyKeys;
  readonly windowMs: number;
}

export function routes({ orders, knownTickets, identity, now, keys, windowMs }: OrderRoutes): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const signedIn = requireUser(identity);

  router.post('/api/orders', signedIn, async (req, res) => {
    const { ticketId } = NewOrder.parse(req.body);
    // Before the key is used: the ticket may be heard of in a moment, and a 404 would be kept under the key.
    const ticket = await knownTickets.find(ticketId);
    await keys.once(req, res, async (attempt) => {
      const order = await makeOnce(attempt, orders, () => reserveFor(userOf(res).id, ticket, attempt.id));
      return { status: 201, headers: { Location: `/api/orders/${order.id}` }, body: snapshot(order) };
    });
  });

  async function reserveFor(userId: string, ticket: Ticket | null, id: string): Promise<Order> {
    const [last] = ticket ? await orders.query({ ticketId: ticket.id }, { sort: { attempt: -1 }, limit: 1 }) : [];
    const reservation = reserve({ id, userId, ticket, last: last ?? null, now: now(), windowMs });
    return orders.add(reservation).catch((error: unknown) => {
      // Somebody else made the same attempt between our look and our write: the index let one of us through.
      throw isDuplicateKey(error) ? ticketReserved() : error;
    });
  }

  router.get('/api/orders', signedIn, async (req, res) => {
    const { limit, cursor } = ListQuery.parse(req.query);
    const found = await orders.query(
      { userId: userOf(res).id, ...(cursor ? { _id: { $lt: cursor } } : {}) },
      { sort: { _id: -1 }, limit: limit + 1 },
    );
    const page = found.slice(0, limit);
    if (found.length > limit) linkToNext(req, res, page.at(-1)?.id);
    res.json(page.map(snapshot));
  });

  router.get('/api/orders/:id', signedIn, async (req, res) => {
    const order = await orders.get(idParam(req));
    mustBeBuyer(order, userOf(res).id);
    res.json(snapshot(order));
  });

  router.delete('/api/orders/:id', signedIn, async (req, res) => {
    const order = await orders.change(idParam(req), (it) => {
      mustBeBuyer(it, userOf(res).id);
      return cancelByBuyer(it);
    });
    res.json(snapshot(order));
  });

  return router;
}

/** Anybody else's order does not exist, as far as the asker can tell. */
function mustBeBuyer(order: Order, userId: string): void {
  if (order.userId !== userId) throw notFound();
}
