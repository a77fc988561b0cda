import { OrderCompleted, OrderCreated } from '@box-office/common/contracts/orders';
import type { Ticket } from '@box-office/common/contracts/tickets';
import { announce } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import { newId } from '@box-office/common/testing/parts';
import { Registry } from 'prom-client';
import request from 'supertest';
import { createTickets } from './service.ts';
import { as, orderFor, parts, sell, service, show, showSeller, useTickets } from './tickets-under-test.ts';

useTickets();

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

  it('are each seen once, 24 to a page, while others are added, sold and withdrawn', async () => {
    const made: Ticket[] = [];
    for (let i = 0; i < 60; i++) made.unshift(await sell({ title: `Busy ${i}` }));
    const idOf = (index: number) => made[index]?.id ?? '';
    const seen: string[] = [];
    const withdraw = (index: number) =>
      request(service.app)
        .delete(`/api/tickets/${idOf(index)}`)
        .set(as('seller'))
        .expect(204);
    async function buy(index: number) {
      const ticket = made[index];
      if (!ticket) throw new Error(`there are only ${made.length} tickets`);
      await announce(parts.bus, OrderCompleted, orderFor(ticket, { status: 'complete' }));
      await eventually(async () => expect(await show(ticket.id)).toMatchObject({ state: 'sold' }));
    }
    const changes = [
      // The last one that was seen, and some that were not.
      async () => {
        await sell({ title: 'Busy later' });
        await buy(23);
        await withdraw(24);
        await buy(26);
      },
      async () => {
        await sell({ title: 'Busy last' });
        await buy(0);
        await withdraw(51);
        await withdraw(59);
      },
    ];
    for (let next: string | undefined = '/api/tickets?q=busy&limit=24'; next; ) {
      const page: request.Response = await request(service.app).get(next).expect(200);
      expect(page.body.length).toBeLessThanOrEqual(24);
      seen.push(...page.body.map(({ id }: Ticket) => id));
      next = page.headers.link?.match(/<(.*)>; rel="next"/)?.[1];
      await changes.shift()?.();
    }
    const gone = [24, 26, 51, 59].map(idOf);
    expect(seen).toEqual(made.map(({ id }) => id).filter((id) => !gone.includes(id)));
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
      { $unset: { listed: 1, begun: 1, lookupVersion: 1 }, $set: { startsAt: start } },
    );
    await eventually(async () => expect(await found('ancient')).toEqual(['Ancient drama']));
    expect(await stored.findOne({ _id: id })).toMatchObject({ version: 0, startsAt: '2099-01-01T19:00:00.000Z' });
  });

  it('are complete before a service is ready, and are found by the release before', async () => {
    const made = await Promise.all(['Forgotten drama', 'Forgotten comedy'].map((title) => sell({ title })));
    const stored = parts.connection.collection<{ _id: string }>('tickets');
    const all = { _id: { $in: made.map(({ id }) => id) } };
    const other = createTickets({ ...parts, metrics: new Registry() });
    await stored.updateMany(all, { $unset: { listed: 1, words: 1, begun: 1, lookupVersion: 1 } });
    await other.start();
    const found = await stored.find(all).toArray();
    await other.stop();
    for (const ticket of found) {
      expect(ticket).toMatchObject({ listed: expect.arrayContaining(['forgot']) });
      expect(ticket).toMatchObject({ words: expect.arrayContaining(['forgotten']) });
    }
    expect(found).toHaveLength(2);
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
    await eventually(async () => expect(await stored.findOne({ _id: id })).toMatchObject({ begun: true }));
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
    for (const seen of [await show(id), await showSeller(id)]) expect(seen).not.toHaveProperty('over');
    parts.now.forward(60_000);
    for (const seen of [await show(id), await showSeller(id)]) {
      expect(seen).toMatchObject({ state: 'on-sale', over: true });
    }
  });

  it('can be read where it was stored with any offset and any year', async () => {
    const { id } = await sell();
    const stored = parts.connection.collection<{ _id: string }>('tickets');
    await stored.updateOne({ _id: id }, { $set: { startsAt: '0000-01-01T20:00:00+01:00' } });
    expect(await show(id)).toMatchObject({ startsAt: '0000-01-01T19:00:00.000Z', over: true });
  });
});
