import { Id } from '@box-office/common/contracts/primitives';
import { z } from 'zod';

/** What a webhook is about, as far as payments looks at it: which intent, and for which order it was made. */
interface Subject {
  readonly object: string;
  readonly orderId: string | undefined;
  readonly intentId: string | undefined;
}

/** An event of Stripe. Only a hint that something happened: what it claims is looked up at Stripe. */
export interface StripeEvent {
  readonly id: string;
  readonly type: string;
  readonly subject: Subject;
}

const Name = z.string().min(1).max(255);
/** Fields that Stripe may leave out, set to null or fill with something new: none of that is a fault of the event. */
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

/** Reads the body of a webhook. What is no event that could be about a payment, such as a thin event, is described for the log instead. */
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
