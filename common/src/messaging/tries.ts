import type { JsMsg } from '@nats-io/jetstream';

/**
 * How often this process has failed to handle each message.
 *
 * JetStream's delivery count is not usable: it also rises when a handler throws `NotYet` or a replica dies, and a
 * killed server may have lost it. This count starts again after a restart or on another replica, so a message may get
 * more tries than configured, but never fewer.
 */
export interface Tries {
  /** Counts a failure. Returns the total. */
  failed(message: JsMsg): number;
  /** Forgets a message that was handled or given up. */
  over(message: JsMsg): void;
}

/** How many messages are remembered; beyond that the least recently failed one is forgotten. */
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

/** A rebuilt stream reuses sequence numbers; the storage time distinguishes its messages from those of the old one. */
export const keyOf = ({ info: { stream, streamSequence, timestampNanos } }: JsMsg) =>
  `${stream}/${streamSequence}/${timestampNanos}`;
