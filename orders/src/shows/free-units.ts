import type { Show } from '@box-office/common/contracts/shows';
import { claimOf } from '../lookup.ts';
import type { Holding, Holdings } from './holdings.ts';
import { type Left, type Seat, type ShowUnits, showUnits, type Unit } from './show-units.ts';

/** Tickets that no other request of this process tries meanwhile. */
export interface Pick {
  readonly units: readonly Unit[];
  /** After a unique index has refused an order for them: finds out whether others have some of them, and which. */
  correct(): Promise<boolean>;
  /** Ends the pick, once an order has them or has failed. */
  release(): void;
}

/**
 * Which tickets of each show are free, as far as this process knows: a hint for which to try, corrected by what it
 * writes and by collisions. The unique index on claims decides who gets them.
 *
 * Nobody is refused on a hint alone: the database is asked first, and what others have only picked is awaited.
 */
export interface FreeUnits {
  /** Random tickets, that many of each kind; or how many are left of each kind, if those are too few. */
  pick(show: Show, wanted: ReadonlyMap<string, number>): Promise<Pick | { readonly left: readonly Left[] }>;
  /** How many nobody holds, of each kind, as the database knows it now. */
  left(show: Show): Promise<readonly Left[]>;
  /** The seats with these ids; null if one of them is not a seat of this show. */
  seats(show: Show, ids: readonly string[]): Promise<readonly Seat[] | null>;
  /** These seats, or the ids of those that others hold. */
  pickSeats(show: Show, seats: readonly Seat[]): Promise<Pick | { readonly taken: readonly string[] }>;
  /** Takes note of an order for a show that this process has written. */
  learn(showId: string, holding: Holding): void;
}

export interface FreeUnitsOptions {
  readonly holdings: Holdings;
  readonly now: () => Date;
  /**
   * How many tickets are kept in memory, of the shows that were asked for last; the last one is kept however large it
   * is. Default 400,000, which take 6 MB, and 50 MB if all of them have seats.
   */
  readonly most?: number;
}

export function freeUnits({ holdings, now, most = 400_000 }: FreeUnitsOptions): FreeUnits {
  /** By the show's id; the one asked for last is the last one. */
  const shows = new Map<string, ShowUnits>();

  function unitsOf(show: Show): ShowUnits {
    const units = shows.get(show.id) ?? showUnits(show, { holdings, now });
    shows.delete(show.id);
    shows.set(show.id, units);
    let total = [...shows.values()].reduce((sum, it) => sum + it.size(), 0);
    for (const [id, oldest] of shows) {
      if (total <= most || oldest === units) break;
      total -= oldest.size();
      shows.delete(id);
    }
    return units;
  }

  function picked(known: ShowUnits, units: readonly Unit[]): Pick {
    return {
      units,
      correct: () => correct(known, units),
      release: () => known.release(units),
    };
  }

  async function correct(known: ShowUnits, units: readonly Unit[]): Promise<boolean> {
    const found = await holdings.byClaim(units.map(claimOf));
    for (const unit of units) {
      const held = found.get(claimOf(unit));
      if (held) known.learn({ tickets: [{ ...unit, ...held }] });
    }
    // Who has sold one ticket has probably sold more; learning of each by a collision would take as many of them.
    if (found.size > 0) await known.refreshIfOld();
    return found.size > 0;
  }

  return {
    async pick(show, wanted) {
      const known = unitsOf(show);
      await known.ready(show);
      for (let isFresh = false; ; ) {
        const units = known.take(wanted);
        if (units) return picked(known, units);
        if (known.mayComeBack(wanted)) await known.released();
        else if (isFresh) return { left: known.left() };
        else {
          await known.refresh();
          isFresh = true;
        }
      }
    },

    async left(show) {
      const known = unitsOf(show);
      await known.ready(show);
      await known.refresh();
      return known.left();
    },

    async seats(show, ids) {
      const known = unitsOf(show);
      await known.ready(show);
      return known.seats(ids);
    },

    async pickSeats(show, seats) {
      const known = unitsOf(show);
      await known.ready(show);
      for (let isFresh = false; ; ) {
        const held = seats.filter(known.isHeld);
        if (seats.some(known.isPicked)) await known.released();
        else if (held.length === 0) return picked(known, known.takeThese(seats));
        else if (isFresh) return { taken: held.map(({ id }) => id) };
        else {
          await correct(known, held.map(known.lastOf));
          isFresh = true;
        }
      }
    },

    learn(showId, holding) {
      shows.get(showId)?.learn(holding);
    },
  };
}
