import type { ConsumerInfo, ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import type { Subscription } from '@nats-io/transport-node';
import { type Bus, unlessLost } from './bus.ts';
import { subjectsIn } from './topology.ts';
import { keyOf } from './tries.ts';

/** A message, and what may be answered to the server about it. */
export interface Delivery {
  readonly message: JsMsg;
  readonly answer: Pick<JsMsg, 'ack' | 'nak' | 'term' | 'working'>;
  /** To be called once it has been handled. */
  done(): void;
}

/**
 * Messages that wait for their turn or are being handled, each with its newest delivery. One that is delivered again
 * meanwhile, because nothing was answered for `ack_wait`, is not handled twice for that.
 */
export type UnderWay = Map<string, Newest>;

interface Newest {
  message: JsMsg;
  /** Whether the stretch that it came in has ended. */
  isOver(): boolean;
}

/** One stretch of reading from a consumer: it ends when the connection breaks or the consumer is deleted. */
export interface Reading {
  readonly deliveries: AsyncIterable<Delivery>;
  /** Stops pulling, and resolves once the messages in flight have arrived. */
  drain(): Promise<void>;
}

export interface ReadingOptions {
  readonly stream: string;
  readonly consumer: string;
  /** What the consumer has to deliver. */
  readonly subjects: readonly string[];
  /** How many messages are fetched in advance. */
  readonly most: number;
  readonly underWay: UnderWay;
  /** How often to look whether the consumer still delivers all `subjects`, in ms. Once a minute by default. */
  readonly lookEveryMs?: number;
}

/**
 * Reads from a durable consumer until the connection breaks.
 *
 * An answer names its message only by the place in the stream. The server that comes back after a break may have been
 * restored from an older copy, and then another message has that place, which nobody may have handled yet. So nothing
 * is answered any more about deliveries of a stretch that has ended: the server delivers them again after `ack_wait`.
 *
 * @throws if the consumer is missing or does not deliver all of `subjects`, so that it has to be made
 */
export async function startReading(
  bus: Bus,
  { stream, consumer, subjects, most, underWay, lookEveryMs = 60_000 }: ReadingOptions,
): Promise<Reading> {
  const lost = bus.untilLost();
  const found = await unlessLost(bus, bus.js.consumers.get(stream, consumer));
  if (!delivers(await found.info(true), subjects))
    throw new Error('its consumer does not deliver all that is asked for');
  const messages = await found.consume({ max_messages: most, abort_on_missing_resource: true });
  let state: 'open' | 'draining' | 'over' = 'open';
  const end = () => {
    state = 'over';
    void messages.close();
  };
  void lost.then(end);
  const looking = setInterval(() => {
    found.info().then(
      (info) => !delivers(info, subjects) && end(),
      () => undefined,
    );
  }, lookEveryMs).unref();
  void untilDeleted(messages).then((isDeleted) => isDeleted && end());
  const isOver = () => state === 'over';

  async function* deliveries(): AsyncGenerator<Delivery> {
    try {
      for await (const message of messages) {
        const key = keyOf(message);
        const known = underWay.get(key);
        if (known) Object.assign(known, { message, isOver });
        else {
          const newest = { message, isOver };
          underWay.set(key, newest);
          yield { message, answer: answerTo(newest), done: () => void underWay.delete(key) };
        }
      }
    } finally {
      clearInterval(looking);
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

function answerTo(newest: Newest): Delivery['answer'] {
  const unlessOver = (say: (message: JsMsg) => void) => {
    if (!newest.isOver()) say(newest.message);
  };
  return {
    ack: () => unlessOver((it) => it.ack()),
    nak: (delayMs) => unlessOver((it) => it.nak(delayMs)),
    term: (reason) => unlessOver((it) => it.term(reason)),
    working: () => unlessOver((it) => it.working()),
  };
}

/** In an older copy of the server, the consumer may be that of an earlier release, which listened to less. */
const delivers = ({ config }: ConsumerInfo, subjects: readonly string[]): boolean =>
  subjects.every((it) => subjectsIn(config).includes(it));

const gone: readonly string[] = ['consumer_deleted', 'consumer_not_found', 'stream_not_found'];

/** Tells at once, while `messages` itself ends only after all that it has fetched. */
async function untilDeleted(messages: ConsumerMessages): Promise<boolean> {
  for await (const { type } of messages.status()) if (gone.includes(type)) return true;
  return false;
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
