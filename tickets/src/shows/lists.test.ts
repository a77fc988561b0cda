import { OrderCancelled, OrderCompleted, OrderCreated, OrderOffered } from '@box-office/common/contracts/orders';
import type { ListedShow, Seat, Show } from '@box-office/common/contracts/shows';
import { announce } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import request from 'supertest';
import { as, parts, service, useTickets } from '../tickets-under-test.ts';
import { announceShow, lookAt, openShow, orderOf, standing, states, whenOnSale } from './shows-under-test.ts';

useTickets();

const titles = ({ body }: { body: ListedShow[] }) => body.map(({ title }) => title);
const search = (query: object) => request(service.app).get('/api/shows').query(query);
const found = async (query: object) => titles(await search(query).expect(200));

async function allPages(
  first: string,
  user = 'nobody',
  afterPages: (() => Promise<unknown>)[] = [],
): Promise<request.Response['body']> {
  const items: unknown[] = [];
  for (let next: string | undefined = first; next; ) {
    const page: request.Response = await request(service.app).get(next).set(as(user)).expect(200);
    items.push(...page.body);
    next = /<(.*)>; rel="next"/.exec(page.headers.link ?? '')?.[1];
    await afterPages.shift()?.();
  }
  return items;
}

describe('what is on', () => {
  it('comes soonest first, page by page, each once, while others are added', async () => {
    const days = [5, 1, 4, 2, 2, 3];
    for (const day of days) await openShow({ title: `Ordered ${day}`, startsAt: `2099-02-0${day}T20:00:00Z` });
    const first = await search({ q: 'ordered', limit: 2 }).expect(200);
    expect(titles(first)).toEqual(['Ordered 1', 'Ordered 2']);
    await openShow({ title: 'Ordered 0', startsAt: '2099-01-31T20:00:00Z' });
    const next = /<(.*)>; rel="next"/.exec(first.headers.link ?? '')?.[1] ?? '';
    const rest: ListedShow[] = await allPages(next);
    expect(titles({ body: rest })).toEqual(['Ordered 2', 'Ordered 3', 'Ordered 4', 'Ordered 5']);
  });

  it('is seen once each, 24 to a page, while others are added, sold out and cancelled', async () => {
    const kinds = [{ ...standing, quantity: 1 }];
    /** Two at a time. */
    const startsAt = (index: number) => new Date(Date.UTC(2099, 3, 1, 20 + Math.floor(index / 2))).toISOString();
    const add = (index: number) => announceShow({ title: `Busy ${index}`, startsAt: startsAt(index), kinds });
    const made: Show[] = [];
    for (let index = 0; index < 52; index++) made.push(await add(index));
    const shows = await Promise.all(made.map(({ id }) => whenOnSale(id, 30_000)));
    const idOf = (index: number) => shows[index]?.id ?? '';
    const cancel = (index: number) =>
      request(service.app)
        .post(`/api/shows/${idOf(index)}/cancel`)
        .set(as('organiser'))
        .expect(200);
    async function sellOut(index: number) {
      const show = shows[index];
      if (!show) throw new Error(`there are only ${shows.length} shows`);
      await announce(parts.bus, OrderCompleted, orderOf(show, [1], { status: 'complete' }));
      await eventually(async () => expect(await lookAt(show.id)).toMatchObject({ kinds: [{ left: 0 }] }));
    }
    let later = '';
    const seen: ListedShow[] = await allPages('/api/shows?q=busy&limit=24', 'nobody', [
      // The last one that was seen, and the next ones.
      async () => {
        await whenOnSale((await add(-1)).id);
        later = (await whenOnSale((await add(60)).id)).id;
        await cancel(23);
        await cancel(24);
        await sellOut(25);
      },
      async () => {
        await whenOnSale((await add(-2)).id);
        await cancel(0);
        await cancel(50);
        await sellOut(48);
      },
    ]);
    const gone = [24, 50].map(idOf);
    const stayed = shows.map(({ id }) => id).filter((id) => !gone.includes(id));
    expect(seen.map(({ id }) => id)).toEqual([...stayed, later]);
  });

  it('can be limited to a time', async () => {
    for (const day of [1, 2, 3]) await openShow({ title: `Timed ${day}`, startsAt: `2099-03-0${day}T20:00:00Z` });
    const q = 'timed';
    expect(await found({ q, from: '2099-03-02T21:00:00+01:00' })).toEqual(['Timed 2', 'Timed 3']);
    expect(await found({ q, from: '2099-03-02T20:00:00.001Z' })).toEqual(['Timed 3']);
    expect(await found({ q, to: '2099-03-02T20:00:00Z' })).toEqual(['Timed 1']);
    expect(await found({ q, from: '2099-03-02T00:00:00Z', to: '2099-03-03T00:00:00Z' })).toEqual(['Timed 2']);
    await search({ from: 'tomorrow' }).expect(400);
  });

  it('can be searched by the beginnings of words in title and venue', async () => {
    await openShow({ title: 'Der Rosenkavalier', venue: { name: 'Théâtre Rouge', address: '1 Quai Bleu, Lyon' } });
    for (const q of ['rosen', 'THEATRE rosenk', 'quai', 'lyon rouge']) {
      expect([q, await found({ q })]).toEqual([q, ['Der Rosenkavalier']]);
    }
    for (const q of ['kavalier', 'rosen zebra', '***']) expect([q, await found({ q })]).toEqual([q, []]);
    for (const q of ['\u3000', 'a\u0000b', '(?R)', '$where', '🎭', '\u200f', 'x '.repeat(100), '\u{10ffff}']) {
      expect([q, (await search({ q })).status]).toEqual([q, 200]);
    }
  });

  it('holds neither what is being prepared nor what has begun, and no labels of seats', async () => {
    const startsAt = new Date(parts.now().getTime() + 60_000).toISOString();
    const seated = { ...standing, quantity: 2, seats: ['A1', 'A2'] };
    const { id } = await openShow({ title: 'Matinee', startsAt, kinds: [seated] });
    expect((await search({ q: 'matinee' }).expect(200)).body).toEqual([
      expect.objectContaining({ id, kinds: [expect.not.objectContaining({ seats: expect.anything() })] }),
    ]);
    await parts.connection.collection('shows').updateOne({ _id: id } as object, { $set: { listed: false } });
    expect(await found({ q: 'matinee' })).toEqual([]);
    await parts.connection.collection('shows').updateOne({ _id: id } as object, { $set: { listed: true } });
    expect(await found({ q: 'matinee' })).toEqual(['Matinee']);
    parts.now.forward(60_000);
    expect(await found({ q: 'matinee' })).toEqual([]);
    const answer = await request(service.app).get(`/api/shows/${id}`).expect(200);
    expect(answer.body).toMatchObject({ over: true, kinds: [{ seated: true, left: 2 }] });
  });

  it.each([{ limit: 0 }, { limit: 101 }, { cursor: 'x' }, { cursor: 'a'.repeat(24) }, { page: 2 }])(
    'refuses a page that is none: %j',
    async (query) => {
      await search(query).expect(400);
    },
  );
});

