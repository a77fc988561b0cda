import {
  OrderAwaitingPayment,
  OrderCancelled,
  OrderCompleted,
  OrderCreated,
  OrderPartlyRefunded,
  OrderRefunded,
} from '@box-office/common/contracts/orders';
import { type Ticket, TicketCreated, TicketUpdated, TicketWithdrawn } from '@box-office/common/contracts/tickets';
import { announce, announced, announceNonsense } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import { newId } from '@box-office/common/testing/parts';
import { Registry } from 'prom-client';
import request from 'supertest';
import { createTickets } from './service.ts';
import {
  as,
  orderFor,
  parts,
  sell,
  service,
  show,
  showSeller,
  storedTicket,
  storedTickets,
  useTickets,
} from './tickets-under-test.ts';

useTickets();

describe('listing a ticket', () => {
  it('puts it on sale and announces it', async () => {
    const ticket = await sell({ venue: 'The Globe', startsAt: '2027-01-01T20:00:00+01:00' });
    expect(ticket).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
      version: 0,
      title: 'Opera',
      price: 1500,
      currency: 'eur',
      venue: 'The Globe',
      startsAt: '2027-01-01T19:00:00.000Z',
      userId: 'seller',
      orderId: null,
      state: 'on-sale',
    });
    await eventually(async () => expect(await announced(parts.bus, TicketCreated)).toContainEqual(ticket));
  });

  it.each([
    ['a price with a fraction', { title: 'Opera', price: 19.99 }, 'price'],
    ['a title that looks empty', { title: '\u3164\u200b', price: 1500 }, 'title'],
    ['a title with NUL in it', { title: 'Op\0era', price: 1500 }, 'title'],
    ['a venue that looks empty', { title: 'Opera', price: 1500, venue: '\u2800' }, 'venue'],
    ['a price that Stripe would not take', { title: 'Opera', price: 49, currency: 'jpy' }, 'price'],
    ['no title', { price: 1500 }, 'title'],
    ['a blank title', { title: '  ', price: 1500 }, 'title'],
    ['an unknown field', { title: 'Opera', price: 1500, orderId: newId() }, 'orderId'],
    ['a date that is none', { title: 'Opera', price: 1500, startsAt: 'tomorrow' }, 'startsAt'],
    ['a year that is none', { title: 'Opera', price: 1500, startsAt: '0000-01-01T20:00:00Z' }, 'startsAt'],
    ['what has begun', { title: 'Opera', price: 1500, startsAt: '2026-01-01T20:00:00Z' }, 'startsAt'],
    ['a time zone that is none', { title: 'Opera', price: 1500, timeZone: 'Europe/Atlantis' }, 'timeZone'],
  ])('refuses %s and names the field', async (_, body, field) => {
    const answer = await request(service.app).post('/api/tickets').set(as('seller')).send(body).expect(400);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.body).toMatchObject({ code: 'invalid-request', errors: [{ field, message: expect.any(String) }] });
  });

  it('is for those who are signed in', async () => {
    const answer = await request(service.app).post('/api/tickets').send({ title: 'Opera', price: 1500 });
    expect(answer.status).toBe(401);
    expect(answer.body.code).toBe('not-signed-in');
  });
});

describe('editing a ticket', () => {
  it('raises the version and announces the whole ticket', async () => {
    const { id } = await sell();
    const answer = await request(service.app)
      .put(`/api/tickets/${id}`)
      .set(as('seller'))
      .send({ title: 'B', price: 2 });
    expect(answer.body).toMatchObject({ id, title: 'B', price: 2, version: 1 });
    expect(answer.headers.etag).toBe('"1"');
    await eventually(async () => expect(await announced(parts.bus, TicketUpdated)).toContainEqual(answer.body));
  });

  it('leaves what it does not name as it is', async () => {
    const told = { currency: 'jpy', venue: 'The Globe', startsAt: '2027-01-01T20:00:00.000Z' };
    const { id } = await sell(told);
    const put = (body: object) => request(service.app).put(`/api/tickets/${id}`).set(as('seller')).send(body);
    await put({ title: 'Operetta', price: 1800 }).expect(200);
    expect(await show(id)).toMatchObject({ ...told, title: 'Operetta', price: 1800 });
    const answer = await put({ currency: 'czk', price: 1499 }).expect(400);
    expect(answer.body.errors).toEqual([{ field: 'price', message: 'must be at least CZK\u00a015.00' }]);
    await put({}).expect(400);
  });

  it('is refused to anybody else, for what is not there, and when the version moved', async () => {
    const { id } = await sell();
    const put = (to: string, name: string) =>
      request(service.app).put(`/api/tickets/${to}`).set(as(name)).send({ title: 'B', price: 2 });
    expect((await put(id, 'somebody').expect(403)).body.code).toBe('not-your-ticket');
    await put(newId(), 'seller').expect(404);
    await put(id, 'seller').set('If-Match', '"7"').expect(412);
    await put(id, 'seller').set('If-Match', 'seven').expect(400);
    await put(id, 'seller').set('If-Match', '"0"').expect(200);
  });

  it('loses none of 20 edits sent at once', async () => {
    const { id } = await sell();
    const edits = Array.from({ length: 20 }, (_, i) =>
      request(service.app)
        .put(`/api/tickets/${id}`)
        .set(as('seller'))
        .send({ title: 'B', price: i + 1 })
        .expect(200),
    );
    await Promise.all(edits);
    expect((await show(id)).version).toBe(20);
  });
});

