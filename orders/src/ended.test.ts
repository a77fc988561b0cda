import { OrderTicketsEnded } from '@box-office/common/contracts/orders';
import { endTickets, endWithShow } from './ended.ts';
import { Order, snapshot } from './order.ts';
import { endBought } from './resale/resale.ts';
import { singleTicket } from './reserve.ts';

const [one, two] = ['a'.repeat(24), 'b'.repeat(24)];
const complete = Order.parse({
  id: 'c'.repeat(24),
  version: 2,
  userId: 'buyer',
  sellerId: 'organiser',
  status: 'complete',
  reason: null,
  expiresAt: '2026-01-01T12:15:00.000Z',
  ticketId: one,
  attempt: 1,
  title: 'Opera',
  price: 2500,
  currency: 'eur',
  tickets: [singleTicket({ id: one, attempt: 1, price: 1500 }), singleTicket({ id: two, attempt: 3, price: 1000 })],
});
const endsOf = (order: Order) => snapshot(order).tickets?.map(({ ended }) => ended);

describe('tickets of a complete order', () => {
  it('end for a reason, and the order stays complete with the others', () => {
    const change = endTickets(complete, [two, 'd'.repeat(24)], 'resold');
    expect(change.announce).toEqual([OrderTicketsEnded]);
    expect(snapshot(change.next)).toMatchObject({ status: 'complete', total: 2500 });
    expect(endsOf(change.next)).toEqual([undefined, 'resold']);
  });

  it('end once: what was said first stays', () => {
    const resold = endTickets(complete, [two], 'resold').next;
    expect(endTickets(resold, [two], 'show-cancelled').changed).toBe(false);
    expect(endsOf(endTickets(resold, [one, two], 'show-cancelled').next)).toEqual(['show-cancelled', 'resold']);
  });

  it('do not end if there are none to end', () => {
    expect(endTickets(complete, [], 'resold').changed).toBe(false);
    for (const status of ['created', 'awaiting:payment', 'cancelled'] as const) {
      expect(endTickets({ ...complete, status }, [one], 'resold').changed).toBe(false);
    }
  });

  it('end in an order of an earlier release, too', () => {
    const change = endTickets({ ...complete, tickets: null }, [one], 'resold');
    expect(snapshot(change.next).tickets).toEqual([{ id: one, attempt: 1, price: 2500, ended: 'resold' }]);
  });
});

describe('an order of a cancelled show', () => {
  it('that is complete loses those of its tickets that have not ended before', () => {
    const change = endWithShow(complete);
    expect(change.announce).toEqual([OrderTicketsEnded]);
    expect(snapshot(change.next)).toMatchObject({ status: 'complete' });
    expect(endsOf(change.next)).toEqual(['show-cancelled', 'show-cancelled']);
    expect(endsOf(endWithShow(endTickets(complete, [one], 'resold').next).next)).toEqual(['resold', 'show-cancelled']);
    expect(endWithShow(change.next).changed).toBe(false);
  });

  it('that is not paid is cancelled, and one that is being paid is left', () => {
    expect(endWithShow({ ...complete, status: 'created' }).next).toMatchObject({
      ...{ status: 'cancelled', reason: 'withdrawn' },
    });
    for (const status of ['awaiting:payment', 'cancelled'] as const) {
      expect(endWithShow({ ...complete, status }).changed).toBe(false);
    }
  });
});

describe('tickets that another order has bought', () => {
  const later = complete.tickets?.map((it) => ({ ...it, attempt: it.attempt + 1 })) ?? [];

  it('end, and are owed what they cost, or what the other has paid for them if that is less', () => {
    const [cheaper, dearer] = later.map((it) => ({ ...it, price: 1200 }));
    const buyer = Order.parse({ ...complete, id: 'e'.repeat(24), tickets: [cheaper, dearer] });
    const { tickets } = snapshot(endBought(complete, buyer).next);
    expect(tickets).toMatchObject([{ ended: 'resold', owed: 1200 }, { ended: 'resold' }]);
    expect(tickets?.[1]).not.toHaveProperty('owed');
  });

  it('stay if the other had them before', () => {
    expect(endBought({ ...complete, tickets: later }, complete).changed).toBe(false);
  });
});
