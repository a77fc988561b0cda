import { readAmount, refundFault } from './refund-form.ts';

describe('the amount of a refund', () => {
  it.each([
    ['5', { amount: 500 }],
    ['5,50', { amount: 550 }],
    ['12.50', { amount: 1250 }],
    ['12.51', { fault: 'At most €12.50 can be refunded.' }],
    ['0', { fault: 'Enter an amount such as €12.50.' }],
    ['', { fault: 'Enter an amount such as €12.50.' }],
    ['-3', { fault: 'Enter an amount such as €12.50.' }],
    ['1.005', { fault: 'Enter an amount such as €12.50.' }],
  ])('typed as "%s" is %j', (typed, read) => {
    expect(readAmount(typed, 'eur', 1250)).toEqual(read);
  });

  it('has the decimals of its currency', () => {
    expect(readAmount('500', 'jpy', 1250)).toEqual({ amount: 500 });
    expect(readAmount('5.5', 'jpy', 1250)).toEqual({ fault: 'Enter an amount such as ¥1,250.' });
  });
});

describe('a refused refund', () => {
  it.each([
    ['refund-too-large', /no longer left/],
    ['refund-refused', /Stripe refuses/],
    ['stripe-unavailable', /^As the platform says$/],
  ])('is explained: %s', (code, words) => {
    expect(refundFault({ status: 409, code, detail: 'As the platform says', errors: [] })).toMatch(words);
  });
});
