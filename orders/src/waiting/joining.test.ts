import type { Show } from '@box-office/common/contracts/shows';
import { WaitingJoined, WaitingLeft } from '@box-office/common/contracts/waiting';
import { announced } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import { newId } from '@box-office/common/testing/parts';
import request from 'supertest';
import { as, parts, replica, service, useOrders } from '../orders-under-test.ts';
import { askFor, inDays, kind, kindOf, showOnSale } from '../shows/shows-under-test.ts';
import { ask, cancel, joined, now, soldOut, stop, waitFor } from './waiting-under-test.ts';

useOrders(undefined, { mostLines: 2 });

const list = (person: string, query = {}) =>
  request(service.app).get('/api/waiting-list').query(query).set(as(person)).expect(200);

const codes = (answers: readonly request.Response[]) => answers.map(({ body, status }) => body.code ?? status).sort();

describe('joining a line', () => {
  it('puts people behind those who came before, whichever process they asked, and is announced', async () => {
    const { show } = await soldOut(1);
    const anna = await joined(show, 1, 'anna');
    const { id: kindId, name } = kindOf(show);
    expect(anna).toEqual({
      ...{ id: expect.any(String), version: 0, showId: show.id, kindId, kind: name, title: 'Hamlet' },
      ...{ quantity: 1, userId: 'anna', state: 'waiting', position: 1 },
    });
    const ben = await joined(show, 1, 'ben', replica.app);
    const carla = await joined(show, 1, 'carla');
    expect([ben.position, carla.position]).toEqual([2, 3]);
    const { position: _, ...announcement } = anna;
    await eventually(async () => expect(await announced(parts.bus, WaitingJoined)).toContainEqual(announcement));
  });

  it('gives thirty people who come at once a place each', async () => {
    const { show } = await soldOut(1);
    const entries = await Promise.all(
      Array.from({ length: 30 }, (_, n) => joined(show, 1, `person-${n}`, n % 2 ? service.app : replica.app)),
    );
    const positions = await Promise.all(entries.map(async (entry) => (await now(entry)).position));
    expect(new Set(positions)).toEqual(new Set(Array.from({ length: 30 }, (_, n) => n + 1)));
  });

  it('is possible once for each kind, however often it is asked for at once', async () => {
    const { show } = await soldOut(2);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => waitFor(show, 1 + (n % 2), 'dora', n % 3 ? service.app : replica.app)),
    );
    expect(codes(answers)).toEqual([201, ...Array(9).fill('already-waiting')]);
    expect((await list('dora')).body).toHaveLength(1);
  });

  it('is possible for so many kinds at a time, however many are asked for at once', async () => {
    const shows = await Promise.all(Array.from({ length: 6 }, () => soldOut(1)));
    const answers = await Promise.all(
      shows.map(({ show }, n) => waitFor(show, 1, 'emil', n % 2 ? service.app : replica.app)),
    );
    expect(codes(answers)).toEqual([201, 201, ...Array(4).fill('limit-reached')]);
    const [entry] = (await list('emil')).body;
    await stop(entry).expect(200);
    const refused = shows[answers.findIndex(({ status }) => status === 409)];
    if (!refused) throw new Error('somebody was refused');
    await joined(refused.show, 1, 'emil');
  });

  it('is answered the same when it is repeated with the same key', async () => {
    const { show } = await soldOut(1);
    const key = newId();
    const once = () => waitFor(show, 1, 'frida').set('Idempotency-Key', key);
    const { body } = await once().expect(201);
    expect((await once().expect(201)).body).toEqual(body);
    const answer = await once().expect('Idempotency-Replayed', 'true');
    expect(answer.headers.location).toBe(`/api/waiting-list/${body.id}`);
  });
});

