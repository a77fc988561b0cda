import { setImmediate as immediate } from 'node:timers/promises';
import { type Kind, numbersOf, type Show } from '@box-office/common/contracts/shows';
import { unitId } from '@box-office/common/derived-id';
import type { Holding, Holdings } from './holdings.ts';
import { type UnitList, unitList } from './unit-list.ts';

/** A ticket of a show, and an attempt at it. */
export interface Unit {
  readonly id: string;
  readonly kindId: string;
  readonly number: number;
  readonly attempt: number;
}

/** How many tickets of a kind are left. */
export interface Left {
  readonly kindId: string;
  readonly left: number;
}

/** A seat of a show. */
export type Seat = Omit<Unit, 'attempt'>;

/** What a process knows of the tickets of one show: see `FreeUnits`. */
export interface ShowUnits {
  /** How many tickets it has in memory. */
  size(): number;
  /** Resolves once everything was read, for this version of the show or a later one. */
  ready(show: Show): Promise<void>;
  /** Reads what has changed. All who wait for it share one reading, which begins after they asked. */
  refresh(): Promise<void>;
  /** The same, unless that was done a moment ago. */
  refreshIfOld(): Promise<void>;
  /** Picks that many of each kind, or none if there are too few. */
  take(wanted: ReadonlyMap<string, number>): Unit[] | null;
  takeThese(seats: readonly Seat[]): Unit[];
  release(units: readonly Unit[]): void;
  /** Resolves when the next pick ends. */
  released(): Promise<void>;
  /** Whether there would be enough if those that are picked were released. */
  mayComeBack(wanted: ReadonlyMap<string, number>): boolean;
  left(): Left[];
  /** The seats with these ids. Null if one of them is none. */
  seats(ids: readonly string[]): Promise<Seat[] | null>;
  isHeld(seat: Seat): boolean;
  isPicked(seat: Seat): boolean;
  /** With the last attempt that is known. */
  lastOf(seat: Seat): Unit;
  learn(holding: Holding): void;
}

/**
 * How long before a reading began something may have been written that it did not show: the difference between clocks,
 * and the time that a write takes.
 */
const lateMs = 2_000;
/** After how long everything is read again, which finds what was later than that. */
const afreshMs = 60_000;
/** Ids made at a time, so that other requests are served in between: a hash each. */
const idsAtOnce = 2_000;

/** How old what was read may be when a collision shows that others have been selling. */
const oldMs = 1_000;

const noUnits = unitList([], 0);

export function showUnits(first: Show, { holdings, now }: { holdings: Holdings; now: () => Date }): ShowUnits {
  let show = first;
  let lists: ReadonlyMap<string, UnitList> = new Map();
  /** The version of the show that the lists are of. */
  let version = -1;
  let seatIds: Promise<ReadonlyMap<string, Seat>> | null = null;
  let readAt = new Date(0);
  let readAfreshAt = new Date(0);
  let reading: Promise<void> = Promise.resolve();
  let nextReading: Promise<void> | null = null;
  /** What was learned while everything is read afresh. */
  let meanwhile: Holding[] | null = null;
  let release = Promise.withResolvers<void>();

  const listOf = (kindId: string): UnitList => lists.get(kindId) ?? noUnits;

  function refresh(): Promise<void> {
    nextReading ??= reading
      .catch(() => undefined)
      .then(() => {
        nextReading = null;
        reading = read();
        return reading;
      });
    return nextReading;
  }

  async function read(): Promise<void> {
    const began = now();
    if (version < show.version || began.getTime() - readAfreshAt.getTime() > afreshMs) {
      await readAfresh();
      readAfreshAt = began;
    } else {
      const since = new Date(readAt.getTime() - lateMs);
      for await (const holding of holdings.changedSince(show.id, since)) learnIn(lists, holding);
    }
    readAt = began;
  }

  async function readAfresh(): Promise<void> {
    const { kinds, version: made } = show;
    const fresh = new Map(kinds.map((kind) => [kind.id, unitList(numbersOf(kind), kind.made)]));
    meanwhile = [];
    try {
      for await (const holding of holdings.changedSince(show.id, null)) learnIn(fresh, holding);
      for (const holding of meanwhile) learnIn(fresh, holding);
    } finally {
      meanwhile = null;
    }
    for (const [kindId, list] of lists) {
      for (const number of list.allPicked()) fresh.get(kindId)?.pickOne(number);
    }
    [lists, version, seatIds] = [fresh, made, null];
  }

  function take(kindId: string, numbers: readonly number[]): Unit[] {
    const list = listOf(kindId);
    return numbers.map((number) => ({
      id: unitId(show.id, kindId, number),
      kindId,
      number,
      attempt: list.lastAttempt(number) + 1,
    }));
  }

  /** 50,000 ids take a tenth of a second. */
  async function readSeats(kinds: readonly Kind[]): Promise<ReadonlyMap<string, Seat>> {
    const seats = new Map<string, Seat>();
    for (const kind of kinds.filter((it) => it.seats)) {
      for (const number of numbersOf(kind)) {
        const id = unitId(show.id, kind.id, number);
        seats.set(id, { id, kindId: kind.id, number });
        if (seats.size % idsAtOnce === 0) await immediate();
      }
    }
    return seats;
  }

  return {
    size: () => show.kinds.reduce((sum, { made }) => sum + made, 0),
    refresh,

    async refreshIfOld() {
      if (now().getTime() - readAt.getTime() >= oldMs) await refresh();
    },

    async ready(asked) {
      if (asked.version > show.version) show = asked;
      while (version < asked.version) await refresh();
    },

    take(wanted) {
      if ([...wanted].some(([kindId, count]) => listOf(kindId).free() < count)) return null;
      return [...wanted].flatMap(([kindId, count]) => take(kindId, listOf(kindId).pick(count)));
    },

    takeThese(seats) {
      for (const { kindId, number } of seats) listOf(kindId).pickOne(number);
      return seats.flatMap(({ kindId, number }) => take(kindId, [number]));
    },

    release(units) {
      for (const { kindId, number } of units) listOf(kindId).release(number);
      release.resolve();
      release = Promise.withResolvers();
    },

    released: () => release.promise,

    mayComeBack(wanted) {
      const all = [...wanted].map(([kindId, count]) => ({ list: listOf(kindId), count }));
      return all.every(({ list, count }) => list.free() + list.picked() >= count);
    },

    left: () => [...lists].map(([kindId, list]) => ({ kindId, left: list.free() + list.picked() })),

    async seats(ids) {
      seatIds ??= readSeats(show.kinds);
      const known = await seatIds;
      const found = ids.flatMap((id) => known.get(id) ?? []);
      return found.length === ids.length ? found : null;
    },

    isHeld: ({ kindId, number }) => listOf(kindId).isHeld(number),
    isPicked: ({ kindId, number }) => listOf(kindId).isPicked(number),
    lastOf: (seat) => ({ ...seat, attempt: listOf(seat.kindId).lastAttempt(seat.number) }),

    learn(holding) {
      meanwhile?.push(holding);
      learnIn(lists, holding);
    },
  };
}

function learnIn(lists: ReadonlyMap<string, UnitList>, { tickets }: Holding): void {
  for (const { kindId, number, ...held } of tickets) lists.get(kindId)?.learn(number, held);
}
