import { hasBegun } from '@box-office/common/contracts/begun';
import { Ticket, TicketAnswer, TicketChanges, TicketDetails } from '@box-office/common/contracts/tickets';
import { etag, ifMatch, ifMatches } from '@box-office/common/http/etag';
import { makeOnce } from '@box-office/common/http/idempotency';
import { pageOf, pageQuery } from '@box-office/common/http/paging';
import { addressOf } from '@box-office/common/http/rate-limit';
import { type Api, route } from '@box-office/common/http/route';
import type { Aggregates } from '@box-office/common/store/aggregates';
import { newestFirst } from '@box-office/common/store/page';
import { findListed } from './listed.ts';
import { searchQuery } from './search.ts';
import { type ShowRoutes, showRoutes } from './shows/routes.ts';
import { edit, list, publicView, type Ticket as StoredTicket, snapshot, withdraw } from './ticket.ts';
import type { Windows } from './windows.ts';

const ETag = 'The version, for `If-Match`';

export interface TicketRoutes extends ShowRoutes {
  readonly tickets: Aggregates<StoredTicket>;
  readonly windows: Windows;
}

const overIf = (ticket: StoredTicket, now: Date) => (hasBegun(ticket, now) ? { over: true as const } : {});

export const api = ({ tickets, windows, keys, now, readInTurn, ...shows }: TicketRoutes): Api => ({
  name: 'tickets',
  summary: 'What people sell, single tickets and shows, and who holds each ticket.',
  routes: [
    route('GET /api/tickets', {
      who: 'anyone',
      summary: 'Tickets on sale, newest first',
      query: searchQuery,
      answers: { 200: pageOf(Ticket, 'A page of tickets') },
      problems: ['too-busy'],
      async handle({ query, req }) {
        const { items, next } = await readInTurn(addressOf(req), () => findListed(query, { tickets, windows, now }));
        return { status: 200, body: items.map(publicView), next };
      },
    }),

    route('GET /api/tickets/mine', {
      who: 'signedIn',
      summary: 'Tickets that I sell, whatever their state, newest first',
      query: pageQuery(),
      answers: { 200: pageOf(TicketAnswer, 'A page of my tickets') },
      async handle({ user, query }) {
        const { items, next } = await newestFirst(tickets, { userId: user.id }, query);
        return { status: 200, body: items.map((it) => ({ ...snapshot(it), ...overIf(it, now()) })), next };
      },
    }),

    route('GET /api/tickets/:id', {
      who: 'anyone',
      summary: 'One ticket',
      answers: {
        200: {
          description: 'The ticket, without the order that holds it: only the seller sees that, in their own list',
          body: TicketAnswer,
          headers: { ETag },
        },
      },
      async handle({ params }) {
        const ticket = await tickets.get(params.id);
        const body = { ...publicView(ticket), ...overIf(ticket, now()) };
        return { status: 200, headers: { ETag: etag(ticket.version) }, body };
      },
    }),

    route('POST /api/tickets', {
      who: 'signedIn',
      summary: 'Put a ticket on sale',
      body: TicketDetails,
      keys,
      answers: {
        201: { description: 'It is on sale', body: Ticket, headers: { ETag, Location: 'Where the ticket is' } },
      },
      handle: ({ user, body, once }) =>
        once(async (attempt) => {
          const make = () => tickets.add(list(attempt.id, user.id, body, now()));
          const ticket = await makeOnce(attempt, tickets, make);
          const headers = { Location: `/api/tickets/${ticket.id}`, ETag: etag(ticket.version) };
          return { status: 201, headers, body: snapshot(ticket) };
        }),
    }),

    route('PUT /api/tickets/:id', {
      who: 'signedIn',
      summary: 'Edit a ticket that nobody holds; fields that are left out stay as they are',
      headers: { ifMatch },
      body: TicketChanges,
      answers: { 200: { description: 'The ticket as it is now', body: Ticket, headers: { ETag } } },
      problems: ['not-your-ticket', 'ticket-reserved', 'ticket-withdrawn', 'busy', 'version-moved'],
      async handle({ user, params, headers, body }) {
        const decide = (it: StoredTicket) => edit(it, user.id, body, now());
        const ticket = await tickets.change(params.id, ifMatches(headers.ifMatch, decide));
        return { status: 200, headers: { ETag: etag(ticket.version) }, body: snapshot(ticket) };
      },
    }),

    route('DELETE /api/tickets/:id', {
      who: 'signedIn',
      summary: 'Withdraw a ticket that nobody holds',
      headers: { ifMatch },
      answers: { 204: { description: 'Now or already withdrawn' } },
      problems: ['not-your-ticket', 'ticket-reserved', 'busy', 'version-moved'],
      async handle({ user, params, headers }) {
        const decide = (it: StoredTicket) => withdraw(it, user.id);
        await tickets.change(params.id, ifMatches(headers.ifMatch, decide));
        return { status: 204 };
      },
    }),

    ...showRoutes({ keys, now, readInTurn, ...shows }),
  ],
});
