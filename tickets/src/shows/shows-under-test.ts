import type { Order } from '@box-office/common/contracts/orders';
import type { Show, ShowAnswer } from '@box-office/common/contracts/shows';
import { unitId } from '@box-office/common/derived-id';
import { eventually } from '@box-office/common/testing/eventually';
import { newId } from '@box-office/common/testing/parts';
import request from 'supertest';
import { as, parts, service } from '../tickets-under-test.ts';
import type { StoredUnit } from './unit.ts';

export const units = () => parts.connection.collection<StoredUnit>('units');

export const standing = { name: 'Standing', price: 2500, quantity: 4 };

export const plan = (more: object = {}) => ({
  title: 'Carmen',
  venue: { name: 'Arena' },
  timeZone: 'Europe/Rome',
  startsAt: '2099-06-01T21:00:00+02:00',
  kinds: [standing],
  ...more,
});

export const post = (body: object, organiser = 'organiser') =>
  request(service.app).post('/api/shows').set(as(organiser)).send(body);

export async function announceShow(more: object = {}, organiser?: string): Promise<Show> {
  return (await post(plan(more), organiser).expect(201)).body;
}

export const lookAt = async (id: string): Promise<ShowAnswer> =>
  (await request(service.app).get(`/api/shows/${id}`).expect(200)).body;

export const whenOnSale = (id: string, withinMs?: number): Promise<ShowAnswer> =>
  eventually(async () => {
    const show = await lookAt(id);
    if (show.state !== 'on-sale') throw new Error(`the show is still ${show.state}`);
    return show;
  }, withinMs);

/** Announces a show and waits until it is on sale. */
export async function openShow(more: object = {}, organiser?: string): Promise<ShowAnswer> {
  return whenOnSale((await announceShow(more, organiser)).id);
}

/** The numbers of the tickets of a kind that are stored, in order. */
export async function numbersStored(kindId: string): Promise<number[]> {
  const found = units().find({ kindId }).sort({ number: 1 });
  return (await found.toArray()).map(({ number }) => number);
}

/** An order for tickets with these numbers of the first kind of a show. */
export function orderOf(show: ShowAnswer, numbers: readonly number[], more: Partial<Order> = {}): Order {
  const [kind] = show.kinds;
  if (!kind) throw new Error('the show has no kinds');
  const { id: kindId, name, price } = kind;
  const attempt = more.attempt ?? 1;
  const tickets = numbers.map((n) => ({ id: unitId(show.id, kindId, n), attempt, price, kindId, kind: name }));
  const total = price * numbers.length;
  return {
    ...{ id: newId(), version: 0, userId: 'buyer', status: 'created', showId: show.id, attempt, tickets, total },
    expiresAt: new Date().toISOString(),
    ticket: { id: tickets[0]?.id ?? '', title: show.title, price: total, currency: show.currency },
    ...more,
  };
}

export async function unit(show: ShowAnswer, number: number): Promise<StoredUnit> {
  const found = await units().findOne({ _id: unitId(show.id, show.kinds[0]?.id ?? '', number) });
  if (!found) throw new Error(`there is no ticket ${number}`);
  return found;
}

/** Of the tickets of the first kind, by their numbers. */
export const states = async (show: ShowAnswer) =>
  (
    await units()
      .find({ kindId: show.kinds[0]?.id ?? '' })
      .sort({ number: 1 })
      .toArray()
  ).map(({ state }) => state);
