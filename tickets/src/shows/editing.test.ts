import { OrderCreated } from '@box-office/common/contracts/orders';
import { numbersOf, type ShowAnswer, ShowCancelled, ShowChanged } from '@box-office/common/contracts/shows';
import { announce, announced } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import { newId } from '@box-office/common/testing/parts';
import request from 'supertest';
import { as, parts, service, useTickets } from '../tickets-under-test.ts';
import { announceShow, lookAt, openShow, orderOf, standing, states, unit } from './shows-under-test.ts';

useTickets();

const put = (id: string, body: object, organiser = 'organiser') =>
  request(service.app).put(`/api/shows/${id}`).set(as(organiser)).send(body);
const step = (id: string, name: string, organiser = 'organiser') =>
  request(service.app).post(`/api/shows/${id}/${name}`).set(as(organiser));
const kindId = (show: ShowAnswer) => show.kinds[0]?.id ?? '';
const wanted = (show: ShowAnswer, quantity: number) => ({ kinds: [{ id: kindId(show), quantity }] });

/** Waits until the job has done what an edit asked for. */
const settled = (show: ShowAnswer, quantity: number, made: number) =>
  eventually(async () => {
    const now = await lookAt(show.id);
    expect(now.kinds[0]).toMatchObject({ quantity, made });
    const changes = (await announced(parts.bus, ShowChanged)).filter(({ id }) => id === show.id);
    const last = changes.at(-1);
    expect(last?.version).toBe(now.version);
    expect([...numbersOf(last?.kinds[0] ?? { made: 0 })]).toHaveLength(quantity);
    return last;
  });

describe('editing a show', () => {
  it('leaves what it does not name, raises the version and announces the whole show', async () => {
    const show = await openShow({ description: 'Bizet', perPerson: 4 });
    const answer = await put(show.id, { title: 'Aida', kinds: [{ id: kindId(show), price: 3000 }] })
      .set('If-Match', `"${show.version}"`)
      .expect(200);
    expect(answer.body).toMatchObject({ title: 'Aida', description: 'Bizet', perPerson: 4, version: show.version + 1 });
    expect(answer.body.kinds).toEqual([{ id: kindId(show), made: 4, ...standing, price: 3000 }]);
    expect(answer.headers.etag).toBe(`"${show.version + 1}"`);
    await eventually(async () => expect(await announced(parts.bus, ShowChanged)).toContainEqual(answer.body));
    const found = await request(service.app).get('/api/shows').query({ q: 'aida' }).expect(200);
    expect(found.body.map(({ id }: { id: string }) => id)).toContain(show.id);
  });

  it('is refused to anybody else, for what is not there, with faults, and when the version moved', async () => {
    const show = await openShow();
    await put(show.id, { title: 'Aida' }, 'somebody').expect(403);
    await put(newId(), { title: 'Aida' }).expect(404);
    await put(show.id, { title: 'Aida' }).set('If-Match', '"99"').expect(412);
    await put(show.id, {}).expect(400);
    await put(show.id, { currency: 'usd' }).expect(400);
    const { body } = await put(show.id, { kinds: [{ id: kindId(show), price: 1 }] }).expect(400);
    expect(body.errors).toMatchObject([{ field: 'kinds.0.price' }]);
    expect((await lookAt(show.id)).version).toBe(show.version);
  });

  it('moves the show in the list', async () => {
    const show = await openShow({ title: 'Movable' });
    await put(show.id, { startsAt: '2099-12-24T20:00:00Z', timeZone: 'Europe/Oslo' }).expect(200);
    const from = '2099-12-24T19:00:00Z';
    const { body } = await request(service.app).get('/api/shows').query({ q: 'movable', from }).expect(200);
    expect(body).toMatchObject([{ id: show.id, startsAt: '2099-12-24T20:00:00.000Z', timeZone: 'Europe/Oslo' }]);
  });
});

describe('more tickets', () => {
  it('are made, and others hear of them when they are there', async () => {
    const show = await openShow();
    await put(show.id, wanted(show, 7)).expect(200);
    const last = await settled(show, 7, 7);
    expect(last).toMatchObject({ state: 'on-sale', kinds: [{ quantity: 7, made: 7 }] });
    expect(await states(show)).toEqual(Array(7).fill('free'));
  });

  it('of a kind with seats have labels', async () => {
    const show = await openShow({ kinds: [{ ...standing, quantity: 2, seats: ['A1', 'A2'] }] });
    await put(show.id, wanted(show, 3)).expect(400);
    await put(show.id, { kinds: [{ id: kindId(show), addSeats: ['A2'] }] }).expect(400);
    await put(show.id, { kinds: [{ id: kindId(show), addSeats: ['A3'] }] }).expect(200);
    await settled(show, 3, 3);
    const seats = await request(service.app)
      .get(`/api/shows/${show.id}/seats`)
      .query({ kindId: kindId(show) });
    expect(seats.body.map(({ label }: { label: string }) => label)).toEqual(['A1', 'A2', 'A3']);
  });
});

