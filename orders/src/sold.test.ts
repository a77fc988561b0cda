import { eventually } from '@box-office/common/testing/eventually';
import { newId } from '@box-office/common/testing/parts';
import request from 'supertest';
import { fillInSold } from './fill-in-sold.ts';
import {
  as,
  authorize,
  capture,
  onSale,
  parts,
  reserve,
  service,
  show as shown,
  status,
  useOrders,
} from './orders-under-test.ts';
import { askFor, kind, showOnSale } from './shows/shows-under-test.ts';

useOrders();

const sold = (showId: string, name = 'organiser', more: object = {}) =>
  request(service.app)
    .get('/api/orders/sold')
    .query({ showId, ...more })
    .set(as(name));
const one = (id: string, name = 'organiser') => request(service.app).get(`/api/orders/sold/${id}`).set(as(name));

describe('the orders of what I sell', () => {
  it('are those that are complete, a page at a time, and do not say who the buyer is', async () => {
    const [show, other] = [await showOnSale([kind(9, { price: 0 })]), await showOnSale([kind(9, { price: 0 })])];
    const [first, second, third] = [await askFor(show, 2), await askFor(show, 1), await askFor(show, 3)];
    await askFor(other, 1).expect(201);
    const ids = [first, second, third].map(({ body }) => body.id).sort();

    const { body, headers } = await sold(show.id, 'organiser', { limit: 2 }).expect(200);
    expect(body.map(({ id }: { id: string }) => id)).toEqual([ids[2], ids[1]]);
    const next = /<([^>]+)>; rel="next"/.exec(String(headers.link))?.[1] ?? '';
    const rest = await request(service.app).get(next).set(as('organiser')).expect(200);
    expect(rest.body.map(({ id }: { id: string }) => id)).toEqual([ids[0]]);
    expect(rest.headers.link).toBeUndefined();

    const { userId: _, traceparent: __, ...facts } = await shown(first.body.id);
    expect((await one(first.body.id).expect(200)).body).toEqual(facts);
  });

  it('are listed although a release before completed them, which did not write what they are listed by', async () => {
    const show = await showOnSale([kind(5, { price: 0 })]);
    const ids = [await askFor(show, 2), await askFor(show, 1)].map(({ body }) => body.id);
    const documents = parts.connection.collection<{ _id: string }>('orders');
    await documents.updateMany({ _id: { $in: ids } }, { $unset: { sold: '' } });
    expect((await sold(show.id).expect(200)).body).toEqual([]);
    const job = fillInSold(parts);
    await eventually(async () => expect((await sold(show.id).expect(200)).body).toHaveLength(2));
    await job.stop();
  });

  it('are not listed before they are paid', async () => {
    const show = await showOnSale([kind(5)]);
    const { body: order } = await askFor(show, 1).expect(201);
    expect((await sold(show.id).expect(200)).body).toEqual([]);
    await one(order.id).expect(404);
    await authorize(order);
    await status(order.id, { status: 'awaiting:payment' });
    expect((await sold(show.id).expect(200)).body).toEqual([]);
    await capture(order);
    await eventually(async () => expect((await sold(show.id).expect(200)).body).toMatchObject([{ id: order.id }]));
  });

  it('are not the business of anybody else', async () => {
    const show = await showOnSale([kind(5, { price: 0 })]);
    const { body: order } = await askFor(show, 1).expect(201);
    expect((await sold(show.id, 'somebody').expect(200)).body).toEqual([]);
    for (const name of ['somebody', 'buyer']) await one(order.id, name).expect(404);
    await one(newId()).expect(404);
    await sold('nothing').expect(400);
    await request(service.app).get('/api/orders/sold').set(as('organiser')).expect(400);
    await request(service.app).get(`/api/orders/sold/${order.id}`).expect(401);
  });

  it('are found one by one for single tickets too', async () => {
    const order = await reserve(await onSale({ price: 0 }));
    expect((await one(order.id, 'seller').expect(200)).body).toMatchObject({ id: order.id, status: 'complete' });
  });
});
