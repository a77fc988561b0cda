import { type Order, OrderCancelled } from '@box-office/common/contracts/orders';
import type { Ticket } from '@box-office/common/contracts/tickets';
import { announced } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import { newId } from '@box-office/common/testing/parts';
import request from 'supertest';
import {
  as,
  ask,
  authorize,
  capture,
  onSale,
  parts,
  reserve,
  service,
  show,
  status,
  useOrders,
  windowMs,
} from './orders-under-test.ts';

useOrders();

/** An order as it was stored before an order could have several tickets. */
async function stored(ticket: Ticket, more: object = {}): Promise<string> {
  const _id = newId();
  await parts.connection.collection<{ _id: string }>('orders').insertOne({
    ...{ _id, version: 0, userId: 'buyer', sellerId: 'seller', status: 'created', reason: null, refundedAt: null },
    ...{ expiresAt: new Date(parts.now().getTime() + windowMs).toISOString(), ticketId: ticket.id, attempt: 1 },
    ...{ title: ticket.title, price: ticket.price, currency: ticket.currency, venue: null, startsAt: null },
    ...{ timeZone: null, changedAt: parts.now(), outbox: [] },
    ...more,
  });
  return _id;
}

describe('an order of an earlier release', () => {
  it('is shown and listed as it was announced', async () => {
    const ticket = await onSale();
    const id = await stored(ticket);
    const order = await show(id);
    expect(order).toEqual({
      ...{ id, version: 0, userId: 'buyer', sellerId: 'seller', status: 'created', expiresAt: expect.any(String) },
      ...{ ticket: { id: ticket.id, title: 'Opera', price: 1500, currency: 'eur' }, attempt: 1 },
    });
    const { body } = await request(service.app).get('/api/orders').set(as('buyer')).expect(200);
    expect(body.map((it: Order) => it.id)).toContain(id);
  });

  it('holds its ticket against new orders until it ends', async () => {
    const ticket = await onSale();
    const id = await stored(ticket);
    expect((await ask(ticket.id, 'anna').expect(409)).body.code).toBe('ticket-reserved');
    await request(service.app).delete(`/api/orders/${id}`).set(as('buyer')).expect(200);
    await eventually(async () => expect(await announced(parts.bus, OrderCancelled)).toContainEqual(await show(id)));
    const next = await reserve(ticket, 'anna');
    expect(next).toMatchObject({ attempt: 2, tickets: [{ id: ticket.id, attempt: 2 }] });
  });

  it('is refused its attempt if a new order has it, and the other way round', async () => {
    const ticket = await onSale();
    await reserve(ticket);
    await expect(stored(ticket)).rejects.toMatchObject({ code: 11000 });
    const other = await onSale();
    await stored(other);
    const answers = await Promise.all([ask(other.id, 'anna'), ask(other.id, 'ben')]);
    expect(answers.map((answer) => answer.body.code)).toEqual(['ticket-reserved', 'ticket-reserved']);
  });

  it('is paid', async () => {
    const order = await show(await stored(await onSale()));
    await authorize(order);
    await status(order.id, { status: 'awaiting:payment' });
    await capture(order);
    await status(order.id, { status: 'complete', version: 2 });
  });

  it('is cancelled by the sweep once its time is up', async () => {
    const past = new Date(parts.now().getTime() - 10_000).toISOString();
    const id = await stored(await onSale(), { expiresAt: past });
    await status(id, { status: 'cancelled', reason: 'expired' });
  });
});
