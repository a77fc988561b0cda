import type { Order } from '@box-office/common/contracts/orders';
import { refundsIn } from './refunds.ts';

const at = '2026-01-03T12:00:00.000Z';
const earlier = '2026-01-02T12:00:00.000Z';
const ids = ['a', 'b', 'c'].map((it) => it.repeat(24));
const order = (prices: readonly number[], more: Partial<Order> = {}): Order => ({
  ...{
    id: 'e'.repeat(24),
    version: 3,
    userId: 'buyer',
    status: 'complete',
    expiresAt: at,
    attempt: 1,
    currency: 'eur',
  },
  ticket: { id: ids[0] ?? '', title: 'Hamlet', price: total(prices), currency: 'eur' },
  ...{ tickets: prices.map((price, index) => ({ id: ids[index] ?? '', attempt: 1, price })), total: total(prices) },
  ...more,
});
const total = (prices: readonly number[]) => prices.reduce((sum, it) => sum + it, 0);
const refunds = (of: Order) => [...refundsIn(of, at).values()];
const shares = (of: Order) => refunds(of).map(({ partRefund }) => partRefund?.amount ?? 0);

describe('what buyers got back for each ticket', () => {
  it('is nothing, or everything', () => {
    expect(refunds(order([1500]))).toEqual([{ refundedAt: null, partRefund: null }]);
    const whole = order([1500, 0], { refundedAt: earlier, refunded: 1500 });
    expect(refunds(whole)).toEqual([
      { refundedAt: earlier, partRefund: null },
      { refundedAt: earlier, partRefund: null },
    ]);
  });

  it('is a share of an amount, by their prices, and the shares add up to it', () => {
    expect(shares(order([1000, 500], { refunded: 300 }))).toEqual([200, 100]);
    expect(shares(order([1000, 1000, 1000], { refunded: 100 }))).toEqual([33, 33, 34]);
    expect(shares(order([0, 1000], { refunded: 1 }))).toEqual([0, 1]);
    expect(shares(order([0], { refunded: 5 }))).toEqual([0]);
    expect(shares(order([10], { refunded: 500 }))).toEqual([10]);
  });

  it('is what a ticket cost if it was refunded, and an amount is shared among the others', () => {
    const of = order([1000, 500, 500], { refunded: 1200, partlyRefundedAt: earlier });
    const [first, ...others] = of.tickets ?? [];
    const tickets = first ? [{ ...first, refundedAt: at }, ...others] : [];
    expect(refunds({ ...of, tickets })).toEqual([
      { refundedAt: at, partRefund: null },
      { refundedAt: null, partRefund: { amount: 100, at: earlier } },
      { refundedAt: null, partRefund: { amount: 100, at: earlier } },
    ]);
    expect(shares({ ...of, tickets, refunded: 1000 })).toEqual([0, 0, 0]);
    // The next buyer has paid less for it.
    const resold = tickets.map((it, index) => (index === 0 ? { ...it, ended: 'resold' as const, owed: 400 } : it));
    expect(shares({ ...of, tickets: resold, refunded: 600 })).toEqual([0, 100, 100]);
  });
});