describe('withdrawing a ticket', () => {
  it('is refused when the seller looked at another version', async () => {
    const { id } = await sell();
    const withdraw = (tag: string, seller = 'seller') =>
      request(service.app)
        .delete(`/api/tickets/${id}`)
        .set({ ...as(seller), 'If-Match': tag });
    await withdraw('"0"', 'stranger').expect(403);
    await withdraw('"1"').expect(412);
    await withdraw('W/"0"').expect(412);
    await withdraw('zero').expect(400);
    expect((await show(id)).state).toBe('on-sale');
    await withdraw('"7", "0"').expect(204);
    await withdraw('"0"').expect(412);
    await withdraw('*').expect(204);
  });
});

describe('somebody who asks for too much', () => {
  it('is asked to wait, and others are not', async () => {
    const strict = createTickets({ ...parts, metrics: new Registry(), writesPerMinute: 2 });
    const post = (name: string) =>
      request(strict.app)
        .post('/api/tickets')
        .set('Authorization', `Bearer ${tokenOf(name)}`)
        .send({});
    await post('greedy').expect(400);
    await post('greedy').expect(400);
    const answer = await post('greedy').expect(429);
    expect(answer.body.code).toBe('too-many-requests');
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    await post('modest').expect(400);
    await request(strict.app).get('/api/tickets').expect(200);
  });

  /** Shaped like an identity, which is all that counting looks at. */
  const tokenOf = (sub: string) => `e30.${Buffer.from(JSON.stringify({ sub })).toString('base64url')}.signature`;
});

