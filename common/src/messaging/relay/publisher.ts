import type { Logger } from 'pino';
import type { Announcer } from '../../contracts/event.ts';
import type { Bus } from '../bus.ts';
import { headersOf } from '../envelope.ts';
import type { Entry, Outgoing } from './queue.ts';

/** From how many waiting events an atomic batch beats single publishes, with an fsync for each message: measured, not guessed. */
const batchFrom = 60;
const commitWithinMs = 10_000;

/** What became of a round. An entry of which only a part was acknowledged is in both. */
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
  /** JetStream gave these sequences out, in this order. */
  readonly reached: (sequences: readonly number[]) => void;
  readonly logger: Logger;
}

export interface Publisher {
  /**
   * Publishes a round: in one atomic batch, with one fsync for all, or singly, each aggregate in order.
   * Nothing is kept by JetStream until `before` is over, so that nothing overtakes what is put back. `before` never rejects, and neither does this.
   */
  publish(round: readonly Entry[], before: Promise<unknown>): Promise<Outcome>;
}

export function createPublisher({ bus, announcer, reached, logger }: PublisherOptions): Publisher {
  /** Sends a batch, of which JetStream keeps nothing yet. What is returned has it keep all or nothing. */
  async function stageBatch(events: readonly Outgoing[]): Promise<() => Promise<void>> {
    const [first, ...rest] = events;
    const last = rest.pop();
    if (!first || !last) throw new Error('a batch has at least two events');
    const batch = await bus.js.startBatch(first.subject, first.payload, { headers: headersOf(first) });
    for (const event of rest) batch.add(event.subject, event.payload, { headers: headersOf(event) });
    return async () => {
      const options = { headers: headersOf(last), timeout: commitWithinMs };
      const { seq } = await batch.commit(last.subject, last.payload, options);
      reached([seq]);
    };
  }

  async function publishSingly(round: readonly Entry[]): Promise<Outcome> {
    const sequences: number[] = [];
    const [published, failed]: [Entry[], Failed[]] = [[], []];
    await Promise.all(
      round.map(async (entry) => {
        const done: Outgoing[] = [];
        try {
          for (const event of entry.events) {
            const options = { headers: headersOf(event), expect: { streamName: announcer } };
            const { seq, duplicate } = await bus.js.publish(event.subject, event.payload, options);
            if (!duplicate) sequences.push(seq);
            done.push(event);
          }
          published.push(entry);
        } catch (error) {
          if (done.length > 0) published.push({ ...entry, events: done, version: null });
          failed.push({ entry: { ...entry, events: entry.events.slice(done.length) }, error });
        }
      }),
    );
    reached(sequences);
    return { published, failed };
  }

  return {
    async publish(round, before) {
      const events = round.flatMap((entry) => entry.events);
      const refused = (error: unknown) => {
        // Refused whole because one id is known already, or the server is too old or away: single messages find out which.
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

/** Whether the client refuses to send the event at all, as it does with one that is larger than the server takes: no further try can help. */
export function cannotBeSent({ error }: Failed): boolean {
  return Error.isError(error) && /^(InvalidArgument|InvalidSubject|Type|Range)Error$/.test(error.name);
}
