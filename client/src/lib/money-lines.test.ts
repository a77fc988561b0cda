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
    [
      'waits for balance',
      { awaitsBalanceSince: at },
      /You have paid €15.00\. The ticket/,
      /waiting for balance since Sun, 3 Jan/,
    ],
    ['is disputed', disputed('open'), /decides who gets it\.$/, /answer in Stripe’s dashboard/],
    ['was charged back', disputed('lost'), /you get €15.00 back\.$/, /they keep €15.00/],
    ['was disputed in vain', disputed('won'), /the seller keeps €15.00\. The ticket is yours/, /you keep €15.00/],
    ['is asked about', disputed('inquiry'), /has asked.* yours/, /asks about this payment/],
  ])('when an order %s', (_, more, forBuyer, forSeller) => {
    expect(moneyForBuyer(order(more)).join(' ')).toMatch(forBuyer);
    expect(moneyForSeller(order(more)).join(' ')).toMatch(forSeller);
  });

  it('came back in several parts if an amount was refunded before the rest', () => {
    const whole = order({ refunded: 1500, refundedAt: at, partlyRefundedAt: '2027-01-02T12:00:00.000Z' });
    expect(moneyForBuyer(whole)[0]).toMatch(/^You got €15.00 back in several parts, the last on Sun, 3 Jan 2027/);
    expect(moneyForSeller(whole)[0]).toMatch(/got it back in several parts, the last on Sun, 3 Jan 2027/);
  });

  it('tells more than one thing if more happened', () => {
    const lines = moneyForBuyer(order({ refunded: 400, refundFailedAt: at }));
    expect(lines.join(' ')).toMatch(/got €4.00 of it back.*did not get that money/);
  });

  it('is nothing for what is free', () => {
    const free = orderOf([ticketOf({ price: 0 }), ticketOf({ price: 0 })]);
    expect(moneyForBuyer(free).join(' ')).toMatch(/free.*The tickets are yours/);
    expect(moneyForSeller(free).join(' ')).toMatch(/nothing to refund/);
    const ended = orderOf([ticketOf({ price: 0, ended: 'show-cancelled' })]);
    expect(moneyForBuyer(ended)).toEqual([
      'The organiser has cancelled the show.',
      'It was free, so there is no money to return.',
    ]);
  });
});

describe('what became of single tickets', () => {
  const [first, second, third] = ['e', 'f', '0'].map((digit) => ticketOf({ id: digit.repeat(24) }));
  const of = (...tickets: object[]) =>
    [first, second, third].map((it, index) => ({ ...ticketOf(), ...it, ...tickets[index] }));

  it('of a cancelled show is that their money is on its way, until it has come', () => {
    const ended = { ended: 'show-cancelled' as const };
    const order = orderOf(of(ended, ended, ended));
    expect(moneyForBuyer(order)).toEqual([
      'The organiser has cancelled the show.',
      'You have paid €45.00.',
      '€45.00 is on its way back to you.',
    ]);
    expect(moneyForSeller(order)).toEqual([
      'You have cancelled the show.',
      'The buyer has paid €45.00.',
      '€45.00 is on its way back to the buyer.',
    ]);
    const later = moneyForBuyer({ ...order, refunded: 4500, refundedAt: at });
    expect(later).toEqual(['The organiser has cancelled the show.', expect.stringMatching(/^You got €45.00 back on/)]);
  });

  it('is what the new buyer has paid for one, if that is less', () => {
    const order = orderOf(of({ ended: 'resold', owed: 900 }, { ended: 'resold', owed: 0 }));
    expect(moneyForBuyer(order)).toContain('€9.00 is on its way back to you.');
    expect(moneyForBuyer(orderOf([ticketOf({ ended: 'resold', owed: 0 })])).join(' ')).not.toContain('on its way');
  });

  it('is told of each that was resold or refunded, and how many are left', () => {
    const order = orderOf(of({ ended: 'resold', refundedAt: at }, { refundedAt: at }), { refunded: 3000 });
    expect(moneyForBuyer(order)).toEqual([
      '1 of your tickets is resold.',
      'You have paid €45.00 and got €30.00 of it back.',
      '1 of the tickets is yours. Enjoy the evening!',
    ]);
    expect(moneyForSeller(order)[0]).toBe('1 of the tickets is resold by the buyer.');
    const all = orderOf(of({ ended: 'resold' }, { ended: 'resold' }, { ended: 'resold' }));
    expect(moneyForBuyer(all)[0]).toBe('Your tickets are resold.');
    expect(moneyForBuyer(orderOf([ticketOf({ ended: 'resold' })]))[0]).toBe('Your ticket is resold.');
  });

  it('is told with the time of the last part if the price came back in parts', () => {
    const all = { refunded: 4500, refundedAt: '2027-01-05T12:00:00.000Z' };
    const when = (...tickets: object[]) => [
      moneyForBuyer(orderOf(of(...tickets), all)).find((line) => line.startsWith('You got')),
      moneyForSeller(orderOf(of(...tickets), all)).find((line) => line.startsWith('The buyer')),
    ];
    expect(when({ ended: 'resold', refundedAt: at })).toEqual([
      expect.stringMatching(/^You got €45.00 back in several parts, the last on Tue, 5 Jan 2027, 13:00, Berlin time/),
      expect.stringMatching(/got it back in several parts, the last on Tue, 5 Jan 2027, 13:00, Berlin time/),
    ]);
    const [cancelled, moment] = [{ ended: 'show-cancelled' as const }, { refundedAt: '2027-01-05T11:59:58.000Z' }];
    expect(when({ ended: 'resold', ...moment }, cancelled, cancelled)[0]).toMatch(/in several parts/);
    const momentsBefore = when({ ...cancelled, ...moment }, cancelled, cancelled);
    expect(momentsBefore[0]).toMatch(/^You got €45.00 back on Tue, 5 Jan/);
    expect(momentsBefore[1]).toMatch(/got it back on Tue, 5 Jan/);
  });

  it('is that others can buy what is on offer', () => {
    const offeredAt = at;
    expect(moneyForBuyer(orderOf([ticketOf({ offeredAt })])).at(-1)).toBe(
      'The ticket is yours. Others can buy what you offer.',
    );
    expect(moneyForBuyer(orderOf(of({ offeredAt }))).at(-1)).toBe('The tickets are yours. Enjoy the evening!');
  });

  it('is that a refund failed, if it did', () => {
    const order = orderOf(of({ ended: 'resold', refundFailedAt: at }));
    expect(moneyForBuyer(order).join(' ')).toMatch(/did not get that money/);
    expect(moneyForBuyer(order).join(' ')).not.toMatch(/on its way/);
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
