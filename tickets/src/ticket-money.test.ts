import { TicketDetails } from '@box-office/common/contracts/tickets';
import { follow, type Hold, list, snapshot, type Ticket } from './ticket.ts';

const order = 'b'.repeat(24);
const live: Hold = { orderId: order, attempt: 1, version: 0, status: 'live', refundedAt: null };
const details = TicketDetails.parse({ title: 'Opera', price: 1500 });
const listed = list('a'.repeat(24), 'seller', details, new Date('2026-01-01T12:00:00.000Z')).next;
const held: Ticket = { ...listed, version: 1, hold: live };

describe('a sold ticket, after something happened to its money,', () => {
  it('stays a sale after a refund that was taken back, with its time', () => {
    const refundFailedAt = '2026-01-02T12:00:00.000Z';
    const sold = follow(held, { ...live, version: 2, status: 'sold' }).next;
    const failed = follow(sold, { ...live, version: 4, status: 'sold', refundFailedAt });
    expect(snapshot(failed.next)).toMatchObject({ state: 'sold', refundFailedAt });
    // The refund itself is announced late.
    const late: Hold = { ...live, version: 3, status: 'sold', refundedAt: refundFailedAt };
    expect(follow(failed.next, late).changed).toBe(false);
  });

  it('stays a sale after a part was refunded, and says how much', () => {
    const sold = follow(held, { ...live, version: 2, status: 'sold' }).next;
    const part = follow(sold, { ...live, version: 3, status: 'sold', refunded: 400 });
    expect(part.changed).toBe(true);
    expect(snapshot(part.next)).toMatchObject({ state: 'sold', refunded: 400 });
    expect(snapshot(sold)).not.toHaveProperty('refunded');
  });

  it('stays a sale while it is disputed', () => {
    const sold = follow(held, { ...live, version: 2, status: 'sold' }).next;
    const disputed = follow(sold, { ...live, version: 3, status: 'sold', dispute: 'open' });
    expect(snapshot(disputed.next)).toMatchObject({ state: 'sold', dispute: 'open' });
    expect(follow(disputed.next, { ...live, version: 4, status: 'sold', dispute: 'lost' }).changed).toBe(true);
  });

  it('stays a sale after a refund, with its time', () => {
    const refundedAt = '2026-01-02T12:00:00.000Z';
    const refunded = follow(held, { ...live, version: 3, status: 'sold', refundedAt }).next;
    expect(snapshot(refunded)).toMatchObject({ state: 'sold', orderId: order, refundedAt });
    expect(snapshot(follow(held, { ...live, version: 3, status: 'sold' }).next)).not.toHaveProperty('refundedAt');
    expect(snapshot(follow(held, { ...live, version: 3, status: 'ended', refundedAt }).next)).not.toHaveProperty(
      'refundedAt',
    );
  });
});
