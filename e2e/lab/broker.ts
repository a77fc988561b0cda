import type { Bus } from '@box-office/common/messaging/bus';
import type { ConsumerInfo } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';

/** The durable consumers of a stream: one for each service that listens to it. */
export async function consumersOf(bus: Bus, stream: string): Promise<ConsumerInfo[]> {
  const found: ConsumerInfo[] = [];
  for await (const info of bus.jsm.consumers.list(stream)) if (info.config.durable_name) found.push(info);
  return found;
}

/** Whether it has got and acknowledged everything. */
export const isDone = ({ num_pending, num_ack_pending }: ConsumerInfo): boolean => num_pending + num_ack_pending === 0;

/**
 * Publishes the last message of a subject again, as it was, with an id of its own, because the server drops what has
 * the id of another. Resolves with its sequence.
 */
export async function publishAgain(bus: Bus, stream: string, subject: string): Promise<number> {
  const message = await bus.jsm.streams.getMessage(stream, { last_by_subj: subject });
  if (!message) throw new Error(`There is no message ${subject}.`);
  const lines = headers();
  for (const [name, values] of message.header) for (const value of values) lines.append(name, value);
  const id = `lab-${crypto.randomUUID()}`;
  lines.set('Nats-Msg-Id', id);
  lines.set('ce-id', id);
  const { seq } = await bus.js.publish(subject, message.data, { headers: lines });
  return seq;
}
