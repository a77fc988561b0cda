import type { JsMsg } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import { z } from 'zod';
import type { Bus } from './bus.ts';
import { deadLetterStream } from './topology.ts';

/** A message that a listener could not handle, kept whole, with everything needed to understand it and to hand it back to that listener alone. */
export const DeadLetter = z.object({
  /** The service whose listener failed. */
  service: z.string(),
  stream: z.string(),
  sequence: z.int(),
  subject: z.string(),
  /** A sentence: what is wrong with it. */
  reason: z.string(),
  stack: z.string(),
  /** How often it was delivered, as far as the server remembers. */
  deliveries: z.int(),
  time: z.iso.datetime(),
  headers: z.record(z.string(), z.array(z.string())),
  /** The payload as it came, base64. */
  payload: z.string(),
});
export type DeadLetter = z.infer<typeof DeadLetter>;

/**
 * Puts a message aside. Kept once however often it is put aside: its place in its stream is its id.
 *
 * @throws when JetStream does not acknowledge it; the message must then not be dropped
 */
export async function bury(bus: Bus, service: string, message: JsMsg, error: unknown, now: Date): Promise<void> {
  const letter: DeadLetter = {
    service,
    stream: message.info.stream,
    sequence: message.info.streamSequence,
    subject: message.subject,
    reason: Error.isError(error) ? error.message : String(error),
    stack: (Error.isError(error) && error.stack) || '',
    deliveries: message.info.deliveryCount,
    time: now.toISOString(),
    headers: Object.fromEntries(
      (message.headers?.keys() ?? []).map((name) => [name, message.headers?.values(name) ?? []]),
    ),
    payload: Buffer.from(message.data).toString('base64'),
  };
  const lines = headers();
  // The moment of storing tells a rebuilt stream's messages from those of the stream before it, whose numbers they share.
  lines.set('Nats-Msg-Id', `${service}/${letter.stream}/${letter.sequence}/${message.info.timestampNanos}`);
  await bus.js.publish(`${deadLetterStream}.${service}.${letter.stream}`, JSON.stringify(letter), { headers: lines });
}
