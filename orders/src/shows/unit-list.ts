import type { Held } from './holdings.ts';

/**
 * The tickets of one kind, by their numbers: which of them are free, as far as is known, in random order, but those
 * that their holders offer after all others. Otherwise an offer would be a right to return a ticket at the organiser's
 * cost. Takes 13 bytes for each number; every operation on one ticket takes the same time however many there are.
 */
export interface UnitList {
  /** How many are free. */
  free(): number;
  /** How many are picked. */
  picked(): number;
  has(number: number): boolean;
  isPicked(number: number): boolean;
  /** Whether somebody is known to hold it. */
  isHeld(number: number): boolean;
  /** The last attempt that is known; 0 if there was none. */
  lastAttempt(number: number): number;
  allPicked(): number[];
  /** Takes free ones off the list, at most so many: those on offer only if there are no others. */
  pick(count: number): number[];
  pickOne(number: number): void;
  /** Ends the pick: it is free again unless somebody is known to hold it. */
  release(number: number): void;
  /** Takes note of an attempt at it. An earlier attempt than the last one known changes nothing. */
  learn(number: number, held: Held): void;
}

/** Flags of a ticket. It is free if it is there, and neither held nor picked. */
const there = 1;
const held = 2;
const picked = 4;
/** Its holder offers it, so it is not held. */
const offered = 8;

const isFreeIn = (state: number): boolean => (state & (there | held | picked)) === there;

/** Every ticket with one of these numbers is free until an attempt at it is learned. */
export function unitList(numbers: Iterable<number>, highest: number): UnitList {
  const states = new Uint8Array(highest + 1);
  const attempts = new Uint32Array(highest + 1);
  /** The free numbers, those on offer first, each part in random order; and the place of each of them. */
  const order = new Uint32Array(highest);
  const places = new Uint32Array(highest + 1);
  let freeCount = 0;
  let offeredCount = 0;
  let pickedCount = 0;

  const stateOf = (number: number): number => states[number] ?? 0;
  const is = (number: number, flag: number): boolean => (stateOf(number) & flag) !== 0;
  const lastAttempt = (number: number): number => attempts[number] ?? 0;

  function put(number: number, place: number): void {
    order[place] = number;
    places[number] = place;
  }

  /** Moves what is at one place to another. */
  function move(from: number, to: number): void {
    if (from !== to) put(order[from] ?? 0, to);
  }

  /** At a random place of its part, so that processes with the same list do not try the same ones. */
  function insert(number: number, isOffered: boolean): void {
    const [begin, end] = isOffered ? [0, offeredCount] : [offeredCount, freeCount];
    const place = begin + Math.floor(Math.random() * (end - begin + 1));
    // The first of the others makes room.
    if (isOffered) move(offeredCount++, freeCount);
    move(place, end);
    put(number, place);
    freeCount++;
  }

  function remove(number: number): void {
    let place = places[number] ?? 0;
    if (place < offeredCount) {
      move(--offeredCount, place);
      place = offeredCount;
    }
    move(--freeCount, place);
  }

  function become(number: number, state: number): void {
    if (isFreeIn(stateOf(number))) remove(number);
    states[number] = state;
    if (isFreeIn(state)) insert(number, (state & offered) !== 0);
  }

  function pickOne(number: number): void {
    if (is(number, picked)) return;
    pickedCount++;
    become(number, stateOf(number) | picked);
  }

  for (const number of numbers) become(number, there);

  return {
    free: () => freeCount,
    picked: () => pickedCount,
    has: (number) => is(number, there),
    isPicked: (number) => is(number, picked),
    isHeld: (number) => is(number, held),
    lastAttempt,
    allPicked: () => [...states.keys()].filter((number) => is(number, picked)),
    pickOne,

    pick(count) {
      const last = order.slice(Math.max(freeCount - count, 0), freeCount);
      for (const number of last) pickOne(number);
      return [...last];
    },

    release(number) {
      if (!is(number, picked)) return;
      pickedCount--;
      become(number, stateOf(number) & ~picked);
    },

    learn(number, { attempt, isHeld, isOffered }) {
      const last = lastAttempt(number);
      // An attempt that has ended does not begin again.
      if (attempt < last || (attempt === last && isHeld)) return;
      attempts[number] = attempt;
      const rest = stateOf(number) & ~(held | offered);
      become(number, rest | (isHeld ? held : 0) | (isOffered ? offered : 0));
    },
  };
}
