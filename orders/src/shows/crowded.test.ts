import type { Order } from '@box-office/common/contracts/orders';
import { ticketsOf } from '@box-office/common/contracts/orders';
import request from 'supertest';
import { as, parts, replica, service, useOrders } from '../orders-under-test.ts';
import { askFor, askForSeats, kind, kindOf, row, showOnSale, unitsOf } from './shows-under-test.ts';

useOrders();

interface Answer {
  readonly buyer: string;
  readonly quantity: number;
  readonly status: number;
  readonly body: Order & { readonly code?: string; readonly left?: { readonly left: number }[] };
}

/** So many buyers at once, half of them at each replica. */
const crowd = (count: number, ask: (buyer: string, app: typeof service.app, n: number) => request.Test) =>
  Promise.all(
    Array.from({ length: count }, async (_, n): Promise<Answer> => {
      const buyer = `buyer-${n}`;
      const { status, body } = await ask(buyer, n % 2 ? service.app : replica.app, n);
      return { buyer, quantity: quantityOf(n), status, body };
    }),
  );

const quantityOf = (n: number) => 1 + (n % 4);
const heldBy = (answers: readonly Answer[]) =>
  answers.filter(({ status }) => status === 201).flatMap(({ body }) => ticketsOf(body).map(({ id }) => id));
const codesOf = (answers: readonly Answer[]) =>
  new Set(answers.filter(({ status }) => status !== 201).map(({ body }) => body.code));

describe('fifty buyers at once', () => {
  it('hold each of thirty tickets once, whole orders only, and are refused only because too few are left', async () => {
    const show = await showOnSale([kind(30)]);
    const answers = await crowd(50, (buyer, app, n) => askFor(show, quantityOf(n), buyer, app));
    const held = heldBy(answers);
    expect(new Set(held).size).toBe(held.length);
    for (const { status, quantity, body } of answers) {
      if (status === 201) expect(ticketsOf(body)).toHaveLength(quantity);
      else expect(body.left?.[0]?.left).toBeLessThan(quantity);
    }
    expect([...codesOf(answers)]).toEqual(['sold-out']);
    // What is left is too little for the smallest order that was refused.
    const least = Math.min(...answers.filter(({ status }) => status !== 201).map(({ quantity }) => quantity));
    expect(30 - held.length).toBeLessThan(least);
    for (let left = 30 - held.length; left > 0; left--) await askFor(show, 1, 'last').expect(201);
    const stored = await parts.connection.collection('orders').find({ showId: show.id }).toArray();
    const claims = stored.flatMap((order) => order.claims);
    expect([claims.length, new Set(claims).size]).toEqual([30, 30]);
  });

  it('hold what others give back meanwhile, at the next attempt', async () => {
    const show = await showOnSale([kind(30)]);
    const answers = await crowd(60, (buyer, app, n) => askFor(show, quantityOf(n), buyer, app));
    const made = answers.filter(({ status }) => status === 201);
    const [back, kept] = [made.filter((_, n) => n % 2), made.filter((_, n) => n % 2 === 0)];
    const [more] = await Promise.all([
      crowd(60, (buyer, app) => askFor(show, 1, `late-${buyer}`, app)),
      ...back.map(({ body, buyer }) =>
        request(service.app).delete(`/api/orders/${body.id}`).set(as(buyer)).expect(200),
      ),
    ]);
    const held = [...heldBy(kept), ...heldBy(more)];
    expect(new Set(held).size).toBe(held.length);
    expect([...codesOf(more)]).toEqual(held.length < 30 + 60 ? ['sold-out'] : []);
    for (let left = 30 - held.length; left > 0; left--) await askFor(show, 1, 'last').expect(201);
    await askFor(show, 1, 'last', replica.app).expect(409);
  });

  it('hold each seat once, and are told which of theirs others have', async () => {
    const show = await showOnSale([kind(30, { seats: row(30) })]);
    const ids = unitsOf(show, 30);
    const choice = (n: number) => ids.slice((5 * n) % 28, ((5 * n) % 28) + 3);
    const answers = await crowd(50, (buyer, app, n) => askForSeats(show, choice(n), buyer, app));
    const held = heldBy(answers);
    expect(held.length).toBeGreaterThan(0);
    expect(new Set(held).size).toBe(held.length);
    expect([...codesOf(answers)]).toEqual(['seat-taken']);
    for (const [n, { status, body }] of answers.entries()) {
      if (status === 201) continue;
      const { seats = [] } = body as { seats?: string[] };
      expect(seats.length).toBeGreaterThan(0);
      for (const seat of seats) expect([choice(n), held].every((all) => all.includes(seat))).toBe(true);
    }
  });

  it('of two who want the same seat, let one through', async () => {
    const show = await showOnSale([kind(40, { seats: row(40) })]);
    const ids = unitsOf(show, 40);
    for (let n = 0; n < 10; n++) {
      const [one, two, three] = ids.slice(4 * n, 4 * n + 3);
      const answers = await Promise.all([
        askForSeats(show, [`${one}`, `${two}`], 'anna', service.app),
        askForSeats(show, [`${two}`, `${three}`], 'ben', n % 2 ? replica.app : service.app),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
      expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({ code: 'seat-taken', seats: [two] });
    }
  });

  it('get through in orders of two kinds that exclude each other', async () => {
    const show = await showOnSale([kind(10), kind(10, { name: 'Circle' })]);
    const kinds = [kindOf(show).id, kindOf(show, 1).id];
    const lines = (n: number) => (n % 2 ? kinds : kinds.toReversed()).map((kindId) => ({ kindId, quantity: 1 }));
    const answers = await crowd(30, (buyer, app, n) =>
      request(app)
        .post('/api/orders')
        .set(as(buyer))
        .send({ showId: show.id, lines: lines(n) }),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(10);
    expect([...codesOf(answers)]).toEqual(['sold-out']);
  });
});
