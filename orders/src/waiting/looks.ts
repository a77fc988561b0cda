import type { Show } from '@box-office/common/contracts/shows';
import { collectionOf } from '@box-office/common/store/mongo';
import type { Connection } from 'mongoose';
import { shelfOf } from '../lookup.ts';

/** What a show was like when nobody more could be served. */
export interface Look {
  readonly show: Show;
  /** When it began. */
  readonly at: Date;
  /** Those who want the fewest of each kind: see `Lines.each`. Who joined and could be served would be one of them. */
  readonly line: string;
}

/** What is kept of a look. Not the show: one with many seats takes megabytes, and each process keeps all looks. */
export interface KeptLook extends Pick<Look, 'at' | 'line'> {
  readonly version: number;
  /** When the show is looked at again in any case, in milliseconds. */
  readonly until: number;
}

/**
 * Remembers what nobody needs to look at again. Reading a show and its free tickets costs much, and takes room from
 * what buyers need in memory, so it is not done for every show with a line each second.
 */
export interface Looks {
  /** Whether anybody may be served now who could not be before. Two small indexed reads. */
  isDue(showId: string, line: string): Promise<boolean>;
  /** Takes note that nobody more could be served. */
  note(look: Look): void;
  /** Forgets all shows but these. */
  keep(showIds: { has(showId: string): boolean }): void;
}

/** How long before a look something may have been written that it did not show: clocks differ, and writes take time. */
const lateMs = 2_000;
/** After how long a show is looked at again in any case, which finds what was later than that. */
const staleMs = 60_000;

export function looksIn(connection: Connection, now: () => Date, looks = new Map<string, KeptLook>()): Looks {
  const orders = collectionOf(connection, 'orders');
  const shows = collectionOf<{ _id: string; version: number }>(connection, 'known-shows');

  async function hasChanged(showId: string, { version, at }: KeptLook): Promise<boolean> {
    const since = shelfOf(showId, new Date(at.getTime() - lateMs).toISOString());
    const filter = { shelf: { $gte: since, $lt: shelfOf(showId, '~') } };
    const [order, stored] = await Promise.all([
      orders.findOne(filter, { projection: { _id: 1 } }),
      shows.findOne({ _id: showId }, { projection: { version: 1 } }),
    ]);
    return order !== null || stored?.version !== version;
  }

  return {
    async isDue(showId, line) {
      const look = looks.get(showId);
      if (!look || look.line !== line || now().getTime() >= look.until) return true;
      return hasChanged(showId, look);
    },

    note({ show, at, line }) {
      const later = turningPoints(show).filter((it) => it > at.getTime());
      const until = Math.min(at.getTime() + staleMs, ...later);
      looks.set(show.id, { version: show.version, at, line, until });
    },

    keep(showIds) {
      for (const showId of looks.keys()) if (!showIds.has(showId)) looks.delete(showId);
    },
  };
}

/** When a sale begins or ends without anybody changing anything. */
const turningPoints = ({ startsAt, kinds }: Show): number[] =>
  [startsAt, ...kinds.flatMap(({ salesFrom, salesUntil }) => [salesFrom ?? [], salesUntil ?? []].flat())].map((it) =>
    Date.parse(it),
  );
