import { z } from 'zod';

/** What people do in the shop that begins or continues a trace. */
export const ActionName = z.enum(['reserve', 'join the waiting list', 'pay', 'list a ticket', 'announce a show']);
export type ActionName = z.infer<typeof ActionName>;

const Traceparent = z.string().regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/);

/**
 * What a page tells the shop of a click, as the query of a request: it has no body that anybody would have to hold, and
 * nothing in it that people have typed.
 */
export const Click = z.strictObject({
  action: ActionName,
  traceparent: Traceparent,
  parent: Traceparent.optional(),
  ms: z.coerce.number().int().min(0).max(60_000),
  failed: z.literal('yes').optional(),
});

/** Where a page reports clicks, if the shop records them. */
export const clicksPath = '/clicks';
