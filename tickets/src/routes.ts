import { Id } from '@box-office/common/contracts/primitives';
import { TicketChanges, TicketDetails } from '@box-office/common/contracts/tickets';
import { etag, ifMatch } from '@box-office/common/http/etag';
import { type IdempotencyKeys, makeOnce } from '@box-office/common/http/idempotency';
import { type Identity, requireUser, userOf } from '@box-office/common/http/identity';
import { linkToNext } from '@box-office/common/http/paging';
import { idParam } from '@box-office/common/http/params';
import type { Aggregates } from '@box-office/common/store/aggregates';
import { Router } from 'express';
import { z } from 'zod';
import { edit, list, snapshot, type Ticket, withdraw } from './ticket.ts';

const ListQuery = z.strictObject({
  q: z.string().trim().max(200).default(''),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: Id.optional(),
});

const onSale = { withdrawn: false, 'hold.status': { $in: [null, 'ended'] } };

export function routes(tickets: Aggregates<Ticket>, identity: Identity, keys: IdempotencyKeys): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const signedIn = requireUser(identity);

  router.get('/api/tickets', async (req, res) => {
    const { q, limit, cursor } = ListQuery.parse(req.query);
    const found = await tickets.query(
      { ...onSale, ...containing(q), ...(cursor ? { _id: { $lt: cursor } } : {}) },
      { sort: { _id: -1 }, limit: limit + 1 },
    );
    const page = found.slice(0, limit);
    if (found.length > limit) linkToNext(req, res, page.at(-1)?.id);
    res.json(page.map(snapshot));
  });

  router.get('/api/tickets/mine', signedIn, async (_req, res) => {
    const mine = await tickets.query({ userId: userOf(res).id }, { sort: { _id: -1 } });
    res.json(mine.map(snapshot));
  });

  router.get('/api/tickets/:id', async (req, res) => {
    const ticket = await tickets.get(idParam(req));
    res.set('ETag', etag(ticket.version)).json(snapshot(ticket));
  });

  router.post('/api/tickets', signedIn, async (req, res) => {
    const details = TicketDetails.parse(req.body);
    await keys.once(req, res, async (attempt) => {
      const make = () => tickets.add(list(attempt.id, userOf(res).id, details));
      const ticket = await makeOnce(attempt, tickets, make);
      const headers = { Location: `/api/tickets/${ticket.id}`, ETag: etag(ticket.version) };
      return { status: 201, headers, body: snapshot(ticket) };
    });
  });

  router.put('/api/tickets/:id', signedIn, async (req, res) => {
    const changes = TicketChanges.parse(req.body);
    const version = ifMatch(req);
    const ticket = await tickets.change(idParam(req), (it) => edit(it, userOf(res).id, changes, version));
    res.set('ETag', etag(ticket.version)).json(snapshot(ticket));
  });

  router.delete('/api/tickets/:id', signedIn, async (req, res) => {
    await tickets.change(idParam(req), (it) => withdraw(it, userOf(res).id));
    res.status(204).end();
  });

  return router;
}

function containing(words: string) {
  if (!words) return {};
  const pattern = { $regex: RegExp.escape(words), $options: 'i' };
  return { $or: [{ title: pattern }, { venue: pattern }] };
}
