import { z } from 'zod';
import { Id, Instant } from './primitives.ts';

/** What a mail about an order tells. */
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
]);
export type MailKind = z.infer<typeof MailKind>;

/** A mail about an order that did not reach its reader. Who that is, is not said: sellers do not know their buyers. */
export const RefusedMail = z.object({
  id: Id,
  orderId: Id,
  showId: Id.optional().describe('If the order is for a show'),
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
