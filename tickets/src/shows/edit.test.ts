import { NewShow, numbersOf, ShowChanged, ShowChanges } from '@box-office/common/contracts/shows';
import { derivedId } from '@box-office/common/derived-id';
import { refused } from '@box-office/common/testing/refused';
import fc from 'fast-check';
import { edit } from './edit.ts';
import { keepHeld, marked, putBack, soldAfterAll, takeOffSale, unitsMade } from './quantity.ts';
import { announce, cancel, isUnfinished, pause, type Show, snapshot, standing } from './show.ts';

const now = new Date('2026-01-01T12:00:00.000Z');
const details = NewShow.parse({
  ...{ title: 'Carmen', venue: { name: 'Arena', address: 'Verona' }, timeZone: 'Europe/Rome', perPerson: 4 },
  startsAt: '2026-06-01T19:00:00Z',
  kinds: [
    { name: 'Standing', price: 2500, quantity: 4, maxPerOrder: 2, salesUntil: '2026-06-01T18:00:00Z' },
    { name: 'Balcony', price: 5000, quantity: 2, seats: ['B1', 'B2'] },
  ],
});
const id = 'a'.repeat(24);
const [standingId, balconyId] = [derivedId(id, 'kind', 0), derivedId(id, 'kind', 1)];
const prepared = (): Show => announce(id, 'organiser', details, now).next;
const onSale = (): Show => unitsMade(unitsMade(prepared(), standingId, 4).next, balconyId, 2).next;
const nobody = new Map<string, number>();

const change = (show: Show, changes: object, held: ReadonlyMap<string, number> = nobody, at = now) =>
  edit(show, 'organiser', ShowChanges.parse(changes), held, at);
const quantity = (id: string, to: number) => ({ kinds: [{ id, quantity: to }] });
const faultIn = (field: string, message: unknown = expect.any(String)) =>
  expect.objectContaining({ code: 'invalid-request', errors: [{ field, message }] });

