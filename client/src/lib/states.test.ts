import type { OrderStatus } from '@box-office/common/contracts/orders';
import type { TicketAnswer } from '@box-office/common/contracts/tickets';
import { order, orderOf, ticketOf } from './order-under-test.ts';
import {
  inWords,
  isHeld,
  leftOfListing,
  lookOf,
  stateForAll,
  stateOfListing,
  stateOfOrder,
  stateOfTicket,
} from './states.ts';

const refundedAt = '2027-01-03T12:00:00.000Z';
const disputed = (status: 'inquiry' | 'open' | 'won' | 'lost') => ({ dispute: { status, amount: 1500 } });

describe('the state of an order', () => {
  it.each<[OrderStatus, string]>([
    ['created', 'Reserved'],
    ['awaiting:payment', 'Being paid'],
    ['complete', 'Confirmed'],
    ['cancelled', 'Cancelled'],
  ])('that is %s is called "%s", and so is that of its ticket', (status, word) => {
    expect(inWords(stateOfOrder(order({ status })))).toBe(word);
    expect(inWords(stateOfTicket(order({ status }), ticketOf()))).toBe(word);
  });

  it.each([
    ['refunded', { refunded: 1500, refundedAt }],
    ['partly-refunded', { refunded: 400 }],
    ['refund-failed', { refunded: 400, refundFailedAt: refundedAt }],
    ['disputed', disputed('open')],
    ['charged-back', disputed('lost')],
    ['confirmed', disputed('won')],
    ['confirmed', disputed('inquiry')],
    ['refunded', { ...disputed('won'), refundedAt }],
  ] as const)('is %s after %j', (state, more) => {
    expect(stateOfOrder(order(more))).toBe(state);
  });

  it('is not that of its money while it is not complete', () => {
    expect(stateOfOrder(order({ status: 'cancelled', refundedAt }))).toBe('cancelled');
  });
});

describe('the state of a single ticket that somebody sells', () => {
  const listing: TicketAnswer = {
    ...{ id: 'a'.repeat(24), version: 0, title: 'Opera', price: 1500, currency: 'eur', venue: null, startsAt: null },
    ...{ userId: 'seller', orderId: null, state: 'sold' },
  };

  it.each([
    ['on-sale', { state: 'on-sale' }],
    ['over', { state: 'on-sale', over: true }],
    ['reserved', { state: 'reserved', over: true }],
    ['reserved', { state: 'reserved' }],
    ['withdrawn', { state: 'withdrawn' }],
    ['sold', {}],
    ['refunded', { refundedAt, dispute: 'won' }],
    ['disputed', { dispute: 'open' }],
    ['charged-back', { dispute: 'lost' }],
    ['refund-failed', { refundFailedAt: refundedAt }],
    ['refund-failed', { refundFailedAt: refundedAt, refunded: 400 }],
    ['partly-refunded', { refunded: 400 }],
    ['on-offer', { offered: true }],
    ['on-offer', { offered: true, refunded: 400 }],
  ] as const)('is %s after %j', (state, more) => {
    const ticket: TicketAnswer = { ...listing, ...more };
    expect(stateOfListing(ticket)).toBe(state);
    const mayRefund = ['sold', 'partly-refunded', 'on-offer', 'refund-failed'].includes(state);
    expect(leftOfListing(ticket)).toBe(mayRefund ? 1500 - (ticket.refunded ?? 0) : 0);
    expect(leftOfListing({ ...ticket, price: 0 })).toBe(0);
  });

  it.each([
    ['on-sale', { state: 'on-sale' }],
    ['over', { state: 'on-sale', over: true }],
    ['reserved', { state: 'reserved', over: true }],
    ['sold', { over: true, refundedAt }],
  ] as const)('is %s to everybody else after %j', (state, more) => {
    expect(stateForAll({ ...listing, ...more })).toBe(state);
  });
});

it('a state that is bad news looks like it', () => {
  expect((['confirmed', 'reserved', 'disputed', 'withdrawn'] as const).map(lookOf)).toEqual([
    'good',
    'warn',
    'bad',
    'plain',
  ]);
});

describe('the state of one ticket of an order', () => {
  const [first, second] = [ticketOf(), ticketOf({ id: 'e'.repeat(24) })];
  const with2 = (more: object, rest: object = {}) => orderOf([{ ...first, ...more }, second], rest);
  const both = (more: object, rest: object = {}) =>
    orderOf(
      [first, second].map((it) => ({ ...it, ...more })),
      rest,
    );

  it.each([
    ['on-offer', { offeredAt: refundedAt }],
    ['resold', { ended: 'resold' }],
    ['show-cancelled', { ended: 'show-cancelled' }],
    ['show-cancelled', { ended: 'show-cancelled', refundedAt }],
    ['refunded', { refundedAt }],
    ['refund-failed', { refundFailedAt: refundedAt }],
  ] as const)('is %s after %j, and the others stay as they are', (state, more) => {
    const order = with2(more);
    expect(order.tickets?.map((ticket) => stateOfTicket(order, ticket))).toEqual([state, 'confirmed']);
    expect(order.tickets?.map((ticket) => isHeld(order, ticket))).toEqual([
      state === 'on-offer' || state === 'refund-failed',
      true,
    ]);
    expect(stateOfOrder(both(more))).toBe(state);
  });

  it.each([
    ['confirmed', with2({ offeredAt: refundedAt })],
    ['partly-refunded', with2({ refundedAt }, { refunded: 1500 })],
    ['confirmed', with2({ ended: 'resold', refundedAt }, { refunded: 1500 })],
    ['confirmed', with2({ ended: 'resold', owed: 900, refundedAt }, { refunded: 900 })],
    ['partly-refunded', with2({ ended: 'resold', refundedAt }, { refunded: 2000 })],
    ['partly-refunded', with2({ ended: 'resold' }, { refunded: 400 })],
    ['refund-failed', both({ ended: 'show-cancelled', refundFailedAt: refundedAt }, { refundFailedAt: refundedAt })],
    ['disputed', both({ ended: 'show-cancelled' }, disputed('open'))],
    ['resold', both({ ended: 'resold', refundedAt }, { refunded: 3000, refundedAt })],
    ['refunded', with2({ ended: 'resold', refundedAt }, { refunded: 3000, refundedAt })],
    [
      'refunded',
      orderOf(
        [
          { ...first, ended: 'resold' },
          { ...second, refundedAt },
        ],
        { refunded: 2500 },
      ),
    ],
    [
      'show-cancelled',
      orderOf([
        { ...first, ended: 'resold' },
        { ...second, ended: 'show-cancelled' },
      ]),
    ],
    ['show-cancelled', with2({ ended: 'show-cancelled', refundedAt }, { refunded: 3000, refundedAt })],
    ['charged-back', with2({ ended: 'resold', refundedAt }, { refunded: 1500, ...disputed('lost') })],
  ])('makes the order %s', (state, order) => {
    expect(stateOfOrder(order)).toBe(state);
  });
});
