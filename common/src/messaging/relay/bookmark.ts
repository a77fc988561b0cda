import type { Connection, mongo } from 'mongoose';
import type { Announcer } from '../../contracts/event.ts';
import { collectionOf } from '../../store/mongo.ts';
import type { Bus } from '../bus.ts';
import { ensureStream, isCalled, type StreamSettings, streamNotFound } from '../topology.ts';

/** What a service stores about its stream, in its own database. */
interface StoredBookmark {
  _id: Announcer;
  /** When the server created the stream; distinguishes it from another stream of the same name. */
  created: string;
  /** The highest acknowledged sequence. */
  sequence: number;
  /**
   * The event that has this sequence; null or absent where that is not known. An earlier release raises the sequence
   * alone, so `at` repeats it.
   */
  event?: { id: string; at: number } | null;
  /** Missing events must be announced again, and that is not finished. */
  due: boolean;
}

/** An event that JetStream has stored, and where. */
export interface Acknowledged {
  readonly eventId: string;
  readonly sequence: number;
  /** It had been stored before: the acknowledgement of that, or what was written about it, was lost. */
  readonly duplicate: boolean;
}

/**
 * Which stream a service wrote to, and how far. A different or shorter stream has lost events that the databases still
 * know, through a lost disk, an old backup, or a power cut before an fsync. Another replica may fill a shorter one up
 * again before anybody looks, so the event at the stored sequence is compared too.
 *
 * The stored sequence must never be too low: a stream that lost no more than the difference would look complete. If it
 * is too high, everything is announced once in vain. So it is written before an event leaves its outbox: if a crash
 * prevents the write, the event is still in its outbox and is published from there. One write covers all events removed
 * together (see `createRelay`), so it costs one write per second or per full batch.
 */
export interface Bookmark {
  /** Checks the stream, and creates it if missing. Resolves with why events must be announced again, or undefined. */
  check(): Promise<string | undefined>;
  /** Records what was acknowledged. Returns whether it follows all earlier events: false if the stream was reset. */
  reached(acknowledged: readonly Acknowledged[]): boolean;
  /** Stores the sequence, before acknowledged events are removed. */
  keep(): Promise<void>;
  /**
   * Begins announcing missing events again, to the current stream. Until `finish`, `check` reports it due, even after a
   * crash.
   */
  begin(): Promise<Finish>;
}

/** The stream is complete again. */
export type Finish = () => Promise<void>;

export function createBookmark(
  bus: Bus,
  connection: Connection,
  announcer: Announcer,
  settings: StreamSettings,
): Bookmark {
  const documents = collectionOf<StoredBookmark>(connection, 'bookmarks');
  /** The last event as known to this process; may not be stored yet. */
  let last: Pick<Acknowledged, 'eventId' | 'sequence'> | undefined;
  let kept = 0;
  let wentBack = false;

  async function streamInfo() {
    try {
      return await bus.jsm.streams.info(announcer);
    } catch (error) {
      if (!isCalled(error, streamNotFound)) throw error;
      await ensureStream(bus, announcer, settings);
      return bus.jsm.streams.info(announcer);
    }
  }

  /** The id of the event at a sequence; null if the message there is no event of ours, undefined if there is none. */
  async function eventAt(seq: number): Promise<string | null | undefined> {
    const message = seq > 0 ? await bus.jsm.streams.getMessage(announcer, { seq }) : null;
    return message ? message.header.get('Nats-Msg-Id') || null : undefined;
  }

  /** A message that was received, or has grown too old, is rightly gone, and so says nothing. */
  async function holdsAnother({ sequence, event }: StoredBookmark): Promise<boolean> {
    const found = event?.at === sequence ? await eventAt(sequence) : undefined;
    return found !== undefined && found !== event?.id;
  }

  async function keep(): Promise<void> {
    if (!last || last.sequence === kept) return;
    const { sequence, eventId } = last;
    // Another replica may have stored a later one.
    const event = { id: eventId, at: sequence };
    await documents.updateOne({ _id: announcer, sequence: { $lt: sequence } }, { $set: { sequence, event } });
    kept = sequence;
  }

  return {
    keep,

    async check() {
      // In this order, because everything acknowledged before the query must be in its answer.
      const known = await documents.findOne({ _id: announcer });
      const reachedBefore = Math.max(last?.sequence ?? 0, known?.sequence ?? 0);
      const { created, state } = await streamInfo();
      if (!known) return 'it is unknown which stream was written to';
      if (known.created !== created) return `the stream is another one, made ${created}`;
      if (state.last_seq < reachedBefore) {
        return `the stream ends at ${state.last_seq}, and ${reachedBefore} was acknowledged`;
      }
      if (wentBack) return 'the stream assigned a sequence a second time';
      if (await holdsAnother(known)) return `the stream has another event at ${known.sequence} than it acknowledged`;
      if (known.due) return 'an earlier repair was not finished';
      return undefined;
    },

    reached(acknowledged) {
      const inOrder = acknowledged.toSorted((one, other) => one.sequence - other.sequence);
      const [lowest, highest] = [inOrder.find(({ duplicate }) => !duplicate), inOrder.at(-1)];
      if (!highest) return true;
      const grows = !lowest || lowest.sequence > (last?.sequence ?? 0);
      if (!grows) wentBack = true;
      if (highest.sequence > (last?.sequence ?? 0)) last = highest;
      return grows;
    },

    async begin() {
      // Counts acknowledgements from here. They may be below the stream's end: messages in flight may already be
      // stored.
      last = undefined;
      kept = 0;
      wentBack = false;
      const { created, state } = await streamInfo();
      const id = await eventAt(state.last_seq);
      const at = { created, sequence: state.last_seq, event: id ? { id, at: state.last_seq } : null };
      const known = await documents.findOneAndUpdate(
        { _id: announcer },
        { $setOnInsert: at, $set: { due: true } },
        { upsert: true, returnDocument: 'after' },
      );
      // Only what the stream does not hold is reset: another replica may rightly have written here since.
      const elsewhere: mongo.Filter<StoredBookmark>[] = [
        { created: { $ne: created } },
        { sequence: { $gt: state.last_seq } },
      ];
      if (known && (await holdsAnother(known))) elsewhere.push({ sequence: known.sequence });
      await documents.updateOne({ _id: announcer, $or: elsewhere }, { $set: at });
      // What was acknowledged since has been compared with the old stream's sequence, and perhaps not been stored.
      kept = 0;
      await keep();
      return async () => {
        await documents.updateOne({ _id: announcer, created }, { $set: { due: false } });
      };
    },
  };
}
