import type { Show } from '@box-office/common/contracts/shows';
import type { Logger } from 'pino';
import type { Order } from '../order.ts';
import type { FreeUnits } from '../shows/free-units.ts';
import { soldOut, type Wanted } from '../shows/reserve-show.ts';
import type { Left } from '../shows/show-units.ts';
import { serve } from './entry.ts';
import type { Lines, Waiter } from './line.ts';
import { lineSlot } from './lookup.ts';
import type { Entries } from './store.ts';

/** Keeps those who order from overtaking those who wait. */
export interface Turns {
  /**
   * Call it with the tickets picked. One indexed read for each kind, unless somebody waits.
   *
   * @returns the kinds that somebody waits for, the caller included
   * @throws Problem 409 `sold-out` if there is enough for somebody else who waits for one of the kinds
   */
  mustNotOvertake(person: Waiter, show: Show, wanted: Wanted): Promise<readonly string[]>;
  /** Ends the waiting of somebody who has ordered as many as they waited for, of these kinds. Never throws. */
  settle(order: Order, wanted: Wanted, kindIds: readonly string[]): Promise<void>;
}

export interface TurnsParts {
  readonly entries: Entries;
  readonly lines: Lines;
  readonly freeUnits: FreeUnits;
  readonly logger: Logger;
}

export function turnsIn({ entries, lines, freeUnits, logger }: TurnsParts): Turns {
  return {
    async mustNotOvertake(person, show, wanted) {
      const found = await Promise.all(
        [...wanted.keys()].map(async (kindId) => ({ kindId, ...(await lines.others(kindId, person)) })),
      );
      if (found.some(({ fewest }) => fewest !== null)) {
        // Others may have given back some that this process has not heard of.
        const left = await freeUnits.left(show);
        const spokenFor = new Set(
          found.flatMap(({ kindId, fewest }) => (fewest !== null && fewest <= leftOf(left, kindId) ? kindId : [])),
        );
        if (spokenFor.size > 0) {
          const forOthers = left.map((it) => (spokenFor.has(it.kindId) ? { ...it, left: 0 } : it));
          throw soldOut(show, wanted, forOthers);
        }
      }
      return found.filter(({ isEmpty }) => !isEmpty).map(({ kindId }) => kindId);
    },

    async settle(order, wanted, kindIds) {
      for (const kindId of kindIds) {
        try {
          const entry = await entries.findOne({ slots: lineSlot(kindId, order.places?.by ?? order.userId) });
          if (!entry || (wanted.get(kindId) ?? 0) < entry.quantity) continue;
          await entries.change(entry.id, (it) => serve(it, order.id));
        } catch (error) {
          // The order counts. At worst the person is served once more, and need not pay that.
          logger.warn({ err: error, orderId: order.id, kindId }, 'could not end the waiting of somebody who ordered');
        }
      }
    },
  };
}

export const leftOf = (left: readonly Left[], kindId: string): number =>
  left.find((it) => it.kindId === kindId)?.left ?? 0;
