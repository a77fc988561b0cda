import type { Job } from '@box-office/common/announcing-service';
import type { Repeating } from '@box-office/common/repeat';
import { aggregates, type StoreOptions } from '@box-office/common/store/aggregates';
import { reportUnreadable } from '@box-office/common/store/unreadable';
import { countUnavailable, lookForAny } from './left.ts';
import { makeUnits } from './make-units.ts';
import { rarely } from './rarely.ts';
import type { ShowRoutes } from './routes.ts';
import { salesOf } from './sales.ts';
import { current, lookup, Show, snapshot } from './show.ts';
import { unitStore } from './units.ts';

/** How often to look for shows whose tickets another process has left unfinished. */
const lookEveryMs = 5_000;

/** What shows add to the service. */
export interface Shows {
  readonly stores: readonly { prepare(): Promise<void> }[];
  readonly parts: Omit<ShowRoutes, 'keys' | 'now' | 'readInTurn'>;
  readonly jobs: readonly (() => Job)[];
}

export function createShows(options: StoreOptions): Shows {
  const { connection, logger, metrics } = options;
  const unreadable = reportUnreadable('units', { logger, ...(metrics && { metrics }) });
  const units = unitStore(connection);
  const shows = aggregates(
    {
      collection: 'shows',
      state: Show,
      snapshot,
      current,
      lookup,
      // One with many seats takes a megabyte.
      remembers: 0,
      indexes: [
        { keys: { userId: 1, _id: -1 } },
        { keys: { unfinished: 1, _id: 1 } },
        { keys: { userId: 1, unfinished: 1 } },
        { keys: { listed: 1, order: 1 } },
        { keys: { words: 1 } },
      ],
    },
    options,
  );
  let maker: Repeating | undefined;
  const startMaker = () => {
    maker = makeUnits({ shows, units, everyMs: lookEveryMs, logger });
    return maker;
  };
  return {
    stores: [shows, units],
    parts: {
      shows,
      units,
      unavailable: countUnavailable(units),
      isAnyLeft: lookForAny(units),
      sales: rarely((show: Show) => salesOf(units, show, unreadable)),
      wakeMaker: () => maker?.wake(),
    },
    jobs: [startMaker],
  };
}
