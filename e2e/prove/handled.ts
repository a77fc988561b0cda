import type { JetStreamManager } from '@nats-io/jetstream';
import type { ConnectionOptions } from '@nats-io/transport-node';
import { withJetStream } from '../support/jetstream.ts';

/**
 * Whether every listener has dealt with all it was sent. One whose handling failed is tried again after a pause, in
 * which nothing stored changes.
 */
export const allHandled = (operator: ConnectionOptions): Promise<boolean> => withJetStream(operator, nothingIsPending);

/** Consumers without a durable name belong to somebody who only reads along. */
export async function nothingIsPending(manager: JetStreamManager): Promise<boolean> {
  for await (const { config } of manager.streams.list())
    for await (const { config: consumer, num_pending: waiting, num_ack_pending: begun } of manager.consumers.list(
      config.name,
    ))
      if (consumer.durable_name !== undefined && waiting + begun > 0) return false;
  return true;
}
