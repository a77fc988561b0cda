import type { Order, OrderedTicket } from '@box-office/common/contracts/orders';
import type { WaitingEntry } from '@box-office/common/contracts/waiting';
import {
  type Fact,
  factsOf,
  linkFact,
  moved,
  noticeFact,
  offered,
  overtakenBy,
  waitedInVain,
  without,
} from './fact.ts';
import { messageIdOf } from './message-id.ts';
import { giveUpAfterMs, pauseAfter } from './pauses.ts';

const at = '2027-01-01T19:00:00.000Z';
const later = '2027-01-02T19:00:00.000Z';
const order: Order = {
  id: 'a'.repeat(24),
  version: 3,
  userId: 'buyer',
  sellerId: 'seller',
  status: 'complete',
  expiresAt: at,
  ticket: { id: '1'.repeat(24), title: 'Opera', price: 3000, currency: 'eur' },
  attempt: 1,
};
const ticket = (digit: string, more: Partial<OrderedTicket> = {}): OrderedTicket => ({
  ...{ id: digit.repeat(24), attempt: 1, price: 1500 },
  ...more,
});
const keysOf = (facts: readonly Fact[]) => facts.map(({ keys }) => keys.map((key) => key.slice(25)).join(' + '));
const say = (more: Partial<Order>) => keysOf(factsOf({ ...order, ...more }));
function lastOf(more: Partial<Order>): Fact {
  const fact = factsOf({ ...order, ...more }).at(-1);
  if (!fact) throw new Error('there is no fact');
  return fact;
}

describe('what an order says', () => {
  it.each([
    ['created', ['made']],
    ['awaiting:payment', []],
    ['complete', ['paid']],
    ['cancelled', ['cancelled']],
  ] as const)('by its status %s', (status, facts) => {
    expect(say({ status })).toEqual(facts);
  });

  it.each<[Fact['letter']['kind'], Partial<Order>]>([
    ['made', { status: 'created' }],
    ['paid', {}],
    ['cancelled', { status: 'cancelled' }],
    ['refunded', { refundedAt: at }],
    ['partly-refunded', { partlyRefundedAt: at }],
    ['refund-failed', { refundFailedAt: at }],
    ['disputed', { dispute: { status: 'won', amount: 3000 }, sellerId: undefined }],
    ['show-cancelled', { tickets: [ticket('1', { ended: 'show-cancelled' })] }],
    ['resold', { tickets: [ticket('1', { ended: 'resold' })] }],
  ])('to its buyer, by a letter of that kind: %s', (kind, more) => {
    expect(lastOf(more)).toMatchObject({ personId: 'buyer', letter: { kind, order: { ...order, ...more } } });
  });

  it('of money: each refund by the time it was made, and what a bank took back as that alone', () => {
    expect(say({ refundedAt: at, refunded: 3000 })).toEqual(['paid', `refunded:${at}`]);
    expect(say({ partlyRefundedAt: at, refunded: 1500 })).toEqual(['paid', `partly-refunded:${at}`]);
    expect(say({ partlyRefundedAt: at, refundFailedAt: at })).toEqual(['paid', `refund-failed:${at}`]);
    expect(say({ partlyRefundedAt: later, refundFailedAt: at, refunded: 1500 })).toEqual([
      'paid',
      `refund-failed:${at}`,
      `partly-refunded:${later}`,
    ]);
  });

  it('of a dispute, to both sides', () => {
    const facts = factsOf({ ...order, dispute: { status: 'open', amount: 3000 } });
    expect(facts.map(({ personId, letter }) => [personId, letter.kind])).toEqual([
      ['buyer', 'paid'],
      ['buyer', 'disputed'],
      ['seller', 'sale-disputed'],
    ]);
    expect(keysOf(facts)).toEqual(['paid', 'disputed:open', 'sale-disputed:open']);
  });

  it('of a dispute to the buyer alone, if nobody is known to have sold it', () => {
    expect(say({ dispute: { status: 'lost', amount: 3000 }, sellerId: undefined })).toEqual(['paid', 'disputed:lost']);
  });

  it('of tickets that ended together: one mail for each reason', () => {
    const tickets = [ticket('1', { ended: 'resold' }), ticket('2', { ended: 'resold' }), ticket('3')];
    expect(say({ tickets })).toEqual(['paid', `resold:${'1'.repeat(24)} + resold:${'2'.repeat(24)}`]);
  });

  it.each(['resold', 'show-cancelled'] as const)('of tickets only what no earlier mail has said (%s)', (ended) => {
    const fact = lastOf({ tickets: [ticket('1', { ended }), ticket('2', { ended })] });
    const [first = '', second = ''] = fact.keys;
    expect(without(fact, new Set([first]))).toMatchObject({ keys: [second], letter: { ticketIds: ['2'.repeat(24)] } });
    expect(without(fact, new Set(fact.keys))).toBeUndefined();
  });

  it('the same as before, if no mail has said it', () => {
    for (const fact of [lastOf({}), lastOf({ tickets: [ticket('1', { ended: 'resold' })] })])
      expect(without(fact, new Set(['another:paid']))).toEqual(fact);
  });
});

