import { z } from 'zod';
import { defineEvent } from './event.ts';
import { Dispute } from './payments.ts';
import { Currency, Id, Instant, Price, Version } from './primitives.ts';

export const OrderStatus = z.enum(['created', 'awaiting:payment', 'complete', 'cancelled']);
export type OrderStatus = z.infer<typeof OrderStatus>;

export const CancelReason = z.enum(['buyer', 'expired', 'payment-failed', 'withdrawn']);
export type CancelReason = z.infer<typeof CancelReason>;

const Attempt = z
  .int()
  .positive()
  .describe('The number of this attempt at the ticket; a later attempt outranks an earlier one');

export const Amount = Price;

/** Why a ticket of a complete order is its buyer's no longer. */
export const TicketEnd = z.enum(['show-cancelled', 'resold']);
export type TicketEnd = z.infer<typeof TicketEnd>;

/** One ticket of an order. */
export const OrderedTicket = z.object({
  id: Id,
  attempt: Attempt,
  price: Amount.describe('When the order was made, in the smallest unit of the currency; 0 is free'),
  kindId: Id.optional().describe('Its kind, if it is for a show'),
  kind: z.string().optional().describe('The name of its kind'),
  seat: z.string().optional().describe('The label of its seat, if it has one'),
  offeredAt: Instant.optional().describe(
    'Since when its buyer offers it to others at face value, if so; whoever buys it gets it by an order of their own',
  ),
  ended: TicketEnd.optional().describe(
    'Why it is the buyer’s no longer, although the order stays complete: the buyer is owed what it cost, or `owed`',
  ),
  owed: Amount.optional().describe(
    'What the buyer is owed for it once it has ended, if that is less than its price: the next buyer paid less for it',
  ),
  refundedAt: Instant.optional().describe('When it was refunded, by itself or with the whole order'),
  refundFailedAt: Instant.optional().describe(
    'When its refund was refused or the buyer’s bank took it back, unless another followed',
  ),
});
export type OrderedTicket = z.infer<typeof OrderedTicket>;

export const Order = z.object({
  id: Id,
  version: Version,
  userId: z.string().describe('The buyer'),
  sellerId: z.string().optional().describe('The seller; missing in orders made before this field existed'),
  status: OrderStatus,
  reason: CancelReason.optional().describe('Why it was cancelled'),
  refundedAt: Instant.optional().describe('When the buyer was refunded, if so; a complete order stays complete'),
  refunded: Amount.optional().describe('How much was refunded so far, if anything'),
  partlyRefundedAt: Instant.optional().describe(
    'When `refunded` last changed without everything being refunded, if some of it is or was refunded like that',
  ),
  dispute: Dispute.optional().describe('The dispute of the buyer’s bank over the money, if there is one'),
  refundFailedAt: Instant.optional().describe('When the buyer’s bank took a refund back, unless another followed'),
  awaitsBalanceSince: Instant.optional().describe(
    'Since when a refund waits for enough balance at Stripe, if one does; it is tried again by itself',
  ),
  expiresAt: Instant.describe('Until when the ticket is held for the buyer; never later than the start of the event'),
  ticket: z
    .object({
      id: Id,
      title: z.string(),
      price: Price,
      currency: Currency,
      venue: z.string().optional(),
      startsAt: Instant.optional(),
      timeZone: z.string().optional(),
    })
    .describe(
      'The ticket when the order was made; its price is what the buyer pays. Venue, start and time zone if specified. In an order for a show, the first of its tickets, with the total as its price',
    ),
  attempt: Attempt,
  showId: Id.optional().describe('The show that the tickets are for, if it is one'),
  // This and the next two are optional only because orders made before these fields existed lack them.
  tickets: z
    .array(OrderedTicket)
    .min(1)
    .optional()
    .describe('All tickets of the order, which it has or has not together'),
  total: Amount.optional().describe('What the buyer pays for all of them; 0 is free'),
  currency: Currency.optional(),
  traceparent: z
    .string()
    .optional()
    .describe('W3C trace context of the request that made it. What follows, such as the payment, continues that trace'),
});
export type Order = z.infer<typeof Order>;

/** A complete order as its seller sees it, who is not told who the buyer is. */
export const SoldOrder = Order.omit({ userId: true, traceparent: true });
export type SoldOrder = z.infer<typeof SoldOrder>;

/** All tickets of an order, also of one made before orders could have several. */
export const ticketsOf = ({ tickets, ticket, attempt }: SoldOrder): readonly OrderedTicket[] =>
  tickets ?? [{ id: ticket.id, attempt, price: ticket.price }];

/** What the buyer of a ticket gets back if it is refunded by itself, in the smallest unit of the currency. */
export const owedFor = ({ owed, price }: Pick<OrderedTicket, 'owed' | 'price'>): number => owed ?? price;

/** Whether others may buy a ticket of a complete order. */
export const isOnOffer = ({ offeredAt, ended }: OrderedTicket): boolean => offeredAt !== undefined && !ended;

