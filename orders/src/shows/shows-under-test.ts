import { type Kind, type Show, ShowCancelled, ShowChanged } from '@box-office/common/contracts/shows';
import { unitId } from '@box-office/common/derived-id';
import { announce } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import { newId } from '@box-office/common/testing/parts';
import request from 'supertest';
import { as, parts, service } from '../orders-under-test.ts';

export const kind = (quantity: number, more: Partial<Kind> = {}): Kind => ({
  ...{ id: newId(), name: 'Stalls', price: 1500, quantity, made: quantity },
  ...more,
});

/** The labels of a row of seats: A1, A2, … */
export const row = (count: number): string[] => Array.from({ length: count }, (_, index) => `A${index + 1}`);

export const inDays = (days: number): string => new Date(parts.now().getTime() + days * 24 * 3_600_000).toISOString();

export const unannounced = (kinds: readonly Kind[], more: Partial<Show> = {}): Show => ({
  ...{ id: newId(), version: 3, userId: 'organiser', state: 'on-sale', title: 'Hamlet' },
  ...{ venue: { name: 'The Globe' }, timeZone: 'Europe/London', startsAt: inDays(30), currency: 'eur' },
  kinds: [...kinds],
  ...more,
});

/** A show that orders knows. */
export async function showOnSale(kinds: readonly Kind[], more: Partial<Show> = {}): Promise<Show> {
  const show = unannounced(kinds, more);
  await changeTo(show);
  return show;
}

/** Resolves once orders knows it. */
export async function changeTo(show: Show): Promise<void> {
  await announce(parts.bus, show.state === 'cancelled' ? ShowCancelled : ShowChanged, show);
  const known = parts.connection.collection<{ _id: string }>('known-shows');
  await eventually(async () => expect(await known.findOne({ _id: show.id })).toMatchObject({ version: show.version }));
}

export const kindOf = (show: Show, index = 0): Kind => {
  const found = show.kinds[index];
  if (!found) throw new Error(`the show has no kind ${index}`);
  return found;
};

/** The ids of the first tickets of the first kind. */
export const unitsOf = (show: Show, count: number): string[] =>
  Array.from({ length: count }, (_, index) => unitId(show.id, kindOf(show).id, index + 1));

export const order = (body: object, buyer = 'buyer', app = service.app) =>
  request(app).post('/api/orders').set(as(buyer)).send(body);

/** Asks for that many of the first kind. */
export const askFor = (show: Show, quantity: number, buyer = 'buyer', app = service.app) =>
  order({ showId: show.id, lines: [{ kindId: kindOf(show).id, quantity }] }, buyer, app);

export const askForSeats = (show: Show, seats: readonly string[], buyer = 'buyer', app = service.app) =>
  order({ showId: show.id, seats }, buyer, app);
