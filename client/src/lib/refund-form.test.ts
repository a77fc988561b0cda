import { orderOf, ticketOf } from './order-under-test.ts';
import { readAmount, refundableTickets, refundFault } from './refund-form.ts';

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

it('tickets that are still the buyer’s and have cost something can be refunded one by one', () => {
  const at = '2027-01-03T12:00:00.000Z';
  const tickets = [
    ticketOf({ id: '1'.repeat(24), seat: 'A1' }),
    ticketOf({ id: '2'.repeat(24) }),
    ticketOf({ id: '3'.repeat(24), refundedAt: at }),
    ticketOf({ id: '4'.repeat(24), ended: 'resold' }),
    ticketOf({ id: '5'.repeat(24), price: 0, kind: 'Children' }),
  ];
  expect(refundableTickets(orderOf(tickets))).toEqual([
    { id: '1'.repeat(24), price: 1500, label: 'Stalls, A1' },
    { id: '2'.repeat(24), price: 1500, label: 'Stalls, no. 2' },
  ]);
});
