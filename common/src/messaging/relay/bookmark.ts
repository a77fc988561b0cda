import type { Connection } from 'mongoose';
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
  /** Missing events must be announced again, and that is not finished. */
  due: boolean;
}

/**
 * Which stream a service wrote to, and how far. A different or shorter stream has lost events that the databases still
 * know, through a lost disk, an old backup, or a power cut before an fsync.
 *
 * The stored sequence must never be too low: a stream that lost no more than the difference would look complete. If it
 * is too high, everything is announced once in vain. So it is written before an event leaves its outbox: if a crash
 * prevents the write, the event is still in its outbox and is published from there. One write covers all events removed
 * together (see `createRelay`), so it costs one write per second or per full batch.
 */
export interface Bookmark {
  /** Checks the stream, and creates it if missing. Resolves with why events must be announced again, or undefined. */
  check(): Promise<string | undefined>;
  /** Records acknowledged sequences. Returns whether they follow all earlier ones: false if the stream was reset. */
  reached(sequences: readonly number[]): boolean;
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
  /** As known to this process; may not be stored yet. */
  let sequence = 0;
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

  return {
    async check() {
      // In this order, because everything acknowledged before the query must be in its answer.
      const known = await documents.findOne({ _id: announcer });
      const reachedBefore = Math.max(sequence, known?.sequence ?? 0);
      const { created, state } = await streamInfo();
      if (!known) return 'it is unknown which stream was written to';
      if (known.created !== created) return `the stream is another one, made ${created}`;
      if (state.last_seq < reachedBefore) {
        return `the stream ends at ${state.last_seq}, and ${reachedBefore} was acknowledged`;
      }
      if (wentBack) return 'the stream assigned a sequence a second time';
      if (known.due) return 'an earlier repair was not finished';
      return undefined;
    },

    reached(sequences) {
      if (sequences.length === 0) return true;
      const grows = Math.min(...sequences) > sequence;
      if (!grows) wentBack = true;
      sequence = Math.max(sequence, ...sequences);
      return grows;
    },

    async keep() {
      if (sequence === kept) return;
      const reached = sequence;
      await documents.updateOne({ _id: announcer }, { $max: { sequence: reached } });
      kept = reached;
    },

    async begin() {
      // Counts acknowledgements from here. They may be below the stream's end: messages in flight may already be
      // stored.
      sequence = 0;
      kept = 0;
      wentBack = false;
      const { created, state } = await streamInfo();
      const at = { created, sequence: state.last_seq };
      await documents.updateOne({ _id: announcer }, { $setOnInsert: at, $set: { due: true } }, { upsert: true });
      // Only a sequence beyond the stream is reset: another replica may rightly have written here since.
      const elsewhere = { $or: [{ created: { $ne: created } }, { sequence: { $gt: state.last_seq } }] };
      await documents.updateOne({ _id: announcer, ...elsewhere }, { $set: at });
      return async () => {
        await documents.updateOne({ _id: announcer, created }, { $set: { due: false } });
      };
    },
  };
}
