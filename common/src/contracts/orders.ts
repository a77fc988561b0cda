import { z } from 'zod';
import { defineEvent } from './event.ts';
import { Currency, Id, Instant, Price, Version } from './primitives.ts';

export const OrderStatus = z.enum(['created', 'awaiting:payment', 'complete', 'cancelled']);
export type OrderStatus = z.infer<typeof OrderStatus>;

export const CancelReason = z.enum(['buyer', 'expired', 'payment-failed', 'withdrawn']);
export type CancelReason = z.infer<typeof CancelReason>;

export const Order = z.object({
  id: Id,
  version: Version,
  userId: z.string().describe('Who buys'),
  sellerId: z.string().optional().describe('Who sells; not told of orders made before this field was'),
  status: OrderStatus,
  reason: CancelReason.optional().describe('Why it was cancelled'),
  refundedAt: Instant.optional().describe('When the buyer got the money back, if so; a complete order stays complete'),
  expiresAt: Instant.describe('Until when the ticket is kept for the buyer; never after it begins'),
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
      'The ticket as it was when the order was made; its price is what the buyer pays. Venue, start and time zone if told',
    ),
  attempt: z
    .int()
    .positive()
    .describe('Which attempt at the ticket this order is; a later attempt outranks an earlier one'),
});
export type Order = z.infer<typeof Order>;

/** The body of POST /api/orders. */
export const NewOrder = z.strictObject({ ticketId: z.string() });

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
  summary: 'The money is authorized; from now on neither buyer nor deadline can cancel, and it may be captured.',
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
  summary: 'The buyer got the money back; the order stays as it is, and the ticket sold.',
});
