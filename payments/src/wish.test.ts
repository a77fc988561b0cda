import type { Order } from '@box-office/common/contracts/orders';
import { refused } from '@box-office/common/testing/refused';
import { observe } from './payment.ts';
import { at, captured, listed, now, order } from './payment-under-test.ts';
import { wishOf } from './wish.ts';

const [one, two] = ['1'.repeat(24), '2'.repeat(24)];
const several: Order = {
  ...{ ...order, status: 'complete', total: 1500 },
  tickets: [
    { id: one, attempt: 1, price: 1000 },
    { id: two, attempt: 1, price: 500 },
  ],
};
const seen = (refunded: number, made: string[]) => ({ ...at('succeeded', refunded), parts: listed(made) });

describe('the wish of a seller', () => {
  it('is a refund of everything if it names nothing', () => {
    const wish = wishOf(several, undefined, 'r1', now);
    expect([wish.isWanted(captured), wish.isMade(captured)]).toEqual([false, false]);
    const wanted = wish.want(captured).next;
    expect(wanted).toMatchObject({ refundWanted: true, partRefunds: [] });
    expect([wish.isWanted(wanted), wish.isMade(wanted)]).toEqual([true, false]);
    expect(wish.isMade(observe(wanted, at('succeeded', true), now).next)).toBe(true);
    expect(wish.kept).toBe(
      'Stripe cannot be reached. The refund is recorded and will be made; it is safe to request it again.',
    );
  });

  it('is an amount, known by the id of its request', () => {
    const wish = wishOf(several, { amount: 300 }, 'r1', now);
    const other = wishOf(several, { amount: 300 }, 'r2', now).want(captured).next;
    expect([wish.isWanted(other), wish.isMade(other)]).toEqual([false, false]);
    const wanted = wish.want(other).next;
    expect(wanted.partRefunds).toMatchObject([
      { id: 'r2', amount: 300 },
      { id: 'r1', amount: 300 },
    ]);
    expect(wanted).toMatchObject({ refundWanted: false, since: now.toISOString() });
    // The other one is made, and this one is not.
    const half = observe(wanted, seen(300, ['r2']), now).next;
    expect([wish.isWanted(half), wish.isMade(half)]).toEqual([true, false]);
    expect(wish.isMade(observe(half, seen(600, ['r1', 'r2']), now).next)).toBe(true);
    expect(wish.kept).toBe(
      'Stripe cannot be reached. The refund is recorded and will be made; ' +
        'request it again only with the same Idempotency-Key.',
    );
  });

  it('is some tickets of the order, and a refund of those', () => {
    const wish = wishOf(several, { tickets: [two] }, 'r1', now);
    expect([wish.isWanted(captured), wish.isMade(captured)]).toEqual([false, false]);
    const wanted = wish.want(captured).next;
    expect(wanted.partRefunds).toMatchObject([{ id: `ticket:${two}`, amount: 500 }]);
    expect([wish.isWanted(wanted), wish.isMade(wanted)]).toEqual([true, false]);
    expect(wish.isMade(observe(wanted, seen(500, [`ticket:${two}`]), now).next)).toBe(true);
    expect(wish.kept).toContain('it is safe to request it again.');
    expect(() => wishOf(several, { tickets: [order.ticket.id] }, 'r1', now)).toThrow(refused('not-found'));
  });
});
