import type { Job } from '@box-office/common/announcing-service';
import type { Show } from '@box-office/common/contracts/shows';
import type { AwaitedCopies } from '@box-office/common/messaging/awaited-copies';
import type { Aggregates, StoreOptions } from '@box-office/common/store/aggregates';
import type { Order } from '../order.ts';
import type { Ordering } from '../ordering.ts';
import type { FreeUnits } from '../shows/free-units.ts';
import { barredIn, endingOf } from './ending.ts';
import { joining } from './joining.ts';
import { linesOf } from './line.ts';
import { looksIn } from './looks.ts';
import type { WaitingActions } from './routes.ts';
import { type Serving, serving } from './serve.ts';
import { entriesIn, numbersIn } from './store.ts';
import { type Turns, turnsIn } from './turns.ts';

export interface WaitingSettings {
  /** How long an order from a waiting list is held for its buyer. */
  readonly windowMs: number;
  /** How often to look for tickets that have come free; 0 to serve nobody. */
  readonly everyMs: number;
  /** How many lines one person may wait in at the same time; 0 for any number. */
  readonly mostLines: number;
}

export interface WaitingParts extends Omit<WaitingSettings, 'windowMs'> {
  readonly storeOptions: StoreOptions;
  readonly freeUnits: FreeUnits;
}

/** What waiting lists add to the service. */
export interface Waiting {
  readonly store: { prepare(): Promise<void> };
  readonly turns: Turns;
  /** Call it when tickets of a show have come free. */
  freed(showId: string): void;
  actions(orders: Aggregates<Order>): WaitingActions;
  /** What serves those who wait, if anybody is to be served. */
  jobs(parts: {
    readonly orders: Aggregates<Order>;
    readonly ordering: Ordering;
    readonly shows: AwaitedCopies<Show>;
  }): readonly (() => Job)[];
}

export function createWaiting({ storeOptions, freeUnits, everyMs, mostLines }: WaitingParts): Waiting {
  const { connection, now, logger } = storeOptions;
  const entries = entriesIn(storeOptions);
  const lines = linesOf(entries, connection);
  let running: Serving | undefined;
  return {
    store: entries,
    turns: turnsIn({ entries, lines, freeUnits, logger }),
    freed: (showId) => running?.freed(showId),
    actions(orders) {
      const join = joining({ entries, lines, orders, draw: numbersIn(connection), freeUnits, mostLines, now });
      return {
        entries,
        lines,
        end: endingOf(entries, orders),
        async join(...how) {
          const entry = await join(...how);
          running?.joined(entry);
          return entry;
        },
      };
    },
    jobs({ orders, ordering, shows }) {
      const end = endingOf(entries, orders);
      const start = () => {
        const barredOf = barredIn(connection);
        const looking = { freeUnits, looks: looksIn(connection, now), shows, everyMs, now, logger };
        running = serving({ entries, lines, end, orders, barredOf, ordering, ...looking });
        return running;
      };
      return everyMs === 0 ? [] : [start];
    },
  };
}
