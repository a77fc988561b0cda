import {
  OrderCompleted,
  OrderDisputed,
  OrderPartlyRefunded,
  OrderRefunded,
  OrderRefundPostponed,
  type Order as OrderSnapshot,
} from '@box-office/common/contracts/orders';
import type { DisputeStatus, Payment } from '@box-office/common/contracts/payments';
import fc from 'fast-check';
import { recordMoney } from './money.ts';
import { completeOrder, Order, snapshot } from './order.ts';
import { singleTicket } from './reserve.ts';

const at = '2026-01-03T12:00:00.000Z';
const complete = Order.parse({
  id: 'c'.repeat(24),
  version: 2,
  userId: 'buyer',
  sellerId: 'seller',
  status: 'complete',
  reason: null,
  expiresAt: '2026-01-01T12:15:00.000Z',
  ticketId: 'a'.repeat(24),
  attempt: 1,
  title: 'Opera',
  price: 1500,
  currency: 'eur',
});
const cancelled: Order = { ...complete, status: 'cancelled', reason: 'expired' };
const payment = (refunded: number, version = 3): Payment => ({
  id: complete.id,
  version,
  orderId: complete.id,
  userId: 'buyer',
  status: refunded === 1500 ? 'refunded' : 'captured',
  amount: 1500,
  currency: 'eur',
  stripeId: 'pi_1',
  refunded,
});
/** As payments of an earlier release announces a refund. */
const { refunded: _, ...old } = payment(1500);
const record = (order: Order, refunded: number, version?: number) => recordMoney(order, payment(refunded, version), at);
/** Nothing is announced, but announcements older than this version will be ignored. */
const onlyVersion = (order: Order, paymentVersion: number) => ({
  next: { ...order, paymentVersion },
  announce: [],
  changed: true,
});

