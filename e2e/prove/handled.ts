import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { type ConnectionOptions, connect } from '@nats-io/transport-node';

/**
 * Whether every listener has dealt with all it was sent. One whose handling failed is tried again after a pause, in
 * which nothing stored changes.
 */
export async function allHandled(operator: ConnectionOptions): Promise<boolean> {
  const connection = await connect(operator);
  try {
    return await nothingIsPending(await jetstreamManager(connection));
  } finally {
    await connection.close();
  }
}

/** Consumers without a durable name belong to somebody who only reads along. */
export async function nothingIsPending(manager: JetStreamManager): Promise<boolean> {
  for await (const { config } of manager.streams.list())
    for await (const { config: consumer, num_pending: waiting, num_ack_pending: begun } of manager.consumers.list(
      config.name,
    ))
      if (consumer.durable_name !== undefined && waiting + begun > 0) return false;
  return true;
}
