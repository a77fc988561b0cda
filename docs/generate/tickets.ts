import { Id } from '@box-office/common/contracts/primitives';
import { Ticket, TicketChanges, TicketDetails } from '@box-office/common/contracts/tickets';
import { z } from 'zod';
import { idempotencyKey, type ServiceApi } from './route.ts';

const ETag = 'The version, for `If-Match`';
const ifMatch = {
  'If-Match':
    'The `ETag` of the ticket that is to be edited, or `*`; without it the edit takes place whatever the version',
};

/** What may stand in the query of GET /api/tickets; `docs.test.ts` holds it against the route. */
export const TicketsQuery = z.strictObject({
  q: z.string().trim().max(200).default('').describe('Words that stand in the title or the venue'),
  limit: z.coerce.number().int().min(1).max(100).default(20).describe('How many on a page'),
  cursor: Id.optional().describe('The last ticket of the page before; taken from `Link`'),
});

const mine = { 403: ['not-your-ticket'] };

export const ticketsApi: ServiceApi = {
  name: 'tickets',
  summary: 'What sellers list, edit and withdraw, and who holds each ticket.',
  bodies: { TicketDetails, TicketChanges },
  answers: { Ticket },
  routes: [
    {
      method: 'get',
      path: '/api/tickets',
      summary: 'Tickets on sale, newest first',
      asker: 'anybody',
      query: TicketsQuery,
      answers: {
        200: {
          says: 'A page of tickets',
          body: Ticket.array(),
          headers: { Link: 'The next page as `<…>; rel="next"`, if there is one' },
        },
      },
    },
    {
      method: 'get',
      path: '/api/tickets/mine',
      summary: 'Tickets that I sell, whatever their state',
      asker: 'signed-in',
      answers: { 200: { says: 'My tickets, newest first', body: Ticket.array() } },
    },
    {
      method: 'get',
      path: '/api/tickets/:id',
      summary: 'One ticket',
      asker: 'anybody',
      answers: { 200: { says: 'The ticket', body: Ticket, headers: { ETag } } },
    },
    {
      method: 'post',
      path: '/api/tickets',
      summary: 'Put a ticket on sale',
      asker: 'signed-in',
      headers: idempotencyKey,
      body: TicketDetails,
      answers: {
        201: { says: 'It is on sale', body: Ticket, headers: { ETag, Location: 'Where the ticket is' } },
      },
    },
    {
      method: 'put',
      path: '/api/tickets/:id',
      summary: 'Edit a ticket that nobody holds; what is not named stays as it is',
      asker: 'signed-in',
      headers: ifMatch,
      body: TicketChanges,
      answers: { 200: { says: 'The ticket as it is now', body: Ticket, headers: { ETag } } },
      problems: { ...mine, 409: ['ticket-reserved', 'ticket-withdrawn', 'busy'], 412: ['version-moved'] },
    },
    {
      method: 'delete',
      path: '/api/tickets/:id',
      summary: 'Withdraw a ticket that nobody holds',
      asker: 'signed-in',
      answers: { 204: { says: 'It is withdrawn, now or before' } },
      problems: { ...mine, 409: ['ticket-reserved', 'busy'] },
    },
  ],
};
