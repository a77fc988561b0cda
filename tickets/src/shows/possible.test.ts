import { mostUnits } from '@box-office/common/contracts/shows';
import { refused } from '@box-office/common/testing/refused';
import { mustBePossible } from './possible.ts';

const now = new Date('2026-01-01T12:00:00.000Z');
const [start, before, later] = ['2026-06-01T19:00:00.000Z', '2026-06-01T18:00:00.000Z', '2026-06-01T20:00:00.000Z'];
const kind = {
  ...{ name: 'Standing', price: 2500, quantity: 2, made: 0 },
  salesFrom: null,
  salesUntil: null,
  seats: null,
};
const plan = { startsAt: start, endsAt: null, currency: 'eur' as const, kinds: [kind] };
type Plan = Parameters<typeof mustBePossible>[0];
const kinds = (...some: object[]): Plan => ({ ...plan, kinds: some.map((it) => ({ ...kind, ...it })) });
const check = (show: Plan, was?: Plan) => () =>
  mustBePossible(show, now, was && { show: was, positions: show.kinds.map((_, index) => index) });
const fault = (field: string, message: string) =>
  expect.objectContaining({ code: 'invalid-request', errors: [{ field, message }] });

/** A label of so many bytes: in JSON it has two more, and so has the list. */
const label = (bytes: number) => ['x'.repeat(bytes)];

describe('a show', () => {
  it.each<[string, Plan]>([
    ['without anything optional', plan],
    ['that ends after its start', { ...plan, endsAt: later }],
    ['that begins in a millisecond', { ...plan, startsAt: new Date(now.getTime() + 1).toISOString() }],
    ['whose sale ends with its start', kinds({ salesFrom: before, salesUntil: start })],
    ['whose sale has only a begin', kinds({ salesFrom: before })],
    ['with free tickets', kinds({ price: 0 })],
    ['with as many tickets as possible', kinds({ quantity: mostUnits - 1 }, { quantity: 1 })],
    ['with as many that were ever made as possible', kinds({ made: mostUnits }, { made: mostUnits })],
    ['with a label for each seat', kinds({ seats: ['A1', 'A2'] })],
    ['with as many labels as fit', kinds({ quantity: 1, seats: label(399_992) }, {}, {})],
  ])('%s is possible', (_, show) => {
    expect(check(show)).not.toThrow();
  });

  it.each<[string, Plan, string, string]>([
    ['that begins now', { ...plan, startsAt: now.toISOString() }, 'startsAt', 'must be in the future'],
    ['that ends with its start', { ...plan, endsAt: start }, 'endsAt', 'must be after startsAt'],
    ['whose sale begins with it', kinds({}, { salesFrom: start }), 'kinds.1.salesFrom', 'must be before startsAt'],
    ['whose sale ends after it', kinds({ salesUntil: later }), 'kinds.0.salesUntil', 'must not be after startsAt'],
    [
      'whose sale ends when it begins',
      kinds({ salesFrom: before, salesUntil: before }),
      ...(['kinds.0.salesUntil', 'must be after salesFrom'] as const),
    ],
    ['with a price below the least', kinds({ price: 49 }), 'kinds.0.price', 'must be at least €0.50, or 0 for free'],
    [
      'with too many tickets',
      kinds({ quantity: mostUnits }, { quantity: 1 }),
      ...(['kinds', 'must hold at most 50000 tickets altogether, not 50001'] as const),
    ],
    [
      'for which too many were made',
      kinds({ made: mostUnits }, { made: mostUnits + 1 }),
      ...(['kinds', 'must not lead to more than 100000 tickets, with those taken off sale'] as const),
    ],
    [
      'for which too many would be made',
      kinds({ made: 2 * mostUnits }, { quantity: 1 }),
      ...(['kinds', 'must not lead to more than 100000 tickets, with those taken off sale'] as const),
    ],
    [
      'with too many labels',
      kinds({ quantity: 1, seats: label(399_993) }, {}, {}),
      ...(['kinds', 'must have labels of at most 400000 bytes altogether'] as const),
    ],
    [
      'with labels that are longer in UTF-8',
      kinds({ quantity: 1, seats: ['ä'.repeat(200_000)] }),
      ...(['kinds', 'must have labels of at most 400000 bytes altogether'] as const),
    ],
    ['with too few labels', kinds({ seats: ['A1'] }), 'kinds.0.seats', 'must be as many as quantity: 2, not 1'],
    [
      'with a label twice',
      kinds({ seats: ['A1', 'A1'] }),
      ...(['kinds.0.seats', 'must differ from each other: A1 is there twice'] as const),
    ],
  ])('%s is not', (_, show, field, message) => {
    expect(check(show)).toThrow(fault(field, message));
  });

  it('says everything that is wrong with it', () => {
    const show = { ...kinds({ price: 1, salesFrom: later }), endsAt: start, startsAt: now.toISOString() };
    const fields = ['startsAt', 'kinds.0.price', 'kinds.0.salesFrom'];
    expect(check(show)).toThrow(
      expect.objectContaining({ errors: fields.map((field) => expect.objectContaining({ field })) }),
    );
  });
});

describe('a show that is edited', () => {
  it('is not measured again where nothing has changed', () => {
    const old = { ...kinds({ price: 49 }), startsAt: now.toISOString() };
    expect(check(old, old)).not.toThrow();
    expect(check(old, kinds({ price: 50 }))).toThrow(refused('invalid-request'));
  });

  it('may have fewer tickets than labels, and not more', () => {
    const seats = ['A1', 'A2'];
    for (const quantity of [1, 2]) expect(check(kinds({ quantity, seats }), kinds({ seats }))).not.toThrow();
    expect(check(kinds({ quantity: 3, seats }), kinds({ seats }))).toThrow(
      fault('kinds.0.quantity', 'must be at most 2, because further seats need labels'),
    );
  });

  it('says with which of its kinds a new start is at odds', () => {
    const was = { ...kinds({ salesUntil: start }), startsAt: later };
    const moved = { ...was, startsAt: before };
    expect(() => mustBePossible(moved, now, { show: was, positions: [undefined] })).toThrow(
      fault('startsAt', 'Standing: salesUntil must not be after startsAt'),
    );
  });
});
