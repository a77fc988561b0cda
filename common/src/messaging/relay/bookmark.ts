import type { Connection } from 'mongoose';
import type { Announcer } from '../../contracts/event.ts';
import { collectionOf } from '../../store/mongo.ts';
import type { Bus } from '../bus.ts';
import { ensureStream, isCalled, type StreamSettings, streamNotFound } from '../topology.ts';

/** What a service keeps about its stream, in its own database. */
interface StoredBookmark {
  _id: Announcer;
  /** When the stream was made, as the server has it: another one of the same name has another. */
  created: string;
  /** The highest sequence that JetStream acknowledged. */
  sequence: number;
  /** What the stream lacks has to be announced again, and nobody has finished doing so. */
  due: boolean;
}

/**
 * Which stream a service wrote to, and how far. A stream that is another one, or shorter, has lost what the databases still know: a disk, an old backup,
 * a power cut before an fsync.
 *
 * The sequence must never be kept too low: a stream that lost no more than the difference would look whole. Too high merely has everything announced once in vain.
 * So it is written before an event leaves its outbox, not after: what a crash keeps from being written here is still in an outbox, and published from there.
 * One write covers all the events that leave together (see `createRelay`), so it costs one in a second, or one for each full batch.
 */
export interface Bookmark {
  /** Looks at the stream, and makes it if there is none. Says why something has to be announced again, or nothing when all is there. */
  look(): Promise<string | undefined>;
  /** JetStream acknowledged these sequences, and those of the calls before came before them. Says whether that is so: false when the stream has gone back. */
  reached(sequences: readonly number[]): boolean;
  /** Writes down how far it is, before what was acknowledged is let go. */
  keep(): Promise<void>;
  /** What it lacks is about to be announced again, to the stream as it is now: until `finish`, also after a crash, `look` says that this is due. */
  begin(): Promise<Finish>;
}

/** It lacks nothing any more. */
export type Finish = () => Promise<void>;

export function createBookmark(
  bus: Bus,
  connection: Connection,
  announcer: Announcer,
  settings: StreamSettings,
): Bookmark {
  const documents = collectionOf<StoredBookmark>(connection, 'bookmarks');
  /** As this process knows it: what it has just been told may not be written yet. */
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
    async look() {
      // In this order: what was acknowledged before the stream is asked must be in its answer.
      const known = await documents.findOne({ _id: announcer });
      const reachedBefore = Math.max(sequence, known?.sequence ?? 0);
      const { created, state } = await streamInfo();
      if (!known) return 'nobody knows which stream was written to';
      if (known.created !== created) return `the stream is another one, made ${created}`;
      if (state.last_seq < reachedBefore) {
        return `the stream ends at ${state.last_seq}, and ${reachedBefore} was acknowledged`;
      }
      if (wentBack) return 'the stream gave out a sequence again that it had given out before';
      if (known.due) return 'it was begun and not finished';
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
      // What is acknowledged from here on counts again. It may be less than the stream's end: what is on its way has been stored and not yet answered.
      sequence = 0;
      kept = 0;
      wentBack = false;
      const { created, state } = await streamInfo();
      const at = { created, sequence: state.last_seq };
      await documents.updateOne({ _id: announcer }, { $setOnInsert: at, $set: { due: true } }, { upsert: true });
      // Only what is beyond the stream is taken back: another replica may have written here since, and rightly.
      const elsewhere = { $or: [{ created: { $ne: created } }, { sequence: { $gt: state.last_seq } }] };
      await documents.updateOne({ _id: announcer, ...elsewhere }, { $set: at });
      return async () => {
        await documents.updateOne({ _id: announcer, created }, { $set: { due: false } });
      };
    },
  };
}