describe('an order for a ticket', () => {
  it('is the business of its seller and its buyer alone', async () => {
    const ticket = await sell();
    const order = orderFor(ticket);
    await announce(parts.bus, OrderCreated, order);
    await eventually(async () => expect((await showSeller(ticket.id)).orderId).toBe(order.id));
    expect(await show(ticket.id)).toMatchObject({ state: 'reserved', orderId: null });
  });

  it('reserves it, and its seller can neither edit nor withdraw it', async () => {
    const ticket = await sell();
    const order = orderFor(ticket);
    await announce(parts.bus, OrderCreated, order);
    await eventually(async () =>
      expect(await showSeller(ticket.id)).toMatchObject({ state: 'reserved', orderId: order.id }),
    );
    const put = await request(service.app)
      .put(`/api/tickets/${ticket.id}`)
      .set(as('seller'))
      .send({ title: 'B', price: 2 });
    expect([put.status, put.body.code]).toEqual([409, 'ticket-reserved']);
    const del = await request(service.app).delete(`/api/tickets/${ticket.id}`).set(as('seller'));
    expect([del.status, del.body.code]).toEqual([409, 'ticket-reserved']);
  });

  it('changes the ticket once, however often it is announced', async () => {
    const ticket = await sell();
    const order = orderFor(ticket);
    for (let i = 0; i < 10; i++) await announce(parts.bus, OrderCreated, order);
    await announce(parts.bus, OrderCompleted, { ...order, version: 2, status: 'complete' });
    await eventually(async () => expect((await show(ticket.id)).state).toBe('sold'));
    expect(await storedTicket(ticket.id)).toMatchObject({ version: 2 });
  });

  it('changes neither the ticket’s version nor anything that tickets announce', async () => {
    const ticket = await sell();
    const order = orderFor(ticket);
    await announce(parts.bus, OrderCreated, order);
    await announce(parts.bus, OrderAwaitingPayment, { ...order, version: 1, status: 'awaiting:payment' });
    await announce(parts.bus, OrderCancelled, { ...order, version: 2, status: 'cancelled', reason: 'payment-failed' });
    await eventually(async () =>
      expect(await storedTicket(ticket.id)).toMatchObject({ hold: { status: 'ended', version: 2 } }),
    );
    const { headers, body } = await request(service.app).get(`/api/tickets/${ticket.id}`);
    expect([headers.etag, body.version]).toEqual(['"0"', 0]);
    const edited = await request(service.app)
      .put(`/api/tickets/${ticket.id}`)
      .set(as('seller'))
      .set('If-Match', '"0"')
      .send({ price: 1600 });
    expect([edited.status, edited.body.version]).toEqual([200, 1]);
    await eventually(async () =>
      expect((await announced(parts.bus, TicketUpdated)).filter(({ id }) => id === ticket.id)).toEqual([edited.body]),
    );
  });

  it('leaves a ticket that was stored by the release before at the version it has', async () => {
    const ticket = await sell();
    // That release announced each hold at a version of its own.
    await storedTickets().updateOne({ _id: ticket.id }, { $set: { version: 7 } });
    await announce(parts.bus, OrderCreated, orderFor(ticket));
    await eventually(async () => expect(await show(ticket.id)).toMatchObject({ state: 'reserved', version: 7 }));
  });

  it('leaves the ticket sold when the buyer gets the money back', async () => {
    const ticket = await sell();
    const order = orderFor(ticket);
    const refundedAt = parts.now().toISOString();
    await announce(parts.bus, OrderPartlyRefunded, { ...order, version: 2, status: 'complete', refunded: 400 });
    await eventually(async () => expect(await showSeller(ticket.id)).toMatchObject({ state: 'sold', refunded: 400 }));
    await announce(parts.bus, OrderRefunded, { ...order, version: 3, status: 'complete', refundedAt });
    await announce(parts.bus, OrderCompleted, { ...order, version: 1, status: 'complete' });
    await eventually(async () =>
      expect(await showSeller(ticket.id)).toMatchObject({ state: 'sold', orderId: order.id, refundedAt }),
    );
  });

  it('does not free the ticket that a later order holds, when its cancel comes late', async () => {
    const ticket = await sell();
    const first = orderFor(ticket);
    const second = orderFor(ticket, { attempt: 2 });
    await announce(parts.bus, OrderCreated, second);
    await announce(parts.bus, OrderCreated, first);
    await announce(parts.bus, OrderCancelled, { ...first, version: 1, status: 'cancelled', reason: 'expired' });
    const marker = await sell();
    await announce(parts.bus, OrderCreated, orderFor(marker));
    await eventually(async () => expect((await show(marker.id)).state).toBe('reserved'));
    expect(await showSeller(ticket.id)).toMatchObject({ state: 'reserved', orderId: second.id });
  });

  it('that reaches a withdrawn ticket has the withdrawal announced again', async () => {
    const ticket = await sell();
    await request(service.app).delete(`/api/tickets/${ticket.id}`).set(as('seller')).expect(204);
    await announce(parts.bus, OrderCreated, orderFor(ticket));
    await eventually(async () => {
      const withdrawals = (await announced(parts.bus, TicketWithdrawn)).filter(({ id }) => id === ticket.id);
      expect(withdrawals.map(({ version }) => version)).toEqual([1, 2]);
    });
  });

  it('that nobody can read is put aside and holds up nothing', async () => {
    const ticket = await sell();
    await announceNonsense(parts.bus, OrderCreated, '{"half": ');
    await announce(parts.bus, OrderCreated, orderFor(ticket));
    await eventually(async () => expect((await show(ticket.id)).state).toBe('reserved'));
    await eventually(async () =>
      expect((await parts.bus.jsm.streams.info('dead-letters')).state.messages).toBeGreaterThanOrEqual(1),
    );
  });
});

describe('what is announced again', () => {
  it('by orders changes no ticket, an ended attempt before the one that holds it now included', async () => {
    const ticket = await sell();
    const first = { ...orderFor(ticket), version: 1, status: 'cancelled', reason: 'expired' } as const;
    const second = orderFor(ticket, { attempt: 2 });
    await announce(parts.bus, OrderCancelled, first);
    await announce(parts.bus, OrderCreated, second);
    await eventually(async () => expect((await showSeller(ticket.id)).orderId).toBe(second.id));
    const before = await show(ticket.id);
    await announce(parts.bus, OrderCreated, second);
    await announce(parts.bus, OrderCancelled, first);
    const marker = await sell();
    await announce(parts.bus, OrderCreated, orderFor(marker));
    await eventually(async () => expect((await show(marker.id)).state).toBe('reserved'));
    expect(await show(ticket.id)).toEqual(before);
  });

  it('by tickets is every ticket as it is', async () => {
    const [kept, withdrawn] = [await sell(), await sell()];
    await request(service.app).delete(`/api/tickets/${withdrawn.id}`).set(as('seller')).expect(204);
    await service.republish();
    const told = async (kind: typeof TicketCreated, ticket: Ticket) =>
      (await announced(parts.bus, kind)).filter(({ id }) => id === ticket.id).map(({ version }) => version);
    expect(await told(TicketCreated, kept)).toEqual([0, 0]);
    expect(await told(TicketWithdrawn, withdrawn)).toEqual([1, 1]);
  });
});