describe('the shows of an organiser', () => {
  it('come newest first, whatever their state, and are for nobody else', async () => {
    const made = [];
    for (let n = 1; n <= 3; n++) made.unshift(await announceShow({ title: `Mine ${n}` }, 'impresario'));
    await announceShow({ title: 'Not mine' }, 'somebody');
    const mine: ListedShow[] = await allPages('/api/shows/mine?limit=2', 'impresario');
    expect(mine.map(({ id }) => id)).toEqual(made.map(({ id }) => id));
    await request(service.app).get('/api/shows/mine').expect(401);
  });

  it('say which of them have begun', async () => {
    const startsAt = new Date(parts.now().getTime() + 60_000).toISOString();
    await openShow({ startsAt }, 'impresaria');
    await openShow({}, 'impresaria');
    const over = async () => {
      const mine: ListedShow[] = await allPages('/api/shows/mine', 'impresaria');
      return mine.map((it) => it.over);
    };
    expect(await over()).toEqual([undefined, undefined]);
    parts.now.forward(60_000);
    expect(await over()).toEqual([undefined, true]);
  });
});

describe('a show is sold out, for everybody and on every page,', () => {
  /** Resolves once its organiser's list, the list of what is on and its own page say so, or none of them does. */
  const isSoldOut = (id: string, expected: true | undefined) =>
    eventually(async () => {
      const mine: ListedShow[] = await allPages('/api/shows/mine', 'diva');
      const all = [...mine, ...(await search({ q: 'arabella' }).expect(200)).body, await lookAt(id)];
      const seen = all.filter((it) => it.id === id).map(({ soldOut }) => soldOut);
      expect(seen).toEqual([expected, expected, expected]);
    });

  const openArabella = (kinds: object[]) => openShow({ title: 'Arabella', kinds }, 'diva');

  it('while all its tickets are reserved or sold', async () => {
    const show = await openArabella([{ ...standing, quantity: 2 }]);
    await isSoldOut(show.id, undefined);
    const [bought, reserved] = [orderOf(show, [1]), orderOf(show, [2])];
    const complete = { ...bought, version: 2, status: 'complete' } as const;
    await announce(parts.bus, OrderCompleted, complete);
    await eventually(async () => expect(await states(show)).toEqual(['sold', 'free']));
    await isSoldOut(show.id, undefined);
    await announce(parts.bus, OrderCreated, reserved);
    await isSoldOut(show.id, true);
    await announce(parts.bus, OrderCancelled, { ...reserved, version: 1, status: 'cancelled', reason: 'expired' });
    await isSoldOut(show.id, undefined);
    await announce(parts.bus, OrderCreated, orderOf(show, [2], { attempt: 2 }));
    await isSoldOut(show.id, true);
    const tickets = complete.tickets?.map((it) => ({ ...it, offeredAt: '2099-01-01T00:00:00.000Z' }));
    await announce(parts.bus, OrderOffered, { ...complete, version: 3, ...(tickets && { tickets }) });
    await isSoldOut(show.id, undefined);
  });

  it('unless some of another kind are left', async () => {
    const show = await openArabella([
      { ...standing, quantity: 1 },
      { ...standing, quantity: 1 },
    ]);
    await announce(parts.bus, OrderCreated, orderOf(show, [1]));
    await eventually(async () => expect((await lookAt(show.id)).kinds).toMatchObject([{ left: 0 }, { left: 1 }]));
    await isSoldOut(show.id, undefined);
  });

  it('unless it is paused', async () => {
    const show = await openArabella([{ ...standing, quantity: 1 }]);
    await announce(parts.bus, OrderCreated, orderOf(show, [1]));
    await isSoldOut(show.id, true);
    const pause = request(service.app).post(`/api/shows/${show.id}/pause`);
    await pause.set(as('diva')).expect(200);
    await isSoldOut(show.id, undefined);
  });
});