/** What the buyer pays for the whole order, in the smallest unit of `order.ticket.currency`. */
export const totalOf = ({ total, ticket }: SoldOrder): number => total ?? ticket.price;

/** Most tickets in one order. */
export const mostTickets = 50;

const Line = z.strictObject({
  kindId: z.string(),
  quantity: z
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(mostTickets, `must be at most ${mostTickets}`),
});

/** The body of POST /api/orders. */
export const NewOrder = z
  .strictObject({
    ticketId: z.string().optional().describe('A single ticket'),
    showId: z.string().optional().describe('A show, together with either `lines` or `seats`'),
    lines: z.array(Line).min(1, 'must not be empty').optional().describe('How many tickets of each kind'),
    seats: z
      .array(z.string())
      .min(1, 'must not be empty')
      .max(mostTickets, `must be at most ${mostTickets}`)
      .optional()
      .describe('These seats, by the ids of their tickets'),
  })
  .superRefine(({ ticketId, showId, lines, seats }, { addIssue }) => {
    const fault = (field: string, message: string) => addIssue({ code: 'custom', path: [field], message });
    if (showId === undefined) {
      if (ticketId === undefined) fault('ticketId', 'must be given, or showId');
      if (lines) fault('lines', 'must not be given without showId');
      if (seats) fault('seats', 'must not be given without showId');
      return;
    }
    if (ticketId !== undefined) fault('ticketId', 'must not be given with showId');
    if ((lines === undefined) === (seats === undefined)) fault('lines', 'must be given, or else seats');
    if (repeats(lines?.map(({ kindId }) => kindId))) fault('lines', 'must name each kind once');
    if (repeats(seats)) fault('seats', 'must name each seat once');
    if (lines && quantityOf(lines) > mostTickets) fault('lines', `must be at most ${mostTickets} tickets altogether`);
  });
export type NewOrder = z.infer<typeof NewOrder>;

/** The body of PUT /api/orders/:id/resale. */
export const Resale = z.strictObject({
  tickets: z
    .array(z.string())
    .max(mostTickets, `must be at most ${mostTickets}`)
    .refine((ids) => !repeats(ids), 'must name each ticket once')
    .describe('The tickets of the order that are on offer from now on, by their ids; none takes all of them back'),
});
export type Resale = z.infer<typeof Resale>;

const repeats = (ids: readonly string[] = []): boolean => new Set(ids).size < ids.length;
const quantityOf = (lines: readonly z.infer<typeof Line>[]): number =>
  lines.reduce((sum, { quantity }) => sum + quantity, 0);

export const OrderCreated = defineEvent({
  type: 'order.created',
  announcedBy: 'orders',
  data: Order,
  summary: 'A buyer reserved a ticket.',
});

export const OrderAwaitingPayment = defineEvent({
  type: 'order.awaiting-payment',
  announcedBy: 'orders',
  data: Order,
  summary: 'The money is authorized and may be captured; neither the buyer nor the deadline can cancel any more.',
});

export const OrderCompleted = defineEvent({
  type: 'order.completed',
  announcedBy: 'orders',
  data: Order,
  summary: 'The money is captured and the ticket belongs to the buyer.',
});

export const OrderCancelled = defineEvent({
  type: 'order.cancelled',
  announcedBy: 'orders',
  data: Order,
  summary: 'The order ended without a sale; `reason` says why.',
});

export const OrderRefunded = defineEvent({
  type: 'order.refunded',
  announcedBy: 'orders',
  data: Order,
  summary: 'The buyer was refunded; the order keeps its status and the ticket stays sold.',
});

export const OrderPartlyRefunded = defineEvent({
  type: 'order.partly-refunded',
  announcedBy: 'orders',
  data: Order,
  summary:
    'A part of the price was refunded, or a refund was taken back; `refunded` says how much is refunded now. Otherwise as with `order.refunded`.',
});

export const OrderOffered = defineEvent({
  type: 'order.offered',
  announcedBy: 'orders',
  data: Order,
  summary:
    'What the buyer of a complete order offers to others has changed; `tickets[].offeredAt` says what is on offer. Somebody who was buying an offered ticket and did not pay also causes it, because the ticket has a later attempt then.',
});

export const OrderTicketsEnded = defineEvent({
  type: 'order.tickets-ended',
  announcedBy: 'orders',
  data: Order,
  summary:
    'Some tickets of a complete order are the buyer’s no longer; `tickets[].ended` says why. The buyer is refunded for each.',
});

export const OrderRefundPostponed = defineEvent({
  type: 'order.refund-postponed',
  announcedBy: 'orders',
  data: Order,
  summary:
    'A refund waits for enough balance at Stripe, or no longer does; `awaitsBalanceSince` says which. Otherwise as with `order.refunded`.',
});

export const OrderDisputed = defineEvent({
  type: 'order.disputed',
  announcedBy: 'orders',
  data: Order,
  summary:
    'The buyer’s bank has opened, changed or decided a dispute over the money; `dispute` says which. Otherwise as with `order.refunded`.',
});
