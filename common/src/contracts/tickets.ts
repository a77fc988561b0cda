import { z } from 'zod';
import { defineEvent } from './event.ts';
import { DisputeStatus } from './payments.ts';
import { Currency, Id, Instant, NewInstant, Price, TimeZone, Version } from './primitives.ts';
import { text } from './text.ts';

const line = text(200);

export const TicketState = z.enum(['on-sale', 'reserved', 'sold', 'withdrawn']);
export type TicketState = z.infer<typeof TicketState>;

export const Ticket = z.object({
  id: Id,
  version: Version,
  title: z.string(),
  price: Price,
  currency: Currency,
  venue: z.string().nullable().describe('Where it takes place, if specified'),
  startsAt: Instant.nullable().describe('When it begins, if specified; from then on it is not sold'),
  timeZone: z.string().optional().describe('IANA name of the time zone it takes place in, if specified'),
  userId: z.string().describe('The seller'),
  orderId: Id.nullable().describe(
    'The order that holds or bought the ticket, if any. In an event: when the seller made the change',
  ),
  state: TicketState.describe(
    'In an event: when the seller made the change. Orders announce who reserves, releases and buys a ticket',
  ),
  offered: z
    .literal(true)
    .optional()
    .describe(
      'It is sold, and its buyer offers it to others. Its seller sees it as `sold`, everybody else as `on-sale`, or as `reserved` while somebody is buying it',
    ),
  refundedAt: Instant.optional().describe('When the buyer was refunded, if so; the ticket stays sold'),
  refunded: Price.optional().describe('How much of the price the buyer was refunded so far, if anything'),
  dispute: DisputeStatus.optional().describe('What the buyer’s bank says about the sale, if it is disputed'),
  refundFailedAt: Instant.optional().describe('When the buyer’s bank took a refund back, unless another followed'),
});
export type Ticket = z.infer<typeof Ticket>;

/** The answer of GET /api/tickets/:id, and a ticket in that of GET /api/tickets/mine. */
export const TicketAnswer = Ticket.extend({
  over: z.literal(true).optional().describe('It has begun, so it can no longer be reserved'),
});
export type TicketAnswer = z.infer<typeof TicketAnswer>;

/** The body of POST /api/tickets. */
export const TicketDetails = z.strictObject({
  title: line,
  price: Price,
  currency: Currency.exactOptional().meta({ default: 'eur' }),
  venue: line.nullable().default(null),
  startsAt: NewInstant.nullable().default(null),
  timeZone: TimeZone.nullable().default(null),
});
export type TicketDetails = z.infer<typeof TicketDetails>;

/** The body of PUT /api/tickets/:id: missing fields stay as they are. */
export const TicketChanges = z
  .strictObject({
    title: line.exactOptional(),
    price: Price.exactOptional(),
    currency: Currency.exactOptional(),
    venue: line.nullable().exactOptional(),
    startsAt: NewInstant.nullable().exactOptional(),
    timeZone: TimeZone.nullable().exactOptional(),
  })
  .refine((changes) => Object.keys(changes).length > 0, 'must name at least one field');
export type TicketChanges = z.infer<typeof TicketChanges>;

export const TicketCreated = defineEvent({
  type: 'ticket.created',
  announcedBy: 'tickets',
  data: Ticket,
  summary: 'A seller listed a ticket.',
});

export const TicketUpdated = defineEvent({
  type: 'ticket.updated',
  announcedBy: 'tickets',
  data: Ticket,
  summary: 'A seller edited a ticket. Who holds it is announced by orders.',
});

export const TicketWithdrawn = defineEvent({
  type: 'ticket.withdrawn',
  announcedBy: 'tickets',
  data: Ticket,
  summary: 'A seller withdrew a ticket, or an order reached a ticket that was already withdrawn.',
});
