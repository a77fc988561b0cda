import { z } from 'zod';
import { Id, Instant } from './primitives.ts';

/** What a mail about an order or a waiting list tells. */
export const MailKind = z.enum([
  'made',
  'offered',
  'paid',
  'cancelled',
  'refunded',
  'partly-refunded',
  'refund-failed',
  'disputed',
  'sale-disputed',
  'show-cancelled',
  'resold',
  'moved',
  'waited-in-vain',
]);
export type MailKind = z.infer<typeof MailKind>;

/** A mail about what somebody sells that did not arrive. To whom it was, is not said: sellers do not know them. */
export const RefusedMail = z.object({
  id: Id,
  orderId: Id.optional().describe('The order that it is about; missing if it is about a waiting list'),
  showId: Id.optional().describe('If it is about a show'),
  title: z.string().describe('Of the ticket or show'),
  kind: MailKind,
  at: Instant.describe('When what it tells happened'),
  code: z
    .int()
    .optional()
    .describe(
      'The reply code of the mail server that refused it, such as 550; missing if none took it within three days',
    ),
  reason: z.string().describe('What the mail server said, without addresses'),
});
export type RefusedMail = z.infer<typeof RefusedMail>;
