import request from 'supertest';
import { as, ask, onSale, reserve, service, useOrders } from './orders-under-test.ts';
import { askFor, kind, showOnSale } from './shows/shows-under-test.ts';
import { waitFor } from './waiting/waiting-under-test.ts';

useOrders({ liveOrders: 3, unpaidPerDay: 2 });

/** Guests of one address, each with an id of its own, and the person who has proved that address. */
const guest = (id: string, address = 'a@example.com') => `${id};limit=${address}`;
const whoProved = (guestId: string, address = 'a@example.com') => `anna;also=${guestId};limit=${address}`;

const get = (path: string, caller: string) => request(service.app).get(path).set(as(caller));

describe('what a guest bought', () => {
  it('belongs to the person who has proved the address, in every way', async () => {
    const order = await reserve(await onSale(), guest('guest-1', 'one@example.com'));
    const person = whoProved('guest-1', 'one@example.com');
    expect((await get(`/api/orders/${order.id}`, person).expect(200)).body).toEqual(order);
    expect((await get('/api/orders', person).expect(200)).body).toEqual([order]);
    await request(service.app).put(`/api/orders/${order.id}/resale`).set(as(person)).send({ tickets: [] }).expect(200);
    await request(service.app).delete(`/api/orders/${order.id}`).set(as(person)).expect(200);
  });

  it('is listed with what the person bought, newest first, page by page', async () => {
    const person = whoProved('guest-2', 'two@example.com');
    const [first, second, third] = [
      await reserve(await onSale(), guest('guest-2', 'two@example.com')),
      await reserve(await onSale(), person),
      await reserve(await onSale(), guest('guest-2', 'two@example.com')),
    ];
    const page = await get('/api/orders?limit=2', person).expect(200);
    expect(page.body.map(({ id }: { id: string }) => id)).toEqual([third.id, second.id]);
    const next = String(page.headers.link).match(/<([^>]+)>/)?.[1] ?? '';
    expect((await get(next, person).expect(200)).body.map(({ id }: { id: string }) => id)).toEqual([first.id]);
  });

  it('belongs to nobody else, and the guest has nothing of the person', async () => {
    const order = await reserve(await onSale(), guest('guest-3', 'three@example.com'));
    const own = await reserve(await onSale(), whoProved('guest-3', 'three@example.com'));
    for (const [id, caller] of [
      [order.id, 'somebody'],
      [order.id, guest('guest-4', 'three@example.com')],
      [own.id, guest('guest-3', 'three@example.com')],
    ] as const) {
      await get(`/api/orders/${id}`, caller).expect(404);
      await request(service.app).delete(`/api/orders/${id}`).set(as(caller)).expect(404);
    }
  });
});

describe('a guest with a new id', () => {
  it('cannot have more tickets of a show than one person may', async () => {
    const show = await showOnSale([kind(40, { price: 0 })], { perPerson: 2 });
    await askFor(show, 1, guest('new-1', 'five@example.com')).expect(201);
    await askFor(show, 1, guest('new-2', 'five@example.com')).expect(201);
    const third = await askFor(show, 1, guest('new-3', 'five@example.com')).expect(409);
    expect(third.body.code).toBe('limit-reached');
    await askFor(show, 1, whoProved('new-1', 'five@example.com')).expect(409);
    await askFor(show, 2, guest('new-4', 'six@example.com')).expect(201);
  });

  it('cannot have more orders to pay than one person may', async () => {
    for (const id of ['live-1', 'live-2', 'live-3']) await reserve(await onSale(), guest(id, 'seven@example.com'));
    const { body } = await ask((await onSale()).id, guest('live-4', 'seven@example.com')).expect(409);
    expect(body.code).toBe('limit-reached');
  });

  it('cannot take the same ticket again and again without paying', async () => {
    const ticket = await onSale();
    for (const id of ['again-1', 'again-2']) {
      const order = await reserve(ticket, guest(id, 'eight@example.com'));
      await request(service.app).delete(`/api/orders/${order.id}`).set(as(id)).expect(200);
    }
    const { body } = await ask(ticket.id, guest('again-3', 'eight@example.com')).expect(409);
    expect(body.code).toBe('limit-reached');
  });

  it('cannot wait twice in a line', async () => {
    const show = await showOnSale([kind(1, { price: 0 })]);
    await askFor(show, 1, 'holder').expect(201);
    await waitFor(show, 1, guest('line-1', 'nine@example.com')).expect(201);
    const { body } = await waitFor(show, 1, guest('line-2', 'nine@example.com')).expect(409);
    expect(body.code).toBe('already-waiting');
  });
});
