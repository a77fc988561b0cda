import type { Order } from '@box-office/common/contracts/orders';
import { kindsInWords, linesOf } from './order-lines.ts';
import { isFinal, isSingle, reasonInWords, stateForBuyer } from './order-words.ts';

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
    expect(linesOf({ ...order, showId: id, tickets, total: 2500 })).toMatchObject([
      { name: 'Stalls', count: 2, price: 1250, seats: ['A1'], state: 'confirmed' },
      { name: 'Balcony', count: 1, price: 0, seats: [], state: 'confirmed' },
    ]);
  });

  it('are added up by kind in a list, whatever became of them', () => {
    const ended = { ...stalls, id, ended: 'resold' as const };
    expect(kindsInWords({ ...order, showId: id, tickets: [ended, ...tickets] })).toBe('3 × Stalls, 1 × Balcony');
    expect(kindsInWords(order)).toBe('1 × Opera');
  });

  it('are the one ticket of an order made before orders could have several', () => {
    expect(linesOf(order)).toMatchObject([{ name: 'Opera', count: 1, price: 1250, seats: [], state: 'confirmed' }]);
  });
});

describe('an order in words', () => {
  it('is of one ticket or several', () => {
    expect(isSingle(order)).toBe(true);
    expect(isSingle({ ...order, showId: id, tickets })).toBe(false);
  });

  it.each([
    ['created', false],
    ['awaiting:payment', false],
    ['complete', true],
    ['cancelled', true],
  ] as const)('%s may be final: %s', (status, final) => {
    expect(isFinal({ status })).toBe(final);
  });

  it.each([
    ['buyer', /You cancelled/],
    ['expired', /time to pay ran out/],
    ['payment-failed', /payment was refused/],
    ['withdrawn', /seller withdrew/],
  ] as const)('says why it was cancelled: %s', (reason, words) => {
    expect(reasonInWords({ reason })).toMatch(words);
  });

  it('says until when it can be paid', () => {
    expect(stateForBuyer({ ...order, status: 'created' })).toBe('Reserved for you until 12:15, UTC');
    const there = { ...order.ticket, timeZone: 'Europe/Berlin' };
    expect(stateForBuyer({ ...order, status: 'created', ticket: there })).toBe(
      'Reserved for you until 13:15, Berlin time (GMT+1)',
    );
    expect(stateForBuyer(order)).toBe('Confirmed');
  });

  it('says that a show was cancelled', () => {
    expect(reasonInWords({ reason: 'withdrawn', showId: id })).toMatch(/organiser cancelled the show/);
  });

  it('says that a payment that came too late was refunded', () => {
    expect(reasonInWords({ reason: 'expired', refundedAt: '2026-01-03T12:00:00.000Z' })).toMatch(/ran out.*refunded/);
    expect(reasonInWords({ reason: 'expired' })).toMatch(/ran out.*Nothing was charged/);
  });

  it('says that nothing was charged even if the reason is unknown', () => {
    expect(reasonInWords({})).toMatch(/Nothing was charged/);
  });
});