describe('the seats of a kind', () => {
  const seats = (id: string, kindId: string, more: object = {}) =>
    request(service.app)
      .get(`/api/shows/${id}/seats`)
      .query({ kindId, ...more });

  it('come in the order of the organiser, page by page', async () => {
    const labels = Array.from({ length: 5 }, (_, index) => `R${9 - index}`);
    const { id, kinds } = await openShow({ kinds: [standing, { ...standing, quantity: 5, seats: labels }] });
    const [unseated = '', seated = ''] = kinds.map((kind) => kind.id);
    const all: Seat[] = await allPages(`/api/shows/${id}/seats?kindId=${seated}&limit=2`);
    expect(all.map(({ label }) => label)).toEqual(labels);
    expect(new Set(all.map((seat) => seat.id)).size).toBe(5);
    expect(all.every(({ free }) => free)).toBe(true);
    expect((await seats(id, unseated).expect(200)).body).toEqual([]);
    await seats(id, 'f'.repeat(24)).expect(404);
    await seats(id, 'x').expect(400);
    await seats(id, seated, { cursor: '-1' }).expect(400);
    await request(service.app)
      .get(`/api/shows/${'f'.repeat(24)}/seats?kindId=${seated}`)
      .expect(404);
  });
});

describe('a show that cannot be read', () => {
  it('hides no other', async () => {
    const [good, bad] = [await openShow({ title: 'Intact 1' }), await openShow({ title: 'Intact 2' })];
    const shows = parts.connection.collection('shows');
    await shows.updateOne({ _id: bad.id } as object, { $set: { currency: 'kwd' } });
    await eventually(async () => expect(await found({ q: 'intact' })).toEqual([good.title]));
    await request(service.app).get(`/api/shows/${bad.id}`).expect(500);
    await shows.deleteOne({ _id: bad.id } as object);
  });
});