describe('a refusal to wait', () => {
  it('is what people get who can buy, unless others wait for what is left', async () => {
    const { show, orders } = await soldOut(3);
    await cancel(orders[0]);
    await cancel(orders[1], 'holder', replica.app);
    for (const quantity of [1, 2]) {
      for (const { app } of [service, replica]) {
        const { body } = await waitFor(show, quantity, 'anna', app).expect(409);
        expect(body).toMatchObject({ code: 'still-available', detail: expect.stringContaining('2 tickets') });
      }
    }
    await joined(show, 3, 'anna');
    expect((await waitFor(show, 1, 'ben').expect(409)).body.code).toBe('still-available');
  });

  const ago = () => inDays(-1);
  const refused: [string, () => Partial<Show>, string][] = [
    ['preparing', () => ({ state: 'preparing' }), 'not-on-sale'],
    ['paused', () => ({ state: 'paused' }), 'not-on-sale'],
    ['cancelled', () => ({ state: 'cancelled' }), 'not-on-sale'],
    ['over', () => ({ startsAt: ago() }), 'show-over'],
    ['their own', () => ({ userId: 'anna' }), 'own-ticket'],
    ['not sold yet', () => ({ kinds: [kind(9, { salesFrom: inDays(1) })] }), 'not-on-sale'],
    ['no longer sold', () => ({ kinds: [kind(9, { salesUntil: ago() })] }), 'not-on-sale'],
    ['sold one by one', () => ({ kinds: [kind(9, { maxPerOrder: 1 })] }), 'limit-reached'],
    ['one for each person', () => ({ perPerson: 1 }), 'limit-reached'],
    ['smaller than that', () => ({ kinds: [kind(1)] }), 'limit-reached'],
    ['cheaper than Stripe allows', () => ({ kinds: [kind(9, { price: 1 })] }), 'price-not-payable'],
    ['not sold out', () => ({}), 'still-available'],
  ];
  it.each(refused)('is what people get for a show that is %s', async (_, more, code) => {
    const show = await showOnSale([kind(9)], more());
    expect((await waitFor(show, 2, 'anna').expect(409)).body.code).toBe(code);
  });

  it('is what people get for a show or kind that nobody knows', async () => {
    const { show } = await soldOut(1);
    await waitFor({ ...show, id: newId().replace(/^.{8}/, '00000000') }, 1, 'anna').expect(404);
    await waitFor({ ...show, kinds: [kind(1)] }, 1, 'anna').expect(404);
    await waitFor({ ...show, id: '%00' }, 1, 'anna').expect(404);
  });

  it.each([
    [{}, 'showId'],
    [{ showId: 'S', kindId: 'K', quantity: 0 }, 'quantity'],
    [{ showId: 'S', kindId: 'K', quantity: 1.5 }, 'quantity'],
    [{ showId: 'S', kindId: 'K', quantity: 51 }, 'quantity'],
    [{ showId: 'S', kindId: 7, quantity: 1 }, 'kindId'],
    [{ showId: 'S', kindId: 'K', quantity: 1, position: 1 }, 'position'],
  ])('is what the body %j gets', async (body, field) => {
    const answer = await request(service.app).post('/api/waiting-list').set(as('anna')).send(body).expect(400);
    expect(JSON.stringify(answer.body.errors)).toContain(field);
  });
});

describe('an entry', () => {
  it('is its person’s alone', async () => {
    const { show } = await soldOut(1);
    const entry = await joined(show, 1, 'gina');
    const stranger = { ...entry, userId: 'stranger' };
    await ask(stranger).expect(404);
    await stop(stranger).expect(404);
    expect((await list('stranger')).body).toEqual([]);
    expect(await now(entry)).toEqual(entry);
    await stop(entry).expect(200);
  });

  it('ends when its person leaves, who may join again at the end of the line', async () => {
    const { show } = await soldOut(1);
    const first = await joined(show, 1, 'hans');
    const second = await joined(show, 1, 'ida');
    const { body } = await stop(first, 'hans', replica.app).expect(200);
    expect(body).toMatchObject({ state: 'left', version: 1 });
    expect(body.position).toBeUndefined();
    expect((await now(second)).position).toBe(1);
    expect((await stop(first).expect(200)).body).toEqual(body);
    await eventually(async () => expect(await announced(parts.bus, WaitingLeft)).toContainEqual(body));
    const again = await joined(show, 1, 'hans');
    expect([again.position, again.id === first.id]).toEqual([2, false]);
    expect((await list('hans', { showId: show.id })).body).toEqual([again, body]);
  });

  it('is listed on pages, newest first', async () => {
    const shows = [await soldOut(1), await soldOut(1)];
    const entries = [];
    for (const { show } of shows) entries.push(await joined(show, 1, 'jan'));
    const page = await list('jan', { limit: 1 });
    expect(page.body).toEqual([entries[1]]);
    const [, next = ''] = /<([^>]+)>; rel="next"/.exec(page.headers.link ?? '') ?? [];
    const rest = await request(service.app).get(next).set(as('jan')).expect(200);
    expect(rest.body).toEqual([entries[0]]);
    expect((await list('jan', { showId: shows[0]?.show.id })).body).toEqual([entries[0]]);
  });

  it('needs a sold-out kind only when somebody joins', async () => {
    const { show, orders } = await soldOut(2);
    const entry = await joined(show, 2, 'karl');
    await cancel(orders[0]);
    expect(await now(entry)).toMatchObject({ state: 'waiting', position: 1 });
    await askFor(show, 1, 'lena').expect(201);
  });
});
