import { type Order, OrderCreated, OrderRefunded } from '@box-office/common/contracts/orders';
import {
  PaymentFailed,
  PaymentPartlyRefunded,
  PaymentRefunded,
  PaymentRefundFailed,
  PaymentVoided,
} from '@box-office/common/contracts/payments';
import { TicketCreated, TicketUpdated, TicketWithdrawn } from '@box-office/common/contracts/tickets';
import { announce, announced } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import { newId } from '@box-office/common/testing/parts';
import request from 'supertest';
import {
  announcementsOf,
  as,
  ask,
  authorize,
  capture,
  known,
  onSale,
  parts,
  paymentFor,
  replica,
  reserve,
  service,
  show,
  status,
  unlisted,
  useOrders,
  windowMs,
} from './orders-under-test.ts';

useOrders();

describe('reserving a ticket', () => {
  it('makes an order at the price shown, and announces it', async () => {
    const ticket = await onSale();
    const order = await reserve(ticket);
    expect(order).toMatchObject({
      version: 0,
      status: 'created',
      userId: 'buyer',
      sellerId: 'seller',
      attempt: 1,
      ticket: { id: ticket.id, title: 'Opera', price: 1500, currency: 'eur' },
    });
    expect(Date.parse(order.expiresAt) - parts.now().getTime()).toBeLessThanOrEqual(windowMs);
    await eventually(async () => expect(await announced(parts.bus, OrderCreated)).toContainEqual(order));
  });

  it('lets one of two buyers through', async () => {
    const ticket = await onSale();
    const answers = await Promise.all([ask(ticket.id, 'anna'), ask(ticket.id, 'ben')]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 409]);
    expect(answers.find((answer) => answer.status === 409)?.body.code).toBe('ticket-reserved');
  });

  it('lets one of 50 buyers through, who ask two replicas at once', async () => {
    const ticket = await onSale();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => ask(ticket.id, `buyer-${i}`, i % 2 ? service.app : replica.app)),
    );
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
    expect(answers.filter((answer) => answer.status === 409 && answer.body.code === 'ticket-reserved')).toHaveLength(
      49,
    );
  });

  it.each([
    ['a price that is no number', { price: 'x' }],
    ['a version that is no number', { version: '1' }],
    ['an unknown status', { status: 'foo' }],
    ['an attempt that is no number', { attempt: '1' }],
  ])('is our fault, not somebody else’s hold, while the last order has %s', async (_, nonsense) => {
    const ticket = await onSale();
    const { id } = await reserve(ticket);
    await request(service.app).delete(`/api/orders/${id}`).set(as('buyer')).expect(200);
    const orders = parts.connection.collection<{ _id: string }>('orders');
    const sound = await orders.findOneAndUpdate({ _id: id }, { $set: nonsense });
    for (const buyer of ['anna', 'ben']) {
      const { body } = await ask(ticket.id, buyer).expect(500);
      expect(body).toMatchObject({ code: 'internal', errorId: expect.any(String) });
    }
    await orders.replaceOne({ _id: id }, { ...sound });
    await ask(ticket.id, 'anna').expect(201);
  });

  it.each([
    ['is none', { ticketId: 'x' }],
    ['nobody knows', { ticketId: newId() }],
  ])('answers 404 for a ticket that %s', async (_, body) => {
    await request(service.app).post('/api/orders').set(as('buyer')).send(body).expect(404);
  });

  it('waits for a ticket that was listed a moment ago, also when another replica hears of it', async () => {
    const tickets = [unlisted(), unlisted(), unlisted(), unlisted()];
    const asked = tickets.map((ticket, n) =>
      ask(ticket.id, 'buyer', n % 2 ? service.app : replica.app)
        .set('Idempotency-Key', ticket.id)
        .then(({ status }) => status),
    );
    // At once: all are waited for already, and not for long.
    await Promise.all(tickets.map((ticket) => announce(parts.bus, TicketCreated, ticket)));
    expect(await Promise.all(asked)).toEqual([201, 201, 201, 201]);
  });

  it('refuses one’s own ticket, a withdrawn one, an empty body and strangers', async () => {
    const ticket = await onSale();
    expect((await ask(ticket.id, 'seller').expect(409)).body.code).toBe('own-ticket');
    await announce(parts.bus, TicketWithdrawn, { ...ticket, version: 1, state: 'withdrawn' });
    await eventually(async () => expect(await known(ticket.id)).toMatchObject({ version: 1 }));
    await ask(ticket.id).expect(404);
    await request(service.app).post('/api/orders').set(as('buyer')).send({}).expect(400);
    await request(service.app).post('/api/orders').send({ ticketId: ticket.id }).expect(401);
  });

  it('uses the newest snapshot, in whatever order they came', async () => {
    const ticket = await onSale();
    await announce(parts.bus, TicketUpdated, { ...ticket, version: 2, price: 1700 });
    await announce(parts.bus, TicketUpdated, { ...ticket, version: 1, price: 1600 });
    const marker = await onSale();
    await eventually(async () => expect(await known(marker.id)).not.toBeNull());
    await eventually(async () => expect(await known(ticket.id)).toMatchObject({ version: 2 }));
    expect((await reserve(ticket)).ticket.price).toBe(1700);
  });
});

