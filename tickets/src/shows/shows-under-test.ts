import type { Show, ShowAnswer } from '@box-office/common/contracts/shows';
import { eventually } from '@box-office/common/testing/eventually';
import request from 'supertest';
import { as, parts, service } from '../tickets-under-test.ts';

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
  const units = parts.connection.collection<{ number: number }>('units').find({ kindId }).sort({ number: 1 });
  return (await units.toArray()).map(({ number }) => number);
}
