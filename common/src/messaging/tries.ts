import type { JsMsg } from '@nats-io/jetstream';

/**
 * How often handling each message has failed, as this process has seen it.
 *
 * JetStream's own count of deliveries cannot tell: it rises as well when a handler asks for its message again later, or a replica dies with it, and a server that was killed
 * may have forgotten it. Counted here, a restart or another replica begins anew: a message may get more tries than it is allowed, and never fewer.
 */
export interface Tries {
  /** Counts a failure. Returns how many that makes. */
  failed(message: JsMsg): number;
  /** It was handled, or given up. */
  over(message: JsMsg): void;
}

/** Messages that are remembered; beyond that the one that failed longest ago begins anew. */
const remembered = 10_000;

export function countTries(limit = remembered): Tries {
  const failures = new Map<string, number>();
  return {
    failed(message) {
      const key = keyOf(message);
      const count = (failures.get(key) ?? 0) + 1;
      failures.delete(key);
      failures.set(key, count);
      const [oldest] = failures.size > limit ? failures.keys() : [];
      if (oldest !== undefined) failures.delete(oldest);
      return count;
    },
    over: (message) => void failures.delete(keyOf(message)),
  };
}

/** The moment of storing tells a rebuilt stream's messages from those of the stream before it, whose numbers they share. */
const keyOf = ({ info: { stream, streamSequence, timestampNanos } }: JsMsg) =>
  `${stream}/${streamSequence}/${timestampNanos}`;
