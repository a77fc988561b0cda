import type { AnnouncingService } from '@box-office/common/announcing-service';
import {
  type Order,
  OrderCancelled,
  OrderCompleted,
  OrderCreated,
  OrderRefunded,
} from '@box-office/common/contracts/orders';
import { type Ticket, TicketCreated, TicketUpdated, TicketWithdrawn } from '@box-office/common/contracts/tickets';
import { announce, announced, announceNonsense } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import { newId, type TestParts, testParts } from '@box-office/common/testing/parts';
import { Registry } from 'prom-client';
import request from 'supertest';
import { createTickets } from './service.ts';

let parts: TestParts;
let service: AnnouncingService;

beforeAll(async () => {
  parts = await testParts();
  service = createTickets(parts);
  await service.start();
});

afterAll(async () => {
  await service.stop();
  await parts.end();
});

const as = (name: string) => ({ Authorization: `Bearer ${name}` });

async function sell(details: object = {}, seller = 'seller'): Promise<Ticket> {
  const { body } = await request(service.app)
    .post('/api/tickets')
    .set(as(seller))
    .send({ title: 'Opera', price: 1500, ...details })
    .expect(201);
  return body;
}

const show = async (id: string): Promise<Ticket> => (await request(service.app).get(`/api/tickets/${id}`)).body;

/** The ticket as its seller sees it in their list: it comes first after the id that follows its own. */
async function showSeller(id: string): Promise<Ticket> {
  const cursor = (BigInt(`0x${id}`) + 1n).toString(16).padStart(24, '0');
  const { userId } = await show(id);
  return (await request(service.app).get('/api/tickets/mine').set(as(userId)).query({ limit: 1, cursor })).body[0];
}

const orderFor = (ticket: Ticket, more: Partial<Order> = {}): Order => ({
  id: newId(),
  version: 0,
  userId: 'buyer',
  status: 'created',
  expiresAt: new Date().toISOString(),
  ticket: { id: ticket.id, title: ticket.title, price: ticket.price, currency: ticket.currency },
  attempt: 1,
  ...more,
});

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

describe('the tickets on sale', () => {
  it('come newest first, page by page, and none twice', async () => {
    const made = [];
    for (let i = 0; i < 5; i++) made.push(await sell({ title: `Paged ${i}` }));
    const titles: string[] = [];
    let next: string | undefined = '/api/tickets?q=paged&limit=2';
    while (next) {
      const page: request.Response = await request(service.app).get(next).expect(200);
      titles.push(...page.body.map((ticket: Ticket) => ticket.title));
      next = page.headers.link?.match(/<(.*)>; rel="next"/)?.[1];
    }
    expect(titles).toEqual(made.map(({ title }) => title).reverse());
  });

  it('are all there but one that cannot be read, which is an error of ours to who asks for it', async () => {
    const [first, bad, last] = [
      await sell({ title: 'Spoilt 1' }),
      await sell({ title: 'Spoilt 2' }),
      await sell({ title: 'Spoilt 3' }),
    ];
    const tickets = parts.connection.collection<{ _id: string }>('tickets');
    await tickets.updateOne({ _id: bad.id }, { $set: { currency: 'kwd' } });
    const page = await request(service.app).get('/api/tickets?q=spoilt&limit=1').expect(200);
    const next = page.headers.link?.match(/<(.*)>; rel="next"/)?.[1] ?? 'no next page';
    const further = await request(service.app).get(next).expect(200);
    expect([page.body, further.body]).toEqual([[last], [first]]);
    const line = parts.logged.map((it) => JSON.parse(it)).find(({ id }) => id === bad.id);
    expect(line).toMatchObject({ level: 50, collection: 'tickets' });
    await request(service.app).get(`/api/tickets/${bad.id}`).expect(500);
    await request(service.app).delete(`/api/tickets/${bad.id}`).set(as('seller')).expect(500);
    await tickets.deleteOne({ _id: bad.id });
  });

  const found = async (q: string): Promise<string[]> => {
    const answer = await request(service.app).get('/api/tickets').query({ q }).expect(200);
    return answer.body.map(({ title }: Ticket) => title);
  };

  it('can be searched by the beginnings of words in title and venue, without case, accents and punctuation', async () => {
    await sell({ title: 'What? (a pläy)', venue: 'Corner*stage Straße' });
    for (const q of ['what? (A', 'corner*', 'PLAY what', 'stra', 'STRASSE corner', 'pla\u0308y']) {
      expect([q, await found(q)]).toEqual([q, ['What? (a pläy)']]);
    }
    for (const q of ['hat', 'what zebra', 'corner opera']) expect([q, await found(q)]).toEqual([q, []]);
  });

  it('are found by no word that lies between two of their own', async () => {
    await sell({ title: 'Aardvark zebra' });
    expect(await found('aardvark')).toEqual(['Aardvark zebra']);
    expect(await found('mouse')).toEqual([]);
  });

  it('can be asked for with anything that fits into an address', async () => {
    const odd = [
      '\u3000',
      'a\u3000b',
      'a\u2009b',
      '\u0000',
      'a\u0000b',
      '\\',
      '(?R)',
      '[',
      '*',
      '.*',
      '$where',
      '🎭',
      '\u200f',
      'ß',
    ];
    for (const q of [...odd, 'x '.repeat(100), 'é'.repeat(200), '\u{10ffff}']) {
      const { status } = await request(service.app).get('/api/tickets').query({ q });
      expect([q, status]).toEqual([q, 200]);
    }
    expect(await found('*')).toEqual([]);
  });

  it('are found that were stored before words were, whatever the offset of their start', async () => {
    const { id } = await sell({ title: 'Ancient drama' });
    const stored = parts.connection.collection<{ _id: string }>('tickets');
    const start = '2099-01-01T20:00:00+01:00';
    await stored.updateOne(
      { _id: id },
      { $unset: { words: 1, begun: 1, lookupVersion: 1 }, $set: { startsAt: start } },
    );
    await eventually(async () => expect(await found('ancient')).toEqual(['Ancient drama']), 15_000);
    expect(await stored.findOne({ _id: id })).toMatchObject({ version: 0, startsAt: '2099-01-01T19:00:00.000Z' });
  });

  it('do not hold what has begun, from that moment on', async () => {
    const { id } = await sell({
      title: 'Flashmob',
      startsAt: new Date(parts.now().getTime() + 60_000).toISOString(),
    });
    expect(await found('flashmob')).toEqual(['Flashmob']);
    parts.now.forward(60_000);
    expect(await found('flashmob')).toEqual([]);
    const stored = parts.connection.collection<{ _id: string }>('tickets');
    await eventually(async () => expect(await stored.findOne({ _id: id })).toMatchObject({ begun: true }), 15_000);
  });

  it('do not hold those that are reserved or withdrawn', async () => {
    const gone = await sell({ title: 'Hidden' });
    const taken = await sell({ title: 'Hidden' });
    await request(service.app).delete(`/api/tickets/${gone.id}`).set(as('seller')).expect(204);
    await announce(parts.bus, OrderCreated, orderFor(taken));
    await eventually(async () =>
      expect((await request(service.app).get('/api/tickets?q=hidden').expect(200)).body).toEqual([]),
    );
    const mine = await request(service.app).get('/api/tickets/mine').set(as('seller')).expect(200);
    expect(mine.body.map((ticket: Ticket) => ticket.state)).toEqual(expect.arrayContaining(['withdrawn', 'reserved']));
  });

  it('refuse a limit and a cursor that are none', async () => {
    await request(service.app).get('/api/tickets?limit=1000').expect(400);
    await request(service.app).get('/api/tickets?cursor=x').expect(400);
  });
});