describe('my orders', () => {
  it('are mine alone', async () => {
    const order = await reserve(await onSale(), 'carla');
    const list = await request(service.app).get('/api/orders').set(as('carla')).expect(200);
    expect(list.body).toEqual([order]);
    await request(service.app).get(`/api/orders/${order.id}`).set(as('dora')).expect(404);
    await request(service.app).delete(`/api/orders/${order.id}`).set(as('dora')).expect(404);
    await request(service.app).get('/api/orders/x').set(as('carla')).expect(404);
    await request(service.app).get('/api/orders').expect(401);
  });

  it('come newest first, page by page', async () => {
    const made: string[] = [];
    for (let i = 0; i < 3; i++) made.push((await reserve(await onSale(), 'emil')).id);
    const first = await request(service.app).get('/api/orders?limit=2').set(as('emil')).expect(200);
    const next = first.headers.link?.match(/<(.*)>; rel="next"/)?.[1] ?? '';
    const second = await request(service.app).get(next).set(as('emil')).expect(200);
    expect([...first.body, ...second.body].map((order: Order) => order.id)).toEqual(made.reverse());
  });

  it('can be asked for by ticket', async () => {
    const [one, other] = [await onSale(), await onSale()];
    const order = await reserve(one, 'frida');
    await reserve(other, 'frida');
    const by = (ticketId: string, who: string) =>
      request(service.app).get('/api/orders').query({ ticketId, limit: 1 }).set(as(who));
    expect((await by(one.id, 'frida').expect(200)).body).toEqual([order]);
    expect((await by(one.id, 'emil').expect(200)).body).toEqual([]);
    await by('none', 'frida').expect(400);
  });
});

describe('cancelling', () => {
  it('frees the ticket for the next buyer, whose attempt is higher', async () => {
    const ticket = await onSale();
    const first = await reserve(ticket, 'anna');
    const answer = await request(service.app).delete(`/api/orders/${first.id}`).set(as('anna')).expect(200);
    expect(answer.body).toMatchObject({ status: 'cancelled', reason: 'buyer', version: 1 });
    expect((await reserve(ticket, 'ben')).attempt).toBe(2);
  });

  it('is refused once the order is being paid or complete', async () => {
    const order = await reserve(await onSale());
    const cancel = () => request(service.app).delete(`/api/orders/${order.id}`).set(as('buyer')).expect(409);
    await authorize(order);
    await status(order.id, { status: 'awaiting:payment' });
    expect((await cancel()).body.code).toBe('order-paying');
    await capture(order);
    await status(order.id, { status: 'complete' });
    expect((await cancel()).body.code).toBe('order-complete');
  });
});

