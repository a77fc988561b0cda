import { z } from 'zod';
import { defineEvent } from './event.ts';
import { mostTickets } from './orders.ts';
import { Id, Version } from './primitives.ts';

export const WaitingState = z.enum(['waiting', 'served', 'left', 'over']);
export type WaitingState = z.infer<typeof WaitingState>;

export const OverReason = z.enum(['show-cancelled', 'sale-over', 'limit-reached']);
export type OverReason = z.infer<typeof OverReason>;

/** Somebody's place in the line for tickets of one kind of a show. */
export const WaitingEntry = z.object({
  id: Id,
  version: Version,
  showId: Id,
  kindId: Id,
  kind: z.string().describe('The name of the kind, when the person joined'),
  title: z.string().describe('Of the show, when the person joined'),
  quantity: z.int().positive().describe('How many tickets they wait for, in one order'),
  userId: z.string(),
  state: WaitingState.describe(
    '`served`: `orderId` is theirs, to be paid like any other. Every state but `waiting` is final; who wants to wait again joins again',
  ),
  reason: OverReason.optional().describe('Why it is over'),
  orderId: Id.optional().describe('The order that was made for them'),
});
export type WaitingEntry = z.infer<typeof WaitingEntry>;

/** The highest position that is counted. */
export const lastPosition = 1_000;

/** An entry as its person sees it. */
export const WaitingAnswer = WaitingEntry.extend({
  position: z
    .int()
    .positive()
    .max(lastPosition)
    .optional()
    .describe(
      `The place in line, 1 for the first, while it waits; ${lastPosition} if it is that or more. Somebody further back who wants fewer tickets may be served first, when there are too few for those in front`,
    ),
});
export type WaitingAnswer = z.infer<typeof WaitingAnswer>;

/** The body of POST /api/waiting-list. */
export const NewWaiting = z.strictObject({
  showId: z.string(),
  kindId: z.string(),
  quantity: z
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(mostTickets, `must be at most ${mostTickets}`),
});
export type NewWaiting = z.infer<typeof NewWaiting>;

// The second half of their types differs from that of the events of orders, because both are on one stream and
// consumers choose by it.
const event = (type: string, summary: string) =>
  defineEvent({ type, announcedBy: 'orders', data: WaitingEntry, summary });

export const WaitingJoined = event('waiting.joined', 'Somebody waits for tickets of a kind that is sold out.');
export const WaitingServed = event('waiting.served', 'An order was made for somebody who waited.');
export const WaitingLeft = event('waiting.left', 'Somebody no longer wants to wait.');
export const WaitingOver = event('waiting.over', 'Somebody waited in vain; `reason` says why.');