describe('the tickets of a seller', () => {
  const mine = (query: object) => request(service.app).get('/api/tickets/mine').set(as('hoarder')).query(query);

  it('come newest first, 50 on a page unless fewer are asked for, whatever their state', async () => {
    const listed = [];
    for (let i = 0; i < 52; i++) listed.unshift((await sell({ title: `Seat ${i}` }, 'hoarder')).id);
    await request(service.app).delete(`/api/tickets/${listed[0]}`).set(as('hoarder')).expect(204);

    const idsOf = ({ body }: { body: Ticket[] }) => body.map(({ id }) => id);
    const first = await mine({}).expect(200);
    expect(idsOf(first)).toEqual(listed.slice(0, 50));
    const next = /^<(.+)>; rel="next"$/.exec(first.headers.link ?? '')?.[1] ?? '';
    const second = await request(service.app).get(next).set(as('hoarder')).expect(200);
    expect(idsOf(second)).toEqual(listed.slice(50));
    expect(second.headers.link).toBeUndefined();
    expect(idsOf(await mine({ limit: 3 }).expect(200))).toEqual(listed.slice(0, 3));
  });

  it.each([{ limit: 0 }, { limit: 101 }, { limit: 'all' }, { cursor: 'x' }, { cursor: '' }, { page: 2 }])(
    'are refused where the page is none: %j',
    async (query) => {
      await mine(query).expect(400);
    },
  );
});

describe('one ticket', () => {
  it('carries its version as ETag', async () => {
    const { id } = await sell();
    const answer = await request(service.app).get(`/api/tickets/${id}`).expect(200);
    expect(answer.headers.etag).toBe('"0"');
  });

  it.each(['1', 'nonsense', newId()])('is not found under %s', async (id) => {
    const answer = await request(service.app).get(`/api/tickets/${id}`).expect(404);
    expect(answer.body.code).toBe('not-found');
  });
});

describe('a ticket for what has begun', () => {
  it('can be looked at, and says that it is over', async () => {
    const startsAt = new Date(parts.now().getTime() + 60_000).toISOString();
    const { id } = await sell({ startsAt, timeZone: 'Europe/Berlin' });
    expect(await show(id)).toMatchObject({ startsAt, timeZone: 'Europe/Berlin', state: 'on-sale' });
    expect(await show(id)).not.toHaveProperty('over');
    parts.now.forward(60_000);
    expect(await show(id)).toMatchObject({ state: 'on-sale', over: true });
  });

  it('can be read where it was stored with any offset and any year', async () => {
    const { id } = await sell();
    const stored = parts.connection.collection<{ _id: string }>('tickets');
    await stored.updateOne({ _id: id }, { $set: { startsAt: '0000-01-01T20:00:00+01:00' } });
    expect(await show(id)).toMatchObject({ startsAt: '0000-01-01T19:00:00.000Z', over: true });
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
    expect((await show(ticket.id)).version).toBe(2);
  });

  it('leaves the ticket sold when the buyer gets the money back', async () => {
    const ticket = await sell();
    const order = orderFor(ticket);
    const refundedAt = parts.now().toISOString();
    await announce(parts.bus, OrderRefunded, { ...order, version: 3, status: 'complete', refundedAt });
    await announce(parts.bus, OrderCompleted, { ...order, version: 2, status: 'complete' });
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
