import type { PubAck } from '@nats-io/jetstream';
import type { Logger } from 'pino';
import type { Announcer } from '../../contracts/event.ts';
import type { Bus } from '../bus.ts';
import { headersOf } from '../envelope.ts';
import { type Sending, sending } from '../spans.ts';
import type { Acknowledged } from './bookmark.ts';
import type { Entry, Outgoing } from './queue.ts';

/** From how many events on an atomic batch is faster than single publishes with an fsync each. Measured. */
const batchFrom = 60;
const commitWithinMs = 10_000;

/** The result of a round. An entry that was acknowledged in part is in both lists. */
export interface Outcome {
  readonly published: readonly Entry[];
  readonly failed: readonly Failed[];
}

export interface Failed {
  readonly entry: Entry;
  readonly error: unknown;
}

export interface PublisherOptions {
  readonly bus: Bus;
  readonly announcer: Announcer;
  /** Called with what JetStream has stored; of a batch only its last event. */
  readonly reached: (acknowledged: readonly Acknowledged[]) => void;
  readonly logger: Logger;
}

export interface Publisher {
  /**
   * Publishes a round, either in one atomic batch with one fsync, or one by one, in order per aggregate. JetStream
   * stores nothing before `before` resolves, so that nothing overtakes events that are put back. Neither `before` nor
   * this rejects.
   */
  publish(round: readonly Entry[], before: Promise<unknown>): Promise<Outcome>;
}

export function createPublisher({ bus, announcer, reached, logger }: PublisherOptions): Publisher {
  /** Sends a batch that JetStream does not store yet. The returned function commits it, all or nothing. */
  async function stageBatch(events: readonly Outgoing[]): Promise<() => Promise<void>> {
    const [first, ...rest] = events;
    const last = rest.pop();
    if (!first || !last) throw new Error('a batch has at least two events');
    const sent: Sending[] = [];
    const headersFor = (event: Outgoing) => {
      const { traceparent, end } = sending(event, event.payload);
      sent.push({ traceparent, end });
      return headersOf({ ...event, traceparent });
    };
    const batch = await bus.js.startBatch(first.subject, first.payload, { headers: headersFor(first) });
    for (const event of rest) batch.add(event.subject, event.payload, { headers: headersFor(event) });
    return async () => {
      const options = { headers: headersFor(last), timeout: commitWithinMs };
      try {
        const { seq } = await batch.commit(last.subject, last.payload, options);
        // A batch with a duplicate is refused as a whole.
        reached([{ eventId: last.id, sequence: seq, duplicate: false }]);
        for (const { end } of sent) end();
      } catch (error) {
        for (const { end } of sent) end(error);
        throw error;
      }
    };
  }

  async function publishOne(event: Outgoing): Promise<PubAck> {
    const { traceparent, end } = sending(event, event.payload);
    const options = { headers: headersOf({ ...event, traceparent }), expect: { streamName: announcer } };
    try {
      const acknowledged = await bus.js.publish(event.subject, event.payload, options);
      end();
      return acknowledged;
    } catch (error) {
      end(error);
      throw error;
    }
  }

  async function publishSingly(round: readonly Entry[]): Promise<Outcome> {
    const acknowledged: Acknowledged[] = [];
    const [published, failed]: [Entry[], Failed[]] = [[], []];
    await Promise.all(
      round.map(async (entry) => {
        const done: Outgoing[] = [];
        try {
          for (const event of entry.events) {
            const { seq, duplicate } = await publishOne(event);
            acknowledged.push({ eventId: event.id, sequence: seq, duplicate });
            done.push(event);
          }
          published.push(entry);
        } catch (error) {
          if (done.length > 0) published.push({ ...entry, events: done, version: null });
          failed.push({ entry: { ...entry, events: entry.events.slice(done.length) }, error });
        }
      }),
    );
    reached(acknowledged);
    return { published, failed };
  }

  return {
    async publish(round, before) {
      const events = round.flatMap((entry) => entry.events);
      const refused = (error: unknown) => {
        // Refused as a whole because an id is a duplicate, or the server is too old or unavailable. Single messages
        // show which.
        logger.debug({ err: error, events: events.length }, 'the batch was refused; publishing singly');
      };
      const commit = events.length < batchFrom ? undefined : await stageBatch(events).catch(refused);
      await before;
      try {
        if (commit) {
          await commit();
          return { published: round, failed: [] };
        }
      } catch (error) {
        refused(error);
      }
      return publishSingly(round);
    },
  };
}

/**
 * Whether the client itself refuses to send the event, for example because it is too large, so that a retry cannot
 * help.
 */
export function cannotBeSent({ error }: Failed): boolean {
  return Error.isError(error) && /^(InvalidArgument|InvalidSubject|Type|Range)Error$/.test(error.name);
}
