import { both } from './hint.ts';
import { order } from './payment-under-test.ts';

const newer = { ...order, version: 2 };

describe('what two callers know of a payment', () => {
  it('is the newer order, whoever knows it', () => {
    expect(both({ order }, { order: newer }).order).toBe(newer);
    expect(both({ order: newer }, { order }).order).toBe(newer);
    expect(both({}, { order }).order).toBe(order);
    expect(both({ order }, {}).order).toBe(order);
    expect(both({}, {})).toEqual({ onlyOpen: false });
  });

  it('is that only an open one may have changed, if both say so', () => {
    const said = [true, false].flatMap((one) =>
      [true, false].map((other) => both({ onlyOpen: one }, { onlyOpen: other })),
    );
    expect(said.map(({ onlyOpen }) => onlyOpen)).toEqual([true, false, false, false]);
  });
});