describe('captured money', () => {
  it('that was refunded is recorded in the order, whose status stays the same', () => {
    const change = record(complete, 1500);
    expect(change.announce).toEqual([OrderRefunded]);
    expect(snapshot(change.next)).toEqual({ ...snapshot(complete), refundedAt: at, refunded: 1500 });
    expect(recordMoney(complete, old, at)).toEqual(change);
    const ofCancelled = record(cancelled, 1500);
    expect(snapshot(ofCancelled.next)).toMatchObject({ status: 'cancelled', refundedAt: at });
    expect(ofCancelled.announce).toEqual([OrderRefunded]);
  });

  it('leaves what is known of single tickets as it is, if an earlier release of payments says nothing of them', () => {
    const tickets = ['a', 'b'].map((it) => singleTicket({ id: it.repeat(24), attempt: 1, price: 750 }));
    const [first, second] = ['a', 'b'].map((it) => it.repeat(24));
    const both = { refundedTickets: [first ?? ''], refundFailedTickets: [second ?? ''] };
    const known = recordMoney({ ...complete, tickets }, { ...payment(750), ...both }, at).next;
    expect(known.tickets).toMatchObject([{ refundedAt: at }, { refundFailedAt: at }]);
    const dispute = { status: 'open' as const, amount: 1500 };
    const later = recordMoney(known, { ...payment(750, 4), dispute }, '2026-01-04T12:00:00.000Z').next;
    expect(later).toMatchObject({ dispute, tickets: known.tickets });
    expect(record(known, 900, 4).next.tickets).toEqual(known.tickets);
    // The bank took all of it back.
    expect(record(known, 0, 4).next.tickets).toEqual(tickets);
    const whole = record({ ...complete, tickets }, 1500).next;
    expect(record(whole, 0, 4).next.tickets).toEqual(tickets);
  });

  it('is announced once as refunded, also if an earlier release has recorded it', () => {
    const later = '2026-01-04T12:00:00.000Z';
    const refunded = record(complete, 1500).next;
    expect(recordMoney(refunded, payment(1500, 4), later)).toEqual(onlyVersion(refunded, 4));
    const ofEarlier = { ...complete, refundedAt: at };
    expect(recordMoney(ofEarlier, payment(1500), later)).toEqual(onlyVersion(ofEarlier, 3));
  });

  it('that was refunded also completes an order that has not received the capture yet', () => {
    for (const status of ['created', 'awaiting:payment'] as const) {
      const change = record({ ...complete, status }, 1500);
      expect(change.announce).toEqual([OrderCompleted, OrderRefunded]);
      expect(snapshot(change.next)).toMatchObject({ status: 'complete', refundedAt: at });
      expect(completeOrder(change.next).changed).toBe(false);
    }
  });

  it('that was refunded in part is recorded as an amount', () => {
    const part = record(complete, 400);
    expect(part.announce).toEqual([OrderPartlyRefunded]);
    const public_: OrderSnapshot = { ...snapshot(complete), refunded: 400, partlyRefundedAt: at };
    expect(snapshot(part.next)).toEqual(public_);
    expect(record(part.next, 400, 4)).toEqual(onlyVersion(part.next, 4));
    expect(snapshot(record(part.next, 900, 4).next)).toMatchObject({ refunded: 900 });
    expect(record(part.next, 1500, 4).announce).toEqual([OrderRefunded]);
    expect(record({ ...complete, status: 'created' }, 400).announce).toEqual([OrderCompleted, OrderPartlyRefunded]);
  });

  it('says when a part was refunded before the rest, unless the bank has taken that part back', () => {
    const later = '2026-01-04T12:00:00.000Z';
    const part = record(complete, 400).next;
    const whole = recordMoney(part, payment(1500, 4), later).next;
    expect(snapshot(whole)).toMatchObject({ refunded: 1500, refundedAt: later, partlyRefundedAt: at });
    expect(snapshot(record(complete, 1500).next)).not.toHaveProperty('partlyRefundedAt');
    const takenBack = record(part, 0, 4).next;
    expect(snapshot(recordMoney(takenBack, payment(1500, 5), later).next)).not.toHaveProperty('partlyRefundedAt');
  });

  it('whose refund the bank takes back is not refunded any more, and the order says since when', () => {
    for (const order of [record(complete, 1500).next, { ...complete, refundedAt: '2026-01-02T12:00:00.000Z' }]) {
      const failed = record(order, 400, 4);
      expect(failed.announce).toEqual([OrderPartlyRefunded]);
      expect(snapshot(failed.next)).toEqual({
        ...snapshot(complete),
        ...{ refunded: 400, partlyRefundedAt: at, refundFailedAt: at },
      });
      expect(record(failed.next, 1500, 3).changed).toBe(false);
      expect(snapshot(record(failed.next, 500, 5).next)).toEqual({
        ...snapshot(complete),
        ...{ refunded: 500, partlyRefundedAt: at },
      });
    }
  });

  it('of which a refund waits for balance at Stripe is known as that, until it is refunded', () => {
    const awaitsBalanceSince = '2026-01-02T12:00:00.000Z';
    const waiting = recordMoney(complete, { ...payment(0), awaitsBalanceSince }, at);
    expect(waiting.announce).toEqual([OrderRefundPostponed]);
    expect(snapshot(waiting.next)).toEqual({ ...snapshot(complete), awaitsBalanceSince });
    const again = recordMoney(waiting.next, { ...payment(0, 4), awaitsBalanceSince }, at);
    expect(again).toEqual(onlyVersion(waiting.next, 4));
    const refused = record(waiting.next, 0, 4);
    expect(refused.announce).toEqual([OrderRefundPostponed]);
    expect(snapshot(refused.next)).toEqual(snapshot(complete));
    const made = record(waiting.next, 1500, 4);
    expect(made.announce).toEqual([OrderRefunded]);
    expect(snapshot(made.next)).not.toHaveProperty('awaitsBalanceSince');
  });

  it('is as the newest version of the payment says, of whatever number, and the same one changes nothing', () => {
    expect(record(complete, 500, 0).changed).toBe(true);
    const known = record(complete, 500, 3).next;
    expect(record(known, 700, 3).changed).toBe(false);
    expect(record(known, 700, 4).changed).toBe(true);
  });

  it('that was refunded part by part until nothing is left was not taken back', () => {
    const parts = { ...complete, refunded: 1500, partlyRefundedAt: at };
    expect(record(parts, 1500).next).toMatchObject({ refundedAt: at, refundFailedAt: null });
  });

  it('whose refund was recorded by an earlier release, without an amount, may be taken back', () => {
    const back = record({ ...complete, refundedAt: at }, 0).next;
    expect(back).toMatchObject({ refunded: 0, refundedAt: null, refundFailedAt: at });
  });

  it('may be disputed, which reopens nothing', () => {
    const disputed = (status: DisputeStatus, version: number): Payment => ({
      ...payment(400, version),
      dispute: { status, amount: 1500 },
    });
    const opened = recordMoney(complete, disputed('open', 4), at);
    expect(opened.announce).toEqual([OrderPartlyRefunded, OrderDisputed]);
    expect(snapshot(opened.next)).toEqual({
      ...snapshot(complete),
      ...{ refunded: 400, partlyRefundedAt: at, dispute: { status: 'open', amount: 1500 } },
    });
    const lost = recordMoney(opened.next, disputed('lost', 5), at);
    expect(lost.announce).toEqual([OrderDisputed]);
    expect(snapshot(lost.next)).toMatchObject({ status: 'complete', refunded: 400, dispute: { status: 'lost' } });
    expect(recordMoney(lost.next, disputed('open', 4), at).changed).toBe(false);
    // An earlier release of payments knows of no disputes.
    expect(recordMoney(lost.next, old, at).next.dispute).toEqual(lost.next.dispute);
    expect(recordMoney(lost.next, { ...payment(400, 6), dispute: null }, at).next.dispute).toBeNull();
  });

  it('of which newer news says nothing new stays so when older news comes late', () => {
    const isOver = { ...payment(0, 5), dispute: null };
    const isOpen: Payment = { ...payment(0, 4), dispute: { status: 'open', amount: 1500 } };
    const awaiting: Order = { ...complete, status: 'awaiting:payment' };
    for (const order of [complete, cancelled, awaiting]) {
      const change = recordMoney(order, isOver, at);
      expect(change).toEqual(onlyVersion(order, 5));
      expect(recordMoney(change.next, isOpen, at).changed).toBe(false);
      expect(recordMoney(change.next, isOver, at).changed).toBe(false);
    }
  });

  it('that was refunded for single tickets is recorded with them', () => {
    const [first, second] = [
      singleTicket({ id: 'a'.repeat(24), attempt: 1, price: 1000 }),
      singleTicket({ id: 'b'.repeat(24), attempt: 2, price: 500 }),
    ];
    const order: Order = { ...complete, tickets: [first, second] };
    const later = '2026-01-04T12:00:00.000Z';
    const part = recordMoney(order, { ...payment(1000), refundedTickets: [first.id] }, at);
    expect(part.announce).toEqual([OrderPartlyRefunded]);
    expect(part.next.tickets).toEqual([{ ...first, refundedAt: at }, second]);
    const whole = recordMoney(part.next, payment(1500, 4), later);
    expect(whole.announce).toEqual([OrderRefunded]);
    expect(snapshot(whole.next).tickets).toEqual([
      { id: first.id, attempt: 1, price: 1000, refundedAt: at },
      { id: second.id, attempt: 2, price: 500, refundedAt: later },
    ]);
    // The bank has taken back what the second one cost.
    const failed = recordMoney(
      whole.next,
      { ...payment(1000, 5), refundedTickets: [first.id], refundFailedTickets: [second.id] },
      later,
    );
    expect(failed.announce).toEqual([OrderPartlyRefunded]);
    expect(failed.next.tickets).toEqual([
      { ...first, refundedAt: at },
      { ...second, refundFailedAt: later },
    ]);
    const again = recordMoney(failed.next, payment(1500, 6), later).next;
    expect(again.tickets).toMatchObject([{ refundedAt: at }, { refundedAt: later, refundFailedAt: null }]);
  });

  it('that could not be refunded for a ticket is recorded, although no amount has changed', () => {
    const ticket = singleTicket({ id: 'a'.repeat(24), attempt: 1, price: 1500 });
    const refused: Payment = { ...payment(0), refundFailedTickets: [ticket.id] };
    const change = recordMoney({ ...complete, tickets: [ticket] }, refused, at);
    expect(change.announce).toEqual([OrderPartlyRefunded]);
    expect(snapshot(change.next)).toMatchObject({ tickets: [{ id: ticket.id, refundFailedAt: at }] });
    expect(recordMoney(change.next, { ...refused, version: 4 }, at)).toEqual(onlyVersion(change.next, 4));
  });

  it('that could not be refunded for a ticket counts as failed no more once payments says that for none', () => {
    const ticket = singleTicket({ id: 'a'.repeat(24), attempt: 1, price: 1500 });
    const failed = { ...complete, tickets: [{ ...ticket, refundFailedAt: at }] };
    // Requested again after a dispute was won, it waits for balance at Stripe.
    const waiting = { ...payment(0), refundFailedTickets: [], awaitsBalanceSince: '2026-01-02T12:00:00.000Z' };
    const change = recordMoney(failed, waiting, at);
    expect(change.announce).toEqual([OrderPartlyRefunded]);
    expect(change.next).toMatchObject({ tickets: [ticket], awaitsBalanceSince: waiting.awaitsBalanceSince });
  });

  it('ends as the newest announcement says, in whatever order and how often they arrive', () => {
    const disputed: Payment = { ...payment(900, 5), dispute: { status: 'open', amount: 1500 } };
    const told = [payment(400, 3), payment(900, 4), disputed, { ...payment(1500, 6), dispute: null }];
    fc.assert(
      fc.property(fc.shuffledSubarray([...told, ...told], { minLength: 8 }), (some) => {
        const end = some.reduce((order, it) => recordMoney(order, it, at).next, complete);
        expect(snapshot(end)).toMatchObject({ refunded: 1500, refundedAt: at });
        expect(end.dispute).toBeNull();
      }),
    );
  });
});
