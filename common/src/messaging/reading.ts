import type { ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import type { Subscription } from '@nats-io/transport-node';
import type { Bus } from './bus.ts';

/** A message, and what may be answered to the server about it. */
export interface Delivery {
  readonly message: JsMsg;
  readonly answer: Pick<JsMsg, 'ack' | 'nak' | 'term' | 'working'>;
}

/** One stretch of reading from a consumer: it ends when the connection breaks or the consumer is deleted. */
export interface Reading {
  readonly deliveries: AsyncIterable<Delivery>;
  /** Stops pulling, and resolves once the messages in flight have arrived. */
  drain(): Promise<void>;
}

/**
 * Reads from a durable consumer with up to `most` messages in advance, until the connection breaks.
 *
 * An answer names its message only by the place in the stream. The server that comes back after a break may have been
 * restored from an older copy, and then another message has that place, which nobody may have handled yet. So nothing
 * is answered any more about messages of a stretch that has ended: the server delivers them again after `ack_wait`.
 */
export async function startReading(bus: Bus, stream: string, consumer: string, most: number): Promise<Reading> {
  const lost = bus.untilLost();
  const messages = await bus.js.consumers
    .get(stream, consumer)
    .then((found) => found.consume({ max_messages: most, abort_on_missing_resource: true }));
  let state: 'open' | 'draining' | 'over' = 'open';
  void lost.then(() => {
    state = 'over';
    void messages.close();
  });
  const unlessOver = (say: () => void) => {
    if (state !== 'over') say();
  };

  async function* deliveries(): AsyncGenerator<Delivery> {
    try {
      for await (const message of messages) {
        yield {
          message,
          answer: {
            ack: () => unlessOver(() => message.ack()),
            nak: (delayMs) => unlessOver(() => message.nak(delayMs)),
            term: (reason) => unlessOver(() => message.term(reason)),
            working: () => unlessOver(() => message.working()),
          },
        };
      }
    } finally {
      if (state === 'open') state = 'over';
      await messages.close();
    }
  }

  return {
    deliveries: deliveries(),
    async drain() {
      if (state === 'open') state = 'draining';
      await drained(messages);
    },
  };
}

/**
 * The client's own `close` drops the messages in flight, and they would not be redelivered before `ack_wait`. Draining
 * is only possible for the whole connection or for the subscription, which the client's types do not expose.
 */
async function drained(messages: ConsumerMessages): Promise<void> {
  const { sub } = messages as ConsumerMessages & { readonly sub?: Subscription };
  if (!sub || sub.isClosed() || sub.isDraining()) await messages.close();
  else {
    await sub.drain();
    await messages.closed();
  }
}
