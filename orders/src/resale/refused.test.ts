import request from 'supertest';
import { as, offer, onSale, parts, pay, reserve, service, useOrders } from '../orders-under-test.ts';
import { askFor, changeTo, inDays, kind, showOnSale } from '../shows/shows-under-test.ts';
import { idsOf, mine } from './resale-under-test.ts';

useOrders();

describe('an offer is refused', () => {
  it('to others, of other tickets, twice in one list, and before the order is complete', async () => {
    const ticket = await onSale();
    const order = await reserve(ticket, 'anna');
    expect((await offer(order, [ticket.id]).expect(409)).body.code).toBe('not-resellable');
    await offer(order, []).expect(200);
    const paid = await pay(order);
    await offer({ ...paid, userId: 'ben' }, [ticket.id]).expect(404);
    await offer({ ...paid, id: 'x' }, [ticket.id]).expect(404);
    await request(service.app).put(`/api/orders/${paid.id}/resale`).send({ tickets: [] }).expect(401);
    for (const tickets of [['x'], [ticket.id, ticket.id], 7]) {
      await request(service.app).put(`/api/orders/${paid.id}/resale`).set(as('anna')).send({ tickets }).expect(400);
    }
    expect(await mine(paid)).toEqual(paid);
  });

  it('once it has begun', async () => {
    const ticket = await onSale({ startsAt: inDays(1) });
    const order = await pay(await reserve(ticket, 'anna'));
    const copies = parts.connection.collection<{ _id: string }>('known-tickets');
    await copies.updateOne({ _id: ticket.id }, { $set: { startsAt: inDays(-1) } });
    expect((await offer(order, [ticket.id]).expect(409)).body.detail).toBe('It has already begun.');
    const show = await showOnSale([kind(1)]);
    const seat = await pay((await askFor(show, 1, 'anna').expect(201)).body);
    await changeTo({ ...show, version: 4, startsAt: inDays(-1) });
    expect((await offer(seat, idsOf(seat)).expect(409)).body.detail).toBe('It has already begun.');
  });
});
