import type { Order } from '@box-office/common/contracts/orders';
import type { Show } from '@box-office/common/contracts/shows';
import type { WaitingAnswer } from '@box-office/common/contracts/waiting';
import { eventually } from '@box-office/common/testing/eventually';
import request from 'supertest';
import { as, parts, service } from '../orders-under-test.ts';
import { askFor, kind, kindOf, showOnSale } from '../shows/shows-under-test.ts';

export interface SoldOut {
  readonly show: Show;
  /** One for each ticket. */
  readonly orders: readonly Order[];
}

/** A show with so many tickets of one kind, each held by an order of its own. */
export async function soldOut(quantity: number, more: Partial<Show> = {}): Promise<SoldOut> {
  const show = await showOnSale([kind(quantity)], more);
  const orders: Order[] = [];
  for (let n = 0; n < quantity; n++) orders.push((await askFor(show, 1, 'holder').expect(201)).body);
  return { show, orders };
}

export const cancel = (order: Pick<Order, 'id'> | undefined, buyer = 'holder', app = service.app) =>
  request(app).delete(`/api/orders/${order?.id}`).set(as(buyer)).expect(200);

export const waitFor = (show: Show, quantity: number, person: string, app = service.app, index = 0) =>
  request(app)
    .post('/api/waiting-list')
    .set(as(person))
    .send({ showId: show.id, kindId: kindOf(show, index).id, quantity });

export async function joined(show: Show, quantity: number, person: string, app = service.app): Promise<WaitingAnswer> {
  return (await waitFor(show, quantity, person, app).expect(201)).body;
}

export const ask = ({ id, userId }: Pick<WaitingAnswer, 'id' | 'userId'>, app = service.app) =>
  request(app).get(`/api/waiting-list/${id}`).set(as(userId));

export async function now(entry: Pick<WaitingAnswer, 'id' | 'userId'>): Promise<WaitingAnswer> {
  return (await ask(entry).expect(200)).body;
}

/** Resolves with the entry once it is like this. */
export async function becomes(entry: WaitingAnswer, expected: Partial<WaitingAnswer>): Promise<WaitingAnswer> {
  let found = entry;
  await eventually(async () => {
    found = await now(entry);
    expect(found).toMatchObject(expected);
  });
  return found;
}

export const stop = ({ id, userId }: Pick<WaitingAnswer, 'id' | 'userId'>, person = userId, app = service.app) =>
  request(app).delete(`/api/waiting-list/${id}`).set(as(person));

export async function ordersOf(person: string, show: Show): Promise<Order[]> {
  const { body } = await request(service.app).get('/api/orders').query({ showId: show.id }).set(as(person)).expect(200);
  return body;
}

interface Stored {
  _id: string;
  version: number;
  [field: string]: unknown;
}

export const stored = () => parts.connection.collection<Stored>('waiting');
