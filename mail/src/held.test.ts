import type { Order, OrderedTicket } from '@box-office/common/contracts/orders';
import { heldTickets, moneyBackFor } from './held.ts';

const at = '2027-01-01T19:00:00.000Z';
const [first, second] = ['1'.repeat(24), '2'.repeat(24)];
const ticket = (id: string, more: Partial<OrderedTicket> = {}): OrderedTicket => ({
  ...{ id, attempt: 1, price: 1500 },
  ...more,
});
const orderWith = (tickets: OrderedTicket[], more: Partial<Order> = {}): Order => ({
  ...{ id: 'a'.repeat(24), version: 3, userId: 'buyer', status: 'complete', expiresAt: at, attempt: 1 },
  ticket: { id: first, title: 'Opera', price: 3000, currency: 'eur' },
  tickets,
  ...more,
});
const dispute = (status: 'inquiry' | 'open' | 'won' | 'lost') => ({ dispute: { status, amount: 3000 } });

describe('a ticket is its buyer’s', () => {
  const held = (order: Order) => heldTickets(order).map(({ id }) => id);
  const both = [ticket(first), ticket(second)];

  it('once the order is complete', () => {
    expect(held(orderWith(both))).toEqual([first, second]);
    for (const status of ['created', 'awaiting:payment', 'cancelled'] as const)
      expect(heldTickets(orderWith(both, { status }))).toEqual([]);
  });

  it('until the order is refunded, or the ticket by itself', () => {
    expect(held(orderWith(both, { refundedAt: at }))).toEqual([]);
    expect(held(orderWith([ticket(first, { refundedAt: at }), ticket(second)]))).toEqual([second]);
    expect(held(orderWith(both, { refunded: 500, partlyRefundedAt: at }))).toEqual([first, second]);
  });

  it('until it is resold or its show is cancelled', () => {
    expect(held(orderWith([ticket(first, { ended: 'resold' }), ticket(second)]))).toEqual([second]);
    expect(held(orderWith([ticket(first), ticket(second, { ended: 'show-cancelled' })]))).toEqual([first]);
  });

  it('until their bank has decided that the seller does not keep the money', () => {
    expect(held(orderWith(both, dispute('lost')))).toEqual([]);
    for (const status of ['inquiry', 'open', 'won'] as const)
      expect(held(orderWith(both, dispute(status)))).toEqual([first, second]);
  });

  it('in an order of an early release, too', () => {
    const { tickets: _, ...early } = orderWith(both);
    expect(held(early)).toEqual([first]);
    expect(held({ ...early, refundedAt: at })).toEqual([]);
  });
});

describe('the money for tickets that have ended', () => {
  const ended = { ended: 'show-cancelled' } as const;
  const both = [ticket(first, ended), ticket(second, ended)];
  const refunded = ticket(first, { ...ended, refundedAt: at });
  const failed = ticket(first, { ...ended, refundFailedAt: at });

  it('comes back, also while a bank decides a dispute', () => {
    expect(moneyBackFor(orderWith(both), [first, second])).toBe('coming');
    for (const status of ['inquiry', 'open', 'won'] as const)
      expect(moneyBackFor(orderWith(both, dispute(status)), [first])).toBe('coming');
  });

  it('is nothing if they were free, or if whoever bought them paid nothing', () => {
    const free = ticket(first, { ...ended, price: 0 });
    const soldForNothing = ticket(first, { ended: 'resold', owed: 0 });
    for (const one of [free, soldForNothing]) {
      expect(moneyBackFor(orderWith([one, ticket(second)]), [first])).toBeNull();
      expect(moneyBackFor(orderWith([one, ticket(second, ended)]), [first, second])).toBe('coming');
    }
  });

  it('was refunded before, with the whole order or for each of them', () => {
    expect(moneyBackFor(orderWith(both, { refundedAt: at }), [first, second])).toBe('refunded');
    expect(moneyBackFor(orderWith([refunded, ticket(second)]), [first])).toBe('refunded');
    expect(moneyBackFor(orderWith([refunded, ticket(second)], dispute('lost')), [first])).toBe('refunded');
  });

  it('comes back for those that were not refunded before', () => {
    expect(moneyBackFor(orderWith([refunded, ticket(second, ended)]), [first, second])).toBe('coming');
    expect(moneyBackFor(orderWith([refunded, ticket(second, ended)]), [second])).toBe('coming');
  });

  it('comes from their bank after a dispute that the seller has lost', () => {
    expect(moneyBackFor(orderWith(both, dispute('lost')), [first, second])).toBe('charged-back');
    expect(moneyBackFor(orderWith([failed], dispute('lost')), [first])).toBe('charged-back');
  });

  it('may not come by itself once a refund has failed', () => {
    expect(moneyBackFor(orderWith(both, { refundFailedAt: at }), [first, second])).toBe('failed');
    expect(moneyBackFor(orderWith([failed, ticket(second)]), [first])).toBe('failed');
    expect(moneyBackFor(orderWith([failed, { ...refunded, id: second }]), [first, second])).toBe('failed');
    expect(moneyBackFor(orderWith([failed, ticket(second, ended)]), [first, second])).toBe('coming');
  });
});
