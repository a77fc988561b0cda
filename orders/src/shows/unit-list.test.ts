import fc from 'fast-check';
import { unitList } from './unit-list.ts';

const upTo = (highest: number) => Array.from({ length: highest }, (_, index) => index + 1);
const at = (attempt: number, isHeld: boolean, isOffered = false) => ({ attempt, isHeld, isOffered });
const rising = (numbers: readonly number[]) => numbers.toSorted((one, other) => one - other);

describe('a list of free tickets', () => {
  it('is shuffled, so that two processes rarely try the same ones', () => {
    const [one, other] = [unitList(upTo(10_000), 10_000), unitList(upTo(10_000), 10_000)];
    const [mine, theirs] = [one.pick(100), other.pick(100)];
    expect(mine.filter((number) => theirs.includes(number)).length).toBeLessThan(15);
    expect(mine).not.toEqual(rising(mine));
    // Over the whole range.
    expect(Math.max(...mine) - Math.min(...mine)).toBeGreaterThan(5_000);
  });

  it('gives each ticket to one caller until it is released', () => {
    const list = unitList(upTo(50), 50);
    const picked = [...list.pick(20), ...list.pick(20), ...list.pick(20)];
    expect(rising(picked)).toEqual(upTo(50));
    expect([list.free(), list.picked()]).toEqual([0, 50]);
    expect(list.allPicked()).toEqual(upTo(50));
    list.release(7);
    expect(list.allPicked()).toEqual(upTo(50).filter((number) => number !== 7));
    expect(list.pick(2)).toEqual([7]);
  });

  it('contains only the numbers that there are', () => {
    const list = unitList([2, 5], 6);
    expect(rising(list.pick(9))).toEqual([2, 5]);
    expect(upTo(7).filter(list.has)).toEqual([2, 5]);
    list.release(3);
    list.learn(3, at(1, false));
    list.learn(99, at(1, true));
    expect(list.free()).toBe(0);
  });

  it('knows the last attempt, whatever the order in which attempts are learned', () => {
    const list = unitList([1], 1);
    list.learn(1, at(3, true));
    list.learn(1, at(2, false));
    expect([list.lastAttempt(1), list.isHeld(1), list.free()]).toEqual([3, true, 0]);
    list.learn(1, at(3, false));
    list.learn(1, at(3, true));
    expect([list.lastAttempt(1), list.isHeld(1), list.free()]).toEqual([3, false, 1]);
  });

  it('gives those that their holders offer only when there are no others', () => {
    const list = unitList(upTo(100), 100);
    for (const number of upTo(40)) list.learn(number, at(1, false, true));
    list.release(70);
    expect(list.free()).toBe(100);
    expect(rising(list.pick(60))).toEqual(upTo(100).slice(40));
    list.release(50);
    const [first, ...others] = list.pick(2);
    expect([first, others.length].includes(50) || others[0] === 50).toBe(true);
    expect(list.pick(100)).toHaveLength(39);
  });

  it('gives unsold ones first, also after one on offer is gone', () => {
    // Where those on offer are is random.
    for (let times = 0; times < 50; times++) {
      const list = unitList(upTo(5), 5);
      for (const number of [1, 2]) list.learn(number, at(1, false, true));
      list.pickOne(1);
      expect(rising(list.pick(3))).toEqual([3, 4, 5]);
    }
  });

  it('counts what is picked once, and what is released once', () => {
    const list = unitList(upTo(2), 2);
    for (let times = 0; times < 2; times++) list.pickOne(1);
    expect([list.free(), list.picked(), upTo(2).map(list.isPicked)]).toEqual([1, 1, [true, false]]);
    for (let times = 0; times < 2; times++) list.release(1);
    expect([list.free(), list.picked(), upTo(2).map(list.isPicked)]).toEqual([2, 0, [false, false]]);
  });

  it('finds each one where it has come to be, wherever that is', () => {
    // Where a released one comes to be is random.
    for (let times = 0; times < 50; times++) {
      const list = unitList(upTo(2), 2);
      list.pickOne(1);
      list.release(1);
      list.pickOne(2);
      expect(list.pick(1)).toEqual([1]);
    }
  });

  it('does not offer a picked one that turns out to be held', () => {
    const list = unitList([1], 1);
    list.pick(1);
    list.learn(1, at(1, true));
    list.release(1);
    expect([list.free(), list.picked()]).toEqual([0, 0]);
    list.learn(1, at(1, false));
    expect(list.pick(1)).toEqual([1]);
  });

  it('always offers exactly those that nobody holds and nobody has picked', () => {
    const step = fc.record({
      what: fc.constantFrom('pick', 'pickOne', 'release', 'held', 'ended', 'offered'),
      number: fc.integer({ min: 1, max: 8 }),
      attempt: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const list = unitList(upTo(8), 8);
        const offered = new Set<number>();
        for (const { what, number, attempt } of steps) {
          if (what === 'pick') list.pick(number);
          else if (what === 'pickOne') list.pickOne(number);
          else if (what === 'release') list.release(number);
          else if (attempt >= list.lastAttempt(number) && !(attempt === list.lastAttempt(number) && what === 'held')) {
            if (what === 'offered') offered.add(number);
            else offered.delete(number);
          }
          if (['held', 'ended', 'offered'].includes(what))
            list.learn(number, at(attempt, what === 'held', what === 'offered'));
          const due = upTo(8).filter((it) => !list.isHeld(it) && !list.isPicked(it));
          expect(list.free()).toBe(due.length);
          expect(list.picked()).toBe(upTo(8).filter(list.isPicked).length);
        }
        const due = upTo(8).filter((it) => !list.isHeld(it) && !list.isPicked(it));
        const unsold = due.filter((it) => !offered.has(it));
        expect(rising(list.pick(unsold.length))).toEqual(unsold);
        expect(rising(list.pick(8))).toEqual(due.filter((it) => offered.has(it)));
      }),
    );
  });
});
