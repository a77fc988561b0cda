import { Id } from '@box-office/common/contracts/primitives';
import { z } from 'zod';

/** What a webhook is about: which intent, and the order it was created for. */
interface Subject {
  readonly object: string;
  readonly orderId: string | undefined;
  readonly intentId: string | undefined;
}

/** A Stripe event. Only a hint that something happened: the current state is always read from Stripe. */
export interface StripeEvent {
  readonly id: string;
  readonly type: string;
  readonly subject: Subject;
}

const Name = z.string().min(1).max(255);
/** For fields that Stripe may omit, set to null or fill with something new, none of which makes the event invalid. */
const optional = <Field extends z.ZodType>(field: Field) => field.optional().catch(undefined);

const Event = z.object({
  id: Name,
  object: z.literal('event'),
  type: Name.default('unknown').catch('unknown'),
  data: z.object({
    object: z.object({
      object: Name,
      id: optional(Name),
      metadata: optional(z.object({ orderId: Id })),
      payment_intent: optional(z.union([Name, z.object({ id: Name }).transform(({ id }) => id)])),
    }),
  }),
});

const About = z.object({ id: optional(Name), object: optional(Name), type: optional(Name) });

/**
 * Reads the body of a webhook. If it is not an event that can concern a payment, such as a thin event, only `about` is
 * set, for the log.
 */
export function parseStripeEvent(body: unknown): { event?: StripeEvent; about: z.infer<typeof About> } {
  const about = About.safeParse(body).data ?? {};
  const parsed = Event.safeParse(body);
  if (!parsed.success) return { about };
  const { id, type, data } = parsed.data;
  const { object, id: objectId, metadata, payment_intent: parent } = data.object;
  const isIntent = object === 'payment_intent';
  const subject = {
    object,
    orderId: isIntent ? metadata?.orderId : undefined,
    intentId: isIntent ? objectId : parent,
  };
  return { event: { id, type, subject }, about };
}
