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
    ['payment-failed', /bank refused/],
    ['withdrawn', /seller withdrew/],
  ] as const)('says why it was cancelled: %s', (reason, words) => {
    expect(reasonInWords({ reason })).toMatch(words);
  });

  it('says that nothing was charged even when it does not know why', () => {
    expect(reasonInWords({})).toMatch(/Nothing was charged/);
  });
});
