import { readGuest } from './guest-form.ts';

describe('the form of somebody who buys without an account', () => {
  it('is parsed into the body of a request', () => {
    expect(readGuest({ email: ' Ada@Example.com ', name: ' Ada Lovelace ' })).toEqual({
      guest: { email: 'ada@example.com', name: 'Ada Lovelace' },
    });
  });

  it.each([
    [
      { email: '', name: ' ' },
      { email: 'Enter your e-mail address.', name: 'Enter your name.' },
    ],
    [{ email: 'ada', name: 'Ada' }, { email: 'Must be an e-mail address.' }],
    [{ email: 'ada@example.com', name: 'x'.repeat(101) }, { name: 'Must be at most 100 characters.' }],
  ])('reports all faults of %j beside their fields', (typed, fields) => {
    expect(readGuest(typed)).toEqual({ faults: { fields } });
  });
});