describe('fewer tickets', () => {
  it('are those with the highest numbers that nobody holds', async () => {
    const show = await openShow();
    await announce(parts.bus, OrderCreated, orderOf(show, [2, 4]));
    await eventually(async () => expect(await states(show)).toEqual(['free', 'live', 'free', 'live']));
    const { body } = await put(show.id, wanted(show, 1)).expect(409);
    expect(body).toMatchObject({ code: 'fewer-than-held', detail: expect.stringContaining('2 are reserved or sold') });
    await put(show.id, wanted(show, 3)).expect(200);
    const last = await settled(show, 3, 4);
    expect(last?.kinds[0]?.removed).toEqual([{ first: 3, last: 3 }]);
    await eventually(async () => expect(await states(show)).toEqual(['free', 'live', 'removed', 'live']));
    await eventually(async () => expect((await lookAt(show.id)).kinds[0]?.left).toBe(1));
  });

  it('are put back before others are made', async () => {
    const show = await openShow();
    await put(show.id, wanted(show, 2)).expect(200);
    await eventually(async () => expect(await states(show)).toEqual(['free', 'free', 'removed', 'removed']));
    await put(show.id, wanted(show, 5)).expect(200);
    const last = await settled(show, 5, 5);
    expect(last?.kinds[0]).not.toHaveProperty('removed');
    expect(await states(show)).toEqual(Array(5).fill('free'));
  });

  it('remain if orders sold them at the same moment', async () => {
    const show = await openShow();
    await put(show.id, wanted(show, 2)).expect(200);
    await eventually(async () => expect(await states(show)).toEqual(['free', 'free', 'removed', 'removed']));
    const order = orderOf(show, [3]);
    await announce(parts.bus, OrderCreated, order);
    await eventually(async () => expect(await unit(show, 3)).toMatchObject({ state: 'live' }));
    // Wakes the job, which would find it later anyway: the sold one stays, and another one goes.
    await announceShow();
    await eventually(async () => expect(await states(show)).toEqual(['free', 'removed', 'live', 'removed']));
    const last = await settled(show, 2, 4);
    expect(last?.kinds[0]?.removed).toEqual([
      { first: 2, last: 2 },
      { first: 4, last: 4 },
    ]);
    expect(await unit(show, 3)).not.toHaveProperty('clash');
  });
});

describe('pausing, resuming and cancelling a show', () => {
  it('is announced, and what is paused stays in the list and says so', async () => {
    const show = await openShow({ title: 'Interrupted' });
    const state = async () => {
      const { body } = await request(service.app).get('/api/shows?q=interrupted').expect(200);
      return body.map((it: ShowAnswer) => it.state);
    };
    expect((await step(show.id, 'pause').expect(200)).body.state).toBe('paused');
    expect(await state()).toEqual(['paused']);
    await step(show.id, 'pause').expect(200);
    await step(show.id, 'resume', 'somebody').expect(403);
    expect((await step(show.id, 'resume').expect(200)).body.state).toBe('on-sale');
    expect(await state()).toEqual(['on-sale']);
    await step(show.id, 'cancel', 'somebody').expect(403);
    await step(show.id, 'cancel').set('If-Match', '"0"').expect(412);
    const cancelled = await step(show.id, 'cancel').expect(200);
    expect(cancelled.body.state).toBe('cancelled');
    expect(await state()).toEqual([]);
    expect((await step(show.id, 'resume').expect(409)).body.code).toBe('show-cancelled');
    expect((await put(show.id, { title: 'Aida' }).expect(409)).body.code).toBe('show-cancelled');
    await step(show.id, 'cancel').expect(200);
    await eventually(async () => {
      expect(await announced(parts.bus, ShowCancelled)).toEqual([cancelled.body]);
      const changes = (await announced(parts.bus, ShowChanged)).filter(({ id }) => id === show.id);
      expect(changes.map((it) => it.state)).toEqual(['on-sale', 'paused', 'on-sale']);
    });
  });

  it('stops the making of its tickets', async () => {
    const { id } = await announceShow();
    await step(id, 'cancel').expect(200);
    await step(id, 'nonsense').expect(404);
    await request(service.app).get(`/api/shows/${id}/cancel`).expect(405);
    expect((await lookAt(id)).state).toBe('cancelled');
  });
});