describe('editing a show', () => {
  it('changes what it names, announces it, and leaves everything else as it is', () => {
    const edited = change(onSale(), { title: 'Aida', kinds: [{ id: balconyId, price: 6000 }] });
    expect(edited.announce).toEqual([ShowChanged]);
    const [first, second] = onSale().kinds;
    expect(edited.next).toEqual({ ...onSale(), title: 'Aida', kinds: [first, { ...second, price: 6000 }] });
  });

  it('keeps the address of a venue that gets another name', () => {
    const { venue } = change(onSale(), { venue: { name: 'Opera' } }).next;
    expect(venue).toEqual({ name: 'Opera', address: 'Verona' });
  });

  it('takes back what is optional with null', () => {
    const venue = { name: 'Arena', address: null };
    const nothing = { perPerson: null, venue, kinds: [{ id: standingId, maxPerOrder: null }] };
    const shown = snapshot(change(onSale(), nothing).next);
    expect(shown).not.toHaveProperty('perPerson');
    expect(shown.venue).toEqual({ name: 'Arena' });
    expect(shown.kinds[0]).not.toHaveProperty('maxPerOrder');
    expect(shown.kinds[0]).toHaveProperty('salesUntil');
  });

  it('is for its organiser, and for no cancelled show', () => {
    expect(() => edit(onSale(), 'somebody', { title: 'Aida' }, nobody, now)).toThrow(refused('not-your-show'));
    const cancelled = cancel(onSale(), 'organiser').next;
    expect(() => change(cancelled, { title: 'Aida' })).toThrow(refused('show-cancelled'));
  });

  it.each([
    [
      'a start in the past',
      { startsAt: '2025-06-01T19:00:00Z', kinds: [{ id: standingId, salesUntil: null }] },
      'startsAt',
      'must be in the future',
    ],
    ['an end before the start', { endsAt: '2026-06-01T19:00:00Z' }, 'endsAt', 'must be after startsAt'],
    [
      'a start before the end of a sale',
      { startsAt: '2026-06-01T17:00:00Z' },
      'startsAt',
      'Standing: salesUntil must not be after startsAt',
    ],
    [
      'the end of a sale after the start',
      { kinds: [{ id: standingId, salesUntil: '2026-07-01T00:00:00Z' }] },
      'kinds.0.salesUntil',
      'must not be after startsAt',
    ],
    [
      'a price that Stripe would not take',
      { kinds: [{ id: balconyId, price: 49 }] },
      'kinds.0.price',
      'must be at least €0.50, or 0 for free',
    ],
    ['a kind of another show', quantity('f'.repeat(24), 3), 'kinds.0.id', 'is none of this show'],
    ['a kind twice', { kinds: [{ id: balconyId }, { id: balconyId }] }, 'kinds.1.id', 'is there twice'],
    [
      'too many tickets',
      quantity(standingId, 50_000),
      'kinds',
      'must hold at most 50000 tickets altogether, not 50002',
    ],
    [
      'more seats than have labels',
      quantity(balconyId, 3),
      'kinds.0.quantity',
      'must be at most 2, because further seats need labels',
    ],
    [
      'a seat that is there',
      { kinds: [{ id: balconyId, addSeats: ['B2'] }] },
      'kinds.0.addSeats',
      'must differ from each other: B2 is there twice',
    ],
    [
      'seats where there are none',
      { kinds: [{ id: standingId, addSeats: ['B3'] }] },
      'kinds.0.addSeats',
      'is only for a kind that has seats',
    ],
  ])('is refused with %s', (_, changes, field, message) => {
    expect(() => change(onSale(), changes)).toThrow(faultIn(field, message));
  });

  it('says which kind a new start is at odds with, and where it is named only if it is', () => {
    const startsAt = '2026-06-01T17:00:00Z';
    const message = 'must not be after startsAt';
    const faultFor =
      (...ids: string[]) =>
      () =>
        change(onSale(), { startsAt, kinds: ids.map((it) => ({ id: it })) });
    expect(faultFor(balconyId)).toThrow(faultIn('startsAt', `Standing: salesUntil ${message}`));
    expect(faultFor(balconyId, standingId)).toThrow(faultIn('kinds.1.salesUntil', message));
  });

  it('says of each kind what is wrong with it', () => {
    const kinds = [{ id: 'f'.repeat(24) }, { id: standingId }, { id: standingId, addSeats: ['B3'] }];
    expect(() => change(onSale(), { kinds })).toThrow(
      expect.objectContaining({
        errors: [{ field: 'kinds.0.id' }, { field: 'kinds.2.id' }].map(expect.objectContaining),
      }),
    );
  });

  it('is possible when the show has begun, but for a start that is over too', () => {
    const later = new Date('2026-06-01T20:00:00.000Z');
    expect(change(onSale(), { description: 'It was lovely.' }, nobody, later).changed).toBe(true);
    expect(() => change(onSale(), { startsAt: '2026-06-01T19:30:00Z' }, nobody, later)).toThrow(faultIn('startsAt'));
  });

  it.each([{}, { kinds: [] }, { currency: 'usd' }, { title: null }, { kinds: [{ name: 'x' }] }])(
    'has to name something that can be edited: %j',
    (changes) => {
      expect(ShowChanges.safeParse(changes).success).toBe(false);
    },
  );

  it('adds seats, with as many tickets', () => {
    const { next } = change(onSale(), { kinds: [{ id: balconyId, addSeats: ['B3', 'B4'] }] });
    expect(next.kinds[1]).toMatchObject({ quantity: 4, made: 2, seats: ['B1', 'B2', 'B3', 'B4'] });
    expect(isUnfinished(next)).toBe(true);
    const made = unitsMade(next, balconyId, 4);
    expect([made.announce, isUnfinished(made.next)]).toEqual([[ShowChanged], false]);
  });

  it('adds seats of which not all are wanted, and their tickets are made first', () => {
    const { next } = change(onSale(), { kinds: [{ id: balconyId, addSeats: ['B3'], quantity: 2 }] });
    expect(next.kinds[1]).toMatchObject({ quantity: 2, made: 2, seats: ['B1', 'B2', 'B3'] });
    expect(isUnfinished(next)).toBe(true);
  });

  it('leaves a paused show paused', () => {
    expect(change(pause(onSale(), 'organiser').next, { title: 'Aida' }).next.state).toBe('paused');
  });

  it('never leaves fewer tickets than are held', () => {
    const held = new Map([[standingId, 3]]);
    expect(() => change(onSale(), quantity(standingId, 2), held)).toThrow(refused('fewer-than-held'));
    expect(change(onSale(), quantity(standingId, 3), held).next.kinds[0]?.quantity).toBe(3);
    // More are held than there should be: that is no reason to refuse another change.
    expect(change(onSale(), { title: 'Aida' }, new Map([[standingId, 5]])).changed).toBe(true);
  });

  it('puts a show on sale that was waiting for the tickets it no longer wants', () => {
    const waiting = unitsMade(unitsMade(prepared(), balconyId, 2).next, standingId, 3).next;
    expect(waiting.state).toBe('preparing');
    expect(change(waiting, quantity(standingId, 3)).next.state).toBe('on-sale');
  });
});

const numbersIn = (show: Show) => [...numbersOf(snapshot(show).kinds[0] ?? { made: 0 })];

