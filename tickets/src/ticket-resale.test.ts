import { TicketDetails, TicketWithdrawn } from '@box-office/common/contracts/tickets';
import { refused } from '@box-office/common/testing/refused';
import fc from 'fast-check';
import { edit, follow, type Hold, list, publicView, snapshot, Ticket, withdraw } from './ticket.ts';

const order = 'b'.repeat(24);
const later = 'c'.repeat(24);
const now = new Date('2026-01-01T12:00:00.000Z');
const ticket = list('a'.repeat(24), 'seller', TicketDetails.parse({ title: 'Opera', price: 1500 }), now).next;
const live: Hold = { orderId: order, attempt: 1, version: 0, status: 'live', refundedAt: null };
const held: Ticket = { ...ticket, version: 1, hold: live };

describe('a sold ticket that its buyer offers', () => {
  const sold: Ticket = { ...ticket, hold: { ...live, version: 2, status: 'sold' } };
  const offered = () => follow(sold, { ...live, version: 3, status: 'offered' }).next;
  const buyer: Hold = { ...live, orderId: later, attempt: 2 };
  const bought = () => follow(offered(), buyer).next;
  const dropped = () => follow(bought(), { ...buyer, version: 1, status: 'ended' }).next;

  it('is on sale for everybody, and sold for its seller', () => {
    expect(snapshot(offered())).toMatchObject({ state: 'sold', orderId: order, offered: true });
    expect(publicView(offered())).toMatchObject({ state: 'on-sale', orderId: null, offered: true });
    expect(snapshot(sold)).not.toHaveProperty('offered');
    expect(publicView(sold)).toMatchObject({ state: 'sold', orderId: null });
    expect(publicView(held)).toMatchObject({ state: 'reserved', orderId: null });
    expect(publicView(held)).not.toHaveProperty('offered');
    expect(publicView(sold)).not.toHaveProperty('offered');
    expect(publicView(ticket)).toEqual(snapshot(ticket));
  });

  it('is reserved while somebody buys it, and its seller still sees the first sale', () => {
    expect(publicView(bought())).toMatchObject({ state: 'reserved', orderId: null, offered: true });
    expect(snapshot(bought())).toMatchObject({ state: 'sold', orderId: order });
    expect(snapshot(bought())).not.toHaveProperty('offered');
    expect(follow(bought(), { ...buyer, version: 1 }).changed).toBe(false);
    expect(Ticket.parse(bought())).toEqual(bought());
  });

  it('is on offer again when that order ends, and can be neither edited nor withdrawn', () => {
    expect(snapshot(dropped())).toMatchObject({ state: 'sold', orderId: order, offered: true });
    expect(publicView(dropped())).toMatchObject({ state: 'on-sale' });
    for (const it of [offered(), bought(), dropped()]) {
      expect(() => edit(it, 'seller', { title: 'Operetta' }, now)).toThrow(refused('ticket-reserved'));
      expect(() => withdraw(it, 'seller')).toThrow(refused('ticket-reserved'));
    }
    expect(follow(dropped(), buyer).changed).toBe(false);
    expect(follow(dropped(), { ...live, version: 9, status: 'sold' }).changed).toBe(false);
  });

  it('keeps what is known of the first sale until there is another', () => {
    const refundedAt = now.toISOString();
    const refunded = follow(sold, { ...live, version: 3, status: 'sold', refundedAt }).next;
    expect(snapshot(follow(refunded, buyer).next)).toMatchObject({ refundedAt });
    expect(snapshot(follow(refunded, { ...buyer, version: 2, status: 'sold' }).next)).not.toHaveProperty('refundedAt');
  });

  it('is its holder’s again once they have it back', () => {
    const back: Hold = { ...live, attempt: 3, version: 4, status: 'offered' };
    const again = follow(dropped(), back);
    expect(again).toMatchObject({ changed: true, announce: [], next: { hold: back } });
    expect(again.next.hold).not.toHaveProperty('buying');
    expect(follow(bought(), { ...back, status: 'sold' }).next.hold).toEqual({ ...back, status: 'sold' });
    expect(follow(offered(), { ...live, attempt: 2, version: 4, status: 'sold' }).next.hold).toMatchObject({
      attempt: 2,
    });
  });

  it('is sold to another once that one has paid, who may offer it as well', () => {
    for (const status of ['sold', 'offered'] as const) {
      const { next } = follow(bought(), { ...buyer, version: 2, status });
      expect(next.hold).toEqual({ ...buyer, version: 2, status });
      expect(snapshot(next)).toMatchObject({ state: 'sold', orderId: later });
    }
  });

  it('is announced as withdrawn again if it was, to who is buying it', () => {
    expect(follow({ ...offered(), withdrawn: true }, buyer).announce).toEqual([TicketWithdrawn]);
  });

  it('has the same result for events in any order and number', () => {
    const third = 'd'.repeat(24);
    const history: Hold[] = [
      live,
      { ...live, version: 2, status: 'sold' },
      { ...live, version: 3, status: 'offered' },
      buyer,
      { ...buyer, version: 1, status: 'ended' },
      { ...live, attempt: 3, version: 4, status: 'offered' },
      { ...live, orderId: third, attempt: 4 },
      { ...live, orderId: third, attempt: 4, version: 1, status: 'ended' },
      { ...live, attempt: 5, version: 5, status: 'offered' },
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(history, { minLength: history.length }), fc.boolean(), (all, isSold) => {
        const last: Hold = { ...live, orderId: third, attempt: 6, version: 2, status: 'sold' };
        const end = (isSold ? [last, ...all] : all).reduce((it, hold) => follow(it, hold).next, ticket);
        expect(end.hold).toEqual(isSold ? last : history.at(-1));
      }),
    );
  });
});
