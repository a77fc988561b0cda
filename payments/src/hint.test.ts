import { both } from './hint.ts';
import { order } from './payment-under-test.ts';

const newer = { ...order, version: 2 };

describe('what two callers know of a payment', () => {
  it('is the newer order, if both know one', () => {
    expect(both({ order }, { order: newer }).order).toBe(newer);
    expect(both({ order: newer }, { order }).order).toBe(newer);
    // The other may be a webhook, such as that a refund of this order was taken back.
    expect(both({}, { order })).toStrictEqual({ onlyOpen: false });
    expect(both({ order }, {})).toStrictEqual({ onlyOpen: false });
    expect(both({}, {})).toStrictEqual({ onlyOpen: false });
  });

  it('is that only an open one may have changed, if both say so', () => {
    const said = [true, false].flatMap((one) =>
      [true, false].map((other) => both({ onlyOpen: one }, { onlyOpen: other })),
    );
    expect(said.map(({ onlyOpen }) => onlyOpen)).toEqual([true, false, false, false]);
  });
});
