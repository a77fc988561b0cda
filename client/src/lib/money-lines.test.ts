import { leftToRefund, moneyForBuyer, moneyForSeller } from './money-lines.ts';
import { order, orderOf, ticketOf } from './order-under-test.ts';

const at = '2027-01-03T12:00:00.000Z';
const disputed = (status: 'inquiry' | 'open' | 'won' | 'lost') => ({ dispute: { status, amount: 1500 } });

describe('what became of the money', () => {
  it.each([
    ['is paid', {}, /You have paid €15.00\. The ticket is yours/, /The buyer has paid €15.00\.$/],
    ['is refunded in part', { refunded: 400 }, /paid €15.00 and got €4.00 of it back\. The ticket is yours/, /€4.00/],
    [
      'is refunded',
      { refunded: 1500, refundedAt: at },
      /You got €15.00 back on Sun, 3 Jan 2027, 13:00, Berlin time/,
      /got it back on Sun, 3 Jan 2027, 13:00, Berlin time/,
    ],
    ['came back from the bank', { refundFailedAt: at }, /did not get that money.* yours/, /refund them again/],
    ['is disputed', disputed('open'), /decides who gets it\.$/, /answer in Stripe’s dashboard/],
    ['was charged back', disputed('lost'), /you get €15.00 back\.$/, /they keep €15.00/],
    ['was disputed in vain', disputed('won'), /the seller keeps €15.00\. The ticket is yours/, /you keep €15.00/],
    ['is asked about', disputed('inquiry'), /has asked.* yours/, /asks about this payment/],
  ])('when an order %s', (_, more, forBuyer, forSeller) => {
    expect(moneyForBuyer(order(more)).join(' ')).toMatch(forBuyer);
    expect(moneyForSeller(order(more)).join(' ')).toMatch(forSeller);
  });

  it('tells more than one thing if more happened', () => {
    const lines = moneyForBuyer(order({ refunded: 400, refundFailedAt: at }));
    expect(lines.join(' ')).toMatch(/got €4.00 of it back.*did not get that money/);
  });

  it('is nothing for what is free', () => {
    const free = orderOf([ticketOf({ price: 0 }), ticketOf({ price: 0 })]);
    expect(moneyForBuyer(free).join(' ')).toMatch(/free.*The tickets are yours/);
    expect(moneyForSeller(free).join(' ')).toMatch(/nothing to refund/);
  });
});

describe('what can still be refunded', () => {
  it.each([
    [1500, {}],
    [1100, { refunded: 400 }],
    [0, { refunded: 1500, refundedAt: at }],
    [0, { status: 'cancelled' as const }],
    [0, disputed('open')],
    [0, disputed('lost')],
    [1500, disputed('won')],
  ])('is %d after %j', (left, more) => {
    expect(leftToRefund(order(more))).toBe(left);
  });
});
