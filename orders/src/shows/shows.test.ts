import { OrderCompleted, OrderCreated } from '@box-office/common/contracts/orders';
import { type Show, ShowChanged } from '@box-office/common/contracts/shows';
import { announce, announced } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import { newId } from '@box-office/common/testing/parts';
import request from 'supertest';
import {
  announcementsOf,
  as,
  authorize,
  parts,
  replica,
  service,
  show as shown,
  status,
  useOrders,
  windowMs,
} from '../orders-under-test.ts';
import {
  askFor,
  askForSeats,
  changeTo,
  inDays,
  kind,
  kindOf,
  order,
  row,
  showOnSale,
  unannounced,
  unitsOf,
} from './shows-under-test.ts';

useOrders();

const cancel = (id: string, buyer = 'buyer', app = service.app) =>
  request(app).delete(`/api/orders/${id}`).set(as(buyer)).expect(200);

describe('an order of several tickets', () => {
  it('has all of them, each at the price of its kind', async () => {
    const show = await showOnSale([kind(10), kind(5, { name: 'Circle', price: 900 })]);
    const [stalls, circle] = [kindOf(show), kindOf(show, 1)];
    const lines = [
      { kindId: stalls.id, quantity: 2 },
      { kindId: circle.id, quantity: 1 },
    ];
    const { body } = await order({ showId: show.id, lines }).expect(201);
    expect(body).toMatchObject({
      ...{ version: 0, status: 'created', userId: 'buyer', sellerId: 'organiser', attempt: 1 },
      ...{ showId: show.id, total: 3_900, currency: 'eur' },
      ticket: { title: 'Hamlet', venue: 'The Globe', startsAt: show.startsAt, price: 3_900, timeZone: 'Europe/London' },
    });
    const inStalls = { id: expect.any(String), attempt: 1, price: 1_500, kindId: stalls.id, kind: 'Stalls' };
    const inCircle = { id: expect.any(String), attempt: 1, price: 900, kindId: circle.id, kind: 'Circle' };
    expect(body.tickets).toEqual([inStalls, inStalls, inCircle]);
    expect(body.ticket.id).toBe(body.tickets[0].id);
    const mine = await request(service.app).get('/api/orders').query({ showId: show.id }).set(as('buyer')).expect(200);
    expect(mine.body).toEqual([body]);
    for (const { id: ticketId } of body.tickets) {
      const found = await request(service.app).get('/api/orders').query({ ticketId }).set(as('buyer')).expect(200);
      expect(found.body).toEqual([body]);
    }
    await eventually(async () => expect(await announced(parts.bus, OrderCreated)).toContainEqual(body));
  });

  it('is for the seats that were chosen', async () => {
    const show = await showOnSale([kind(5, { seats: row(5) })]);
    const [, second = '', , fourth = ''] = unitsOf(show, 4);
    const { body } = await askForSeats(show, [fourth, second]).expect(201);
    expect(body.tickets).toMatchObject([
      { id: fourth, seat: 'A4' },
      { id: second, seat: 'A2' },
    ]);
    const any = await askFor(show, 3).expect(201);
    const seats = any.body.tickets.map(({ seat }: { seat: string }) => seat);
    expect(seats.toSorted()).toEqual(['A1', 'A3', 'A5']);
  });

  it('can be made as soon as the show is announced', async () => {
    const shows = [unannounced([kind(2)]), unannounced([kind(2)])];
    const asked = shows.map((show, n) =>
      askFor(show, 1, 'buyer', n ? service.app : replica.app).then((it) => it.status),
    );
    // At once: both are waited for already, and not for long.
    await Promise.all(shows.map((show) => announce(parts.bus, ShowChanged, show)));
    expect(await Promise.all(asked)).toEqual([201, 201]);
  });

  it('ends with the sale of its tickets, or when the show begins, at the latest', async () => {
    const soon = (ms: number) => new Date(parts.now().getTime() + ms).toISOString();
    const salesUntil = soon(windowMs / 2);
    const closing = await askFor(await showOnSale([kind(2, { salesUntil })]), 1).expect(201);
    expect(closing.body.expiresAt).toBe(salesUntil);
    const startsAt = soon(windowMs / 3);
    const beginning = await askFor(await showOnSale([kind(2)], { startsAt }), 1).expect(201);
    expect(beginning.body.expiresAt).toBe(startsAt);
  });

  it('gives its tickets back when it is cancelled, to any replica, at their next attempt', async () => {
    const show = await showOnSale([kind(3, { seats: row(3) })]);
    const { body } = await askFor(show, 3, 'anna').expect(201);
    const refusal = await askFor(show, 1, 'ben', replica.app).expect(409);
    expect(refusal.body.code).toBe('sold-out');
    await cancel(body.id, 'anna');
    const next = await askFor(show, 2, 'ben', replica.app).expect(201);
    expect(next.body.tickets).toMatchObject([{ attempt: 2 }, { attempt: 2 }]);
    const rest = unitsOf(show, 3).filter((id) => next.body.tickets.every((ticket: { id: string }) => ticket.id !== id));
    const third = await askForSeats(show, rest, 'carla', service.app).expect(201);
    expect(third.body.tickets).toMatchObject([{ attempt: 2 }]);
  });

  it('is at the prices, and among the tickets, that the show has now', async () => {
    const show = await showOnSale([kind(1)]);
    await askFor(show, 1, 'anna').expect(201);
    const bigger = kindOf(show);
    await changeTo({ ...show, version: 4, kinds: [{ ...bigger, price: 2_000, quantity: 3, made: 3 }] });
    const { body } = await askFor(show, 2, 'ben').expect(201);
    expect(body.total).toBe(4_000);
    const removed = [{ first: 1, last: 4 }];
    await changeTo({ ...show, version: 5, kinds: [{ ...bigger, quantity: 1, made: 5, removed }] });
    expect((await askFor(show, 2, 'ben').expect(409)).body.left).toEqual([{ kindId: bigger.id, left: 1 }]);
    await askFor(show, 1, 'ben').expect(201);
  });
});

