import { isFinal, reasonInWords, statusInWords } from './order-words.ts';

describe('an order in words', () => {
  it.each([
    ['created', false],
    ['awaiting:payment', false],
    ['complete', true],
    ['cancelled', true],
  ] as const)('%s may be final: %s', (status, final) => {
    expect(isFinal({ status })).toBe(final);
    expect(statusInWords({ status })).toMatch(/\w/);
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
    expect(statusInWords({ status: 'complete', refundedAt })).toBe('Refunded');
    expect(statusInWords({ status: 'cancelled', refundedAt })).toBe('Cancelled');
    expect(statusInWords({ status: 'complete', refunded: 400 })).toBe('Refunded in part');
    expect(statusInWords({ status: 'complete', refunded: 400, refundFailedAt: refundedAt })).toBe('Refund failed');
    expect(statusInWords({ status: 'complete', refunded: 1500, refundedAt })).toBe('Refunded');
    expect(reasonInWords({ reason: 'expired', refundedAt })).toMatch(/ran out.*refunded/);
    expect(reasonInWords({ reason: 'expired' })).toMatch(/ran out.*Nothing was charged/);
  });

  it('says that nothing was charged even if the reason is unknown', () => {
    expect(reasonInWords({})).toMatch(/Nothing was charged/);
  });
});