describe('fewer tickets', () => {
  const fewer = () => change(onSale(), quantity(standingId, 2)).next;

  it('are taken off sale, others hear of it at once, and it ends when they are marked', () => {
    const taken = takeOffSale(fewer(), standingId, [4, 2]);
    expect(taken.announce).toEqual([ShowChanged]);
    expect(numbersIn(taken.next)).toEqual([1, 3]);
    expect(isUnfinished(taken.next)).toBe(true);
    expect(isUnfinished(marked(taken.next, standingId, [2, 4]).next)).toBe(false);
    expect(marked(taken.next, standingId, [1]).changed).toBe(false);
  });

  it('are never taken twice, nor more than are too many', () => {
    const taken = takeOffSale(fewer(), standingId, [4, 3, 2]).next;
    expect(numbersIn(taken)).toEqual([1, 2]);
    expect(takeOffSale(taken, standingId, [2]).changed).toBe(false);
    const one = takeOffSale(fewer(), standingId, [4]).next;
    expect(numbersIn(takeOffSale(one, standingId, [4, 3]).next)).toEqual([1, 2]);
    expect(takeOffSale(onSale(), standingId, [4]).changed).toBe(false);
  });

  it('are put back first when more are wanted again', () => {
    const taken = marked(takeOffSale(fewer(), standingId, [4, 3]).next, standingId, [3, 4]).next;
    const more = change(taken, quantity(standingId, 5)).next;
    expect(numbersIn(putBack(more, standingId, [3, 4, 1]).next)).toEqual([1, 2, 3, 4]);
    const one = putBack(change(taken, quantity(standingId, 3)).next, standingId, [1, 3, 4]).next;
    expect([numbersIn(one), isUnfinished(one)]).toEqual([[1, 2, 3], false]);
    expect(putBack(more, standingId, [1]).changed).toBe(false);
  });

  it('are there all the same if orders have sold them meanwhile', () => {
    const taken = takeOffSale(fewer(), standingId, [4, 3]).next;
    const sold = soldAfterAll(taken, standingId, [4]).next;
    expect(numbersIn(sold)).toEqual([1, 2, 4]);
    expect(soldAfterAll(sold, standingId, [4]).changed).toBe(false);
    const kept = keepHeld(marked(sold, standingId, [3]).next, standingId);
    expect(kept.next.kinds[0]).toMatchObject({ quantity: 3 });
    expect([kept.announce, isUnfinished(kept.next)]).toEqual([[ShowChanged], false]);
    expect(keepHeld(kept.next, standingId).changed).toBe(false);
  });

  it('are not taken off sale where that would leave a long list of numbers', () => {
    const [kind] = onSale().kinds;
    if (!kind) throw new Error('no kind');
    const removed = Array.from({ length: 10_000 }, (_, index) => ({ first: 2 * index + 10, last: 2 * index + 10 }));
    const scattered: Show = { ...onSale(), kinds: [{ ...kind, made: 30_000, quantity: 10, removed }] };
    const kept = takeOffSale(scattered, standingId, [8]).next.kinds[0];
    expect(kept).toMatchObject({ quantity: 20_000, removed });
    const still = { ...scattered, kinds: [{ ...kind, made: 30_000, quantity: 10, removed: removed.slice(1) }] };
    expect(takeOffSale(still, standingId, [8]).next.kinds[0]?.removed).toHaveLength(10_000);
  });

  it('are as many as wanted in the end, in whatever order it happens', () => {
    const wanted = fc.array(fc.record({ to: fc.integer({ min: 1, max: 12 }), steps: fc.integer({ min: 0, max: 6 }) }));
    fc.assert(
      fc.property(wanted, (edits) => {
        let show = onSale();
        for (const { to, steps } of edits) {
          show = change(show, quantity(standingId, to)).next;
          for (let step = 0; step < steps; step++) show = work(show);
        }
        for (let step = 0; isUnfinished(show); step++) {
          expect(step).toBeLessThan(50);
          show = work(show);
        }
        const [kind] = show.kinds;
        expect(numbersIn(show)).toHaveLength(kind?.quantity ?? 0);
      }),
    );
  });

  /** What the job would do next, two tickets at a time. */
  function work(show: Show): Show {
    const [kind] = show.kinds;
    if (!kind) return show;
    const marking = kind.marking.map(({ first }) => first).slice(0, 2);
    if (marking.length > 0) return marked(show, kind.id, marking).next;
    if (standing(kind) > kind.quantity) return takeOffSale(show, kind.id, numbersIn(show).slice(-2)).next;
    const removed = kind.removed.map(({ first }) => first).slice(0, 2);
    if (removed.length > 0) return putBack(show, kind.id, removed).next;
    return unitsMade(show, kind.id, Math.min(kind.made + 2, kind.made + kind.quantity - standing(kind))).next;
  }
});