describe('paying', () => {
  it('completes the order, and nobody can order the ticket again', async () => {
    const ticket = await onSale();
    const order = await reserve(ticket);
    await authorize(order);
    await status(order.id, { status: 'awaiting:payment' });
    await capture(order);
    await status(order.id, { status: 'complete' });
    expect((await ask(ticket.id, 'somebody').expect(409)).body.code).toBe('ticket-reserved');
  });

  it('has each step announced once, however often the payment’s events come', async () => {
    const order = await reserve(await onSale());
    for (let i = 0; i < 10; i++) await authorize(order);
    await status(order.id, { status: 'awaiting:payment' });
    for (let i = 0; i < 10; i++) await capture(order);
    for (let i = 0; i < 10; i++) await authorize(order);
    await status(order.id, { status: 'complete', version: 2 });
    await eventually(async () =>
      expect((await announcementsOf(order)).map(({ version }) => version).sort()).toEqual([0, 1, 2]),
    );
  });

  it.each([
    ['refused', PaymentFailed, 'failed'],
    ['let go by the bank', PaymentVoided, 'voided'],
  ] as const)('cancels the order when the capture is %s', async (_, event, paymentStatus) => {
    const ticket = await onSale();
    const order = await reserve(ticket);
    await authorize(order);
    await announce(parts.bus, event, paymentFor(order, paymentStatus, 2));
    await status(order.id, { status: 'cancelled', reason: 'payment-failed' });
    expect((await reserve(ticket, 'next')).attempt).toBe(2);
  });
});

describe('a refund', () => {
  const refund = (order: Order) => announce(parts.bus, PaymentRefunded, paymentFor(order, 'refunded', 3));
  const versionsOf = async (order: Order) => (await announcementsOf(order)).map(({ version }) => version).sort();

  it('is kept by a complete order, which stays complete and its ticket sold', async () => {
    const ticket = await onSale();
    const order = await reserve(ticket);
    await authorize(order);
    // A message that has to be tried again comes after the next one: only then is every version made.
    await status(order.id, { status: 'awaiting:payment' });
    await capture(order);
    await status(order.id, { status: 'complete' });
    for (let i = 0; i < 10; i++) await refund(order);
    await status(order.id, { status: 'complete', refundedAt: expect.any(String), version: 3 });
    await eventually(async () =>
      expect(await announced(parts.bus, OrderRefunded)).toContainEqual(await show(order.id)),
    );
    expect(await versionsOf(order)).toEqual([0, 1, 2, 3]);
    expect((await ask(ticket.id, 'somebody').expect(409)).body.code).toBe('ticket-reserved');
  });

  it('of a part is kept as an amount, until the rest is refunded too, and when that fails', async () => {
    const order = await reserve(await onSale());
    await authorize(order);
    await status(order.id, { status: 'awaiting:payment' });
    await capture(order);
    await status(order.id, { status: 'complete' });
    await announce(parts.bus, PaymentPartlyRefunded, { ...paymentFor(order, 'captured', 3), refunded: 500 });
    await status(order.id, { status: 'complete', refunded: 500 });
    await announce(parts.bus, PaymentRefunded, { ...paymentFor(order, 'refunded', 4), refunded: 1500 });
    await status(order.id, { status: 'complete', refunded: 1500, refundedAt: expect.any(String) });
    await announce(parts.bus, PaymentRefundFailed, { ...paymentFor(order, 'captured', 5), refunded: 500 });
    await status(order.id, { status: 'complete', refunded: 500, refundFailedAt: expect.any(String) });
    expect(await show(order.id)).not.toHaveProperty('refundedAt');
    await eventually(async () => expect(await versionsOf(order)).toEqual([0, 1, 2, 3, 4, 5]));
  });

  it('is not forgotten when it is heard of before the capture', async () => {
    const order = await reserve(await onSale());
    await refund(order);
    await status(order.id, { status: 'complete', refundedAt: expect.any(String) });
    await capture(order);
    await authorize(order);
    const marker = await reserve(await onSale());
    await authorize(marker);
    await status(marker.id, { status: 'awaiting:payment' });
    expect(await show(order.id)).toMatchObject({ status: 'complete', refundedAt: expect.any(String), version: 1 });
  });
});