describe('an order that costs nothing', () => {
  it('is complete at once, and announced as that alone', async () => {
    const show = await showOnSale([kind(2, { price: 0 })]);
    const { body } = await askFor(show, 2).expect(201);
    expect(body).toMatchObject({ status: 'complete', version: 0, total: 0, ticket: { price: 0 } });
    await eventually(async () => expect(await announced(parts.bus, OrderCompleted)).toContainEqual(body));
    expect(await announcementsOf(body)).toEqual([body]);
    expect((await askFor(show, 1, 'ben').expect(409)).body.code).toBe('sold-out');
  });
});

describe('a refusal', () => {
  it('because too few are left says how many of each kind there are, and holds nothing', async () => {
    const show = await showOnSale([kind(3), kind(5, { name: 'Circle' })]);
    const [stalls, circle] = [kindOf(show).id, kindOf(show, 1).id];
    await askFor(show, 2, 'anna').expect(201);
    const lines = [
      { kindId: circle, quantity: 5 },
      { kindId: stalls, quantity: 2 },
    ];
    const ask = (app = service.app) => order({ showId: show.id, lines }, 'ben', app).set('Idempotency-Key', show.id);
    const refusal = {
      ...{ code: 'sold-out', detail: 'Only 1 ticket of “Stalls” left.' },
      left: [
        { kindId: stalls, left: 1 },
        { kindId: circle, left: 5 },
      ],
    };
    expect((await ask().expect(409)).body).toMatchObject(refusal);
    expect((await ask(replica.app).expect(409)).body).toMatchObject(refusal);
    await order({ showId: show.id, lines: [{ kindId: circle, quantity: 5 }] }, 'carla').expect(201);
  });

  it('because of a seat says which, and holds nothing', async () => {
    const show = await showOnSale([kind(4, { seats: row(4) })]);
    const [one = '', two = '', three = '', four = ''] = unitsOf(show, 4);
    await askForSeats(show, [two, three], 'anna').expect(201);
    for (const { app } of [service, replica]) {
      const { body } = await askForSeats(show, [one, two, three], 'ben', app).expect(409);
      expect([body.code, body.seats.toSorted()]).toEqual(['seat-taken', [two, three].toSorted()]);
    }
    await askForSeats(show, [one, four], 'carla', replica.app).expect(201);
  });

  const ago = () => inDays(-1);
  const refused: [string, () => Partial<Show>, number, string][] = [
    ['preparing', () => ({ state: 'preparing' }), 409, 'not-on-sale'],
    ['paused', () => ({ state: 'paused' }), 409, 'not-on-sale'],
    ['cancelled', () => ({ state: 'cancelled' }), 409, 'not-on-sale'],
    ['over', () => ({ startsAt: ago() }), 409, 'show-over'],
    ['the buyer’s own', () => ({ userId: 'buyer' }), 409, 'own-ticket'],
    ['not sold yet', () => ({ kinds: [kind(9, { salesFrom: inDays(1) })] }), 409, 'not-on-sale'],
    ['no longer sold', () => ({ kinds: [kind(9, { salesUntil: ago() })] }), 409, 'not-on-sale'],
    ['sold one by one', () => ({ kinds: [kind(9, { maxPerOrder: 1 })] }), 409, 'limit-reached'],
    ['one for each person', () => ({ perPerson: 1 }), 409, 'limit-reached'],
    ['cheaper than Stripe allows', () => ({ kinds: [kind(9, { price: 1 })] }), 409, 'price-not-payable'],
  ];
  it.each(refused)('is what buyers of a show get that is %s', async (_, more, expected, code) => {
    const show = await showOnSale([kind(9, { seats: row(9) })], more());
    expect((await askFor(show, 2).expect(expected)).body.code).toBe(code);
    if (!kindOf(show).seats) return;
    expect((await askForSeats(show, unitsOf(show, 2)).expect(expected)).body.code).toBe(code);
  });

  it('is what a show, a kind and a seat get that nobody knows', async () => {
    const show = await showOnSale([kind(2, { seats: row(2) }), kind(2)]);
    await askFor({ ...show, id: newId().replace(/^.{8}/, '00000000') }, 1).expect(404);
    await askFor({ ...show, id: 'x' }, 1).expect(404);
    await order({ showId: show.id, lines: [{ kindId: newId(), quantity: 1 }] }).expect(404);
    await askForSeats(show, [newId()]).expect(404);
    await askForSeats(show, unitsOf({ ...show, kinds: [kindOf(show, 1)] }, 1)).expect(404);
  });

  it.each([
    [{}, 'ticketId'],
    [{ showId: 'S' }, 'lines'],
    [{ showId: 'S', ticketId: 'T', lines: [{ kindId: 'K', quantity: 1 }] }, 'ticketId'],
    [{ showId: 'S', seats: ['U'], lines: [{ kindId: 'K', quantity: 1 }] }, 'lines'],
    [{ ticketId: 'T', seats: ['U'] }, 'seats'],
    [{ showId: 'S', seats: ['U', 'U'] }, 'seats'],
    [{ showId: 'S', seats: [] }, 'seats'],
    [{ showId: 'S', seats: Array.from({ length: 51 }, (_, n) => `${n}`) }, 'seats'],
    [{ showId: 'S', lines: [] }, 'lines'],
    [{ showId: 'S', lines: [{ kindId: 'K', quantity: 0 }] }, 'lines.0.quantity'],
    [{ showId: 'S', lines: [{ kindId: 'K', quantity: 1.5 }] }, 'lines.0.quantity'],
    [{ showId: 'S', lines: [{ kindId: 'K', quantity: 51 }] }, 'lines.0.quantity'],
    [{ showId: 'S', lines: ['K', 'L'].map((kindId) => ({ kindId, quantity: 26 })) }, 'lines'],
    [{ showId: 'S', lines: ['K', 'K'].map((kindId) => ({ kindId, quantity: 1 })) }, 'lines'],
  ])('is what the body %j gets', async (body, field) => {
    const answer = await order(body).expect(400);
    expect(answer.body.errors.map((error: { field: string }) => error.field)).toContain(field);
  });
});

describe('a cancelled show', () => {
  it('ends the orders that are not being paid', async () => {
    const show = await showOnSale([kind(4)]);
    const [open, paying] = [await askFor(show, 2, 'buyer').expect(201), await askFor(show, 1, 'buyer').expect(201)];
    await authorize(paying.body);
    await status(paying.body.id, { status: 'awaiting:payment' });
    await changeTo({ ...show, version: 4, state: 'cancelled' });
    await status(open.body.id, { status: 'cancelled', reason: 'withdrawn' });
    expect(await shown(paying.body.id)).toMatchObject({ status: 'awaiting:payment' });
  });

  it('is not paid for by an order that was made at the same moment', async () => {
    const show = await showOnSale([kind(4)]);
    const { body } = await askFor(show, 1).expect(201);
    const known = parts.connection.collection<{ _id: string }>('known-shows');
    await known.updateOne({ _id: show.id }, { $set: { state: 'cancelled', version: 4 } });
    await authorize(body);
    await status(body.id, { status: 'cancelled', reason: 'withdrawn' });
  });
});
