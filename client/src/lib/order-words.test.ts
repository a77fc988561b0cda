import type { Order } from '@box-office/common/contracts/orders';
import { linesOf } from './order-lines.ts';
import { isFinal, reasonInWords, statusInWords } from './order-words.ts';

const ids = ['a', 'b', 'c', 'd'].map((digit) => digit.repeat(24));
const [id = '', ticketId = ''] = ids;
const order: Order = {
  id,
  version: 0,
  userId: 'buyer',
  status: 'complete',
  expiresAt: '2027-01-01T12:15:00.000Z',
  ticket: { id: ticketId, title: 'Opera', price: 1250, currency: 'eur' },
  attempt: 1,
};
const stalls = { attempt: 1, price: 1250, kindId: 'stalls', kind: 'Stalls' };
const tickets = [
  { ...stalls, id: ticketId },
  { ...stalls, id, seat: 'A1' },
  { ...stalls, id, kindId: 'balcony', kind: 'Balcony', price: 0 },
];

describe('the tickets of an order', () => {
  it('are shown together with those of their kind', () => {
    expect(linesOf({ ...order, showId: id, tickets, total: 2500 })).toEqual([
      { name: 'Stalls', count: 2, price: 1250, seats: ['A1'] },
      { name: 'Balcony', count: 1, price: 0, seats: [] },
    ]);
  });

  it('are the one ticket of an order made before orders could have several', () => {
    expect(linesOf(order)).toEqual([{ name: 'Opera', count: 1, price: 1250, seats: [] }]);
  });
});

describe('an order in words', () => {
  it.each([
    ['created', false],
    ['awaiting:payment', false],
    ['complete', true],
    ['cancelled', true],
  ] as const)('%s may be final: %s', (status, final) => {
    expect(isFinal({ status })).toBe(final);
    expect(statusInWords({ ...order, status })).toMatch(/\w/);
  });

  it.each([
    ['buyer', /You cancelled/],
    ['expired', /time to pay ran out/],
    ['payment-failed', /payment was refused/],
    ['withdrawn', /seller withdrew/],
  ] as const)('says why it was cancelled: %s', (reason, words) => {
    expect(reasonInWords({ reason })).toMatch(words);
  });

  it('says that a paid order was refunded', () => {
    const refundedAt = '2026-01-03T12:00:00.000Z';
    expect(statusInWords({ ...order, refundedAt })).toBe('Refunded');
    expect(statusInWords({ ...order, status: 'cancelled', refundedAt })).toBe('Cancelled');
    expect(statusInWords({ ...order, refunded: 400 })).toBe('Refunded in part');
    expect(statusInWords({ ...order, refunded: 400, refundFailedAt: refundedAt })).toBe('Refund failed');
    expect(statusInWords({ ...order, refunded: 1500, refundedAt })).toBe('Refunded');
    const disputed = (status: 'open' | 'won' | 'lost') => ({ ...order, dispute: { status, amount: 1500 } });
    expect(statusInWords(disputed('open'))).toBe('Disputed');
    expect(statusInWords(disputed('lost'))).toBe('Charged back');
    expect(statusInWords(disputed('won'))).toBe(statusInWords(order));
    expect(reasonInWords({ reason: 'expired', refundedAt })).toMatch(/ran out.*refunded/);
    expect(reasonInWords({ reason: 'expired' })).toMatch(/ran out.*Nothing was charged/);
  });

  it('says whether one or several tickets are the buyer’s, and whether they were paid', () => {
    expect(statusInWords(order)).toBe('Paid: the ticket is yours');
    expect(statusInWords({ ...order, tickets, total: 2500 })).toBe('Paid: the tickets are yours');
    expect(statusInWords({ ...order, tickets, total: 0 })).toBe('Done: the tickets are yours');
  });

  it('says that nothing was charged even if the reason is unknown', () => {
    expect(reasonInWords({})).toMatch(/Nothing was charged/);
  });
});
