import type { Order } from '@box-office/common/contracts/orders';
import { PaymentVoided } from '@box-office/common/contracts/payments';
import { TicketUpdated, TicketWithdrawn } from '@box-office/common/contracts/tickets';
import { announce } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import request from 'supertest';
import {
  as,
  ask,
  authorize,
  capture,
  onSale,
  parts,
  paymentFor,
  reserve,
  service,
  show,
  status,
  timeIsUp,
  useOrders,
  windowMs,
} from './orders-under-test.ts';

useOrders();

describe('what has begun', () => {
  it('is refused, and what begins soon is kept until then', async () => {
    const startsAt = (ms: number) => new Date(parts.now().getTime() + ms).toISOString();
    const over = await onSale({ startsAt: startsAt(-24 * 60 * 60 * 1000) });
    expect((await ask(over.id).expect(409)).body.code).toBe('show-over');
    const soon = await onSale({ startsAt: startsAt(windowMs / 2), venue: 'The Globe', timeZone: 'Europe/London' });
    const order = await reserve(soon);
    expect(order.expiresAt).toBe(soon.startsAt);
    expect(order.ticket).toMatchObject({ venue: 'The Globe', startsAt: soon.startsAt, timeZone: 'Europe/London' });
    parts.now.forward(windowMs / 2);
    await timeIsUp(order);
    await status(order.id, { status: 'cancelled', reason: 'expired' });
  });
});

describe('the deadline', () => {
  it('cancels the order when expiration says so', async () => {
    const order = await reserve(await onSale());
    parts.now.forward(windowMs);
    await timeIsUp(order);
    await status(order.id, { status: 'cancelled', reason: 'expired' });
  });

  it('cancels the order even when its timer was lost', async () => {
    const order = await reserve(await onSale());
    parts.now.forward(windowMs + 3_000);
    await status(order.id, { status: 'cancelled', reason: 'expired' });
  });

  it('of one order is kept however many others cannot be read, or cannot be changed', async () => {
    const stored = parts.connection.collection<{ _id: string }>('orders');
    const [unreadable, stuck, order] = [
      await reserve(await onSale()),
      await reserve(await onSale()),
      await reserve(await onSale()),
    ];
    await stored.updateOne({ _id: unreadable.id }, { $set: { price: 'much' } });
    // The relay empties its outbox once more when it was announced, which would mend it.
    await eventually(async () => expect(await stored.findOne({ _id: stuck.id })).toMatchObject({ outbox: [] }));
    await stored.updateOne({ _id: stuck.id }, { $set: { outbox: 'gone' } });
    parts.now.forward(windowMs + 3_000);
    await status(order.id, { status: 'cancelled', reason: 'expired' });
    const lines = () => parts.logged.map((line) => JSON.parse(line));
    await eventually(() => {
      expect(lines()).toContainEqual(expect.objectContaining({ collection: 'orders', id: unreadable.id, level: 50 }));
      expect(lines()).toContainEqual(expect.objectContaining({ orderId: stuck.id, level: 50 }));
    });
    await request(service.app).get(`/api/orders/${unreadable.id}`).set(as('buyer')).expect(500);
    const { body } = await request(service.app).get('/api/orders').set(as('buyer')).expect(200);
    expect(body.map(({ id }: Order) => id)).toEqual(expect.arrayContaining([order.id, stuck.id]));
    await stored.deleteMany({ _id: { $in: [unreadable.id, stuck.id] } });
  });

  it('against a payment at the same moment: whoever is first wins, and it is never both', async () => {
    const rounds = await Promise.all(
      Array.from({ length: 12 }, async () => {
        const order = await reserve(await onSale());
        return order;
      }),
    );
    parts.now.forward(windowMs);
    await Promise.all(
      rounds.flatMap((order, i) => (i % 2 ? [authorize(order), timeIsUp(order)] : [timeIsUp(order), authorize(order)])),
    );
    for (const order of rounds) {
      await eventually(async () => expect((await show(order.id)).status).not.toBe('created'));
      const { status: outcome, version } = await show(order.id);
      expect([outcome, version]).toEqual([outcome === 'cancelled' ? 'cancelled' : 'awaiting:payment', 1]);
    }
  });

  it('does not touch an order that is being paid', async () => {
    const order = await reserve(await onSale());
    await authorize(order);
    await status(order.id, { status: 'awaiting:payment' });
    parts.now.forward(windowMs + 3_000);
    await timeIsUp(order);
    await capture(order);
    await status(order.id, { status: 'complete' });
  });
});

describe('a withdrawal at the same moment', () => {
  it('cancels the order', async () => {
    const ticket = await onSale();
    const order = await reserve(ticket);
    await announce(parts.bus, TicketWithdrawn, { ...ticket, version: 1, state: 'withdrawn' });
    await status(order.id, { status: 'cancelled', reason: 'withdrawn' });
  });

  it('loses against an order that is being paid', async () => {
    const ticket = await onSale();
    const order = await reserve(ticket);
    await authorize(order);
    await status(order.id, { status: 'awaiting:payment' });
    await announce(parts.bus, TicketWithdrawn, { ...ticket, version: 1, state: 'withdrawn' });
    await capture(order);
    await status(order.id, { status: 'complete' });
  });
});

describe('what is announced again', () => {
  it('by the others changes no order, whatever has become of it', async () => {
    const tickets = [await onSale(), await onSale(), await onSale()] as const;
    const [open, sold, ended] = [await reserve(tickets[0]), await reserve(tickets[1]), await reserve(tickets[2])];
    await authorize(sold);
    await capture(sold);
    await request(service.app).delete(`/api/orders/${ended.id}`).set(as('buyer')).expect(200);
    await status(sold.id, { status: 'complete' });
    const before = await Promise.all([open, sold, ended].map(({ id }) => show(id)));

    for (const ticket of tickets) await announce(parts.bus, TicketUpdated, ticket);
    await announce(parts.bus, TicketWithdrawn, { ...tickets[1], version: 5, state: 'withdrawn' });
    await capture(sold);
    await announce(parts.bus, PaymentVoided, paymentFor(ended, 'voided', 2));
    await eventually(async () => {
      const consumers = await Promise.all(
        (['tickets', 'payments'] as const).map((stream) => parts.bus.jsm.consumers.info(stream, 'orders')),
      );
      expect(consumers.map((it) => it.num_pending + it.num_ack_pending)).toEqual([0, 0]);
    });
    expect(await Promise.all([open, sold, ended].map(({ id }) => show(id)))).toEqual(before);
  });
});
