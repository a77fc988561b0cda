import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { type ConnectionOptions, connect } from '@nats-io/transport-node';

/** Uses a connection of its own to JetStream, as the operator. */
export async function withJetStream<Result>(
  operator: ConnectionOptions,
  use: (manager: JetStreamManager) => Promise<Result>,
): Promise<Result> {
  const connection = await connect(operator);
  try {
    return await use(await jetstreamManager(connection));
  } finally {
    await connection.close();
  }
}