it('asks nobody to pay for what is paid, over, or offered by another mail', () => {
  const [made] = factsOf({ ...order, status: 'created' });
  if (!made) throw new Error('there is no fact');
  expect(made.until).toBe(order.expiresAt);
  expect(overtakenBy(made)).toEqual(['offered', 'paid', 'cancelled'].map((key) => `${order.id}:${key}`));
  expect(overtakenBy(offered(order))).toEqual(['paid', 'cancelled'].map((key) => `${order.id}:${key}`));
  expect(factsOf(order).flatMap(overtakenBy)).toEqual([]);
});

const link = {
  ...{ id: 'b'.repeat(24), version: 0, email: 'a@example.com', token: 't', expiresAt: at },
  ...({ language: 'de', purpose: 'reset' } as const),
};
const notice = {
  ...{ id: 'c'.repeat(24), version: 1, email: 'a@example.com', at },
  ...({ language: 'en', what: 'guesses' } as const),
};
const place = { startsAt: at, venue: 'Hall', timeZone: 'Europe/Berlin' };

it('mails a link to the address that it was asked for, while it works', () => {
  const { token, expiresAt, purpose } = link;
  const fact = {
    ...{ keys: [`link:${link.id}`], to: { email: 'a@example.com', language: 'de' }, until: at },
    letter: { kind: 'link', purpose, token, expiresAt },
  };
  expect(linkFact(link)).toEqual({ ...fact, personId: '' });
  expect(linkFact({ ...link, personId: 'somebody' })).toEqual({ ...fact, personId: 'somebody' });
});

it('mails each notice to the owner, with the device if it is known', () => {
  const fact = {
    ...{ keys: [`notice:${notice.id}:guesses:1:${at}`], personId: notice.id },
    to: { email: 'a@example.com', language: 'en' },
    letter: { kind: 'notice', what: 'guesses', at },
  };
  expect(noticeFact(notice)).toEqual(fact);
  const device = 'Firefox on Linux';
  expect(noticeFact({ ...notice, device })).toEqual({ ...fact, letter: { ...fact.letter, device } });
  expect(noticeFact({ ...notice, version: 2 }).keys).not.toEqual(fact.keys);
});

it('tells of each move, until the show begins', () => {
  const after = { ...place, startsAt: later };
  expect(moved(order, 1, place, after)).toEqual({
    ...{ keys: [`${order.id}:moved:1`], personId: 'buyer', until: later },
    letter: { kind: 'moved', order, before: place, after },
  });
  expect(moved(order, 3, after, place).keys).toEqual([`${order.id}:moved:3`]);
});

it('tells those who waited what became of it', () => {
  const entry = { id: 'd'.repeat(24), userId: 'somebody' } as WaitingEntry;
  expect(waitedInVain(entry, 'organiser')).toEqual({
    ...{ keys: [`${entry.id}:waited-in-vain`], personId: 'somebody', organiserId: 'organiser' },
    letter: { kind: 'waited-in-vain', entry },
  });
  expect(offered(order)).toEqual({
    ...{ keys: [`${order.id}:offered`], personId: 'buyer', until: order.expiresAt },
    letter: { kind: 'offered', order },
  });
});

it('gives a fact the same Message-ID each time', () => {
  expect(messageIdOf(`${order.id}:refunded:${at}`, 'https://shop.example:8443')).toBe(
    `<${order.id}.refunded.2027-01-01T19.00.00.000Z@shop.example>`,
  );
  expect(messageIdOf('a: <b>', 'http://localhost:8080')).toBe('<a.b.@localhost>');
});

it('gives a mail up after three days', () => {
  expect(giveUpAfterMs).toBe(3 * 24 * 3_600_000);
});

it('waits twice as long each time, up to an hour, and a minute with a link or for a server that is away', () => {
  const pauses = (trouble: { isServerAway: boolean; isUrgent: boolean }) =>
    [1, 2, 3, 20, 500].map((tries) => pauseAfter(tries, { firstPauseMs: 30_000, ...trouble }));
  const short = [30_000, 60_000, 60_000, 60_000, 60_000];
  expect(pauses({ isServerAway: false, isUrgent: false })).toEqual([30_000, 60_000, 120_000, 3_600_000, 3_600_000]);
  expect(pauses({ isServerAway: true, isUrgent: false })).toEqual(short);
  expect(pauses({ isServerAway: false, isUrgent: true })).toEqual(short);
});
