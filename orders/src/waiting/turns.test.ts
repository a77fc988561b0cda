import { replica, service, useOrders } from '../orders-under-test.ts';
import { askFor, askForSeats, kind, kindOf, order, row, showOnSale, unitsOf } from '../shows/shows-under-test.ts';
import { cancel, joined, now, soldOut, stop, waitFor } from './waiting-under-test.ts';

// Nobody is served meanwhile.
useOrders(undefined, { everyMs: 0 });

const giveBack = (given: Parameters<typeof cancel>[0], buyer = 'holder') => cancel(given, buyer, replica.app);
const apps = () => [service.app, replica.app];

describe('while somebody waits for a ticket that is free', () => {
  it('nobody else gets it, and is told that it is sold out', async () => {
    const { show, orders } = await soldOut(2);
    await joined(show, 1, 'anna');
    await giveBack(orders[0]);
    for (const app of apps()) {
      const { body } = await askFor(show, 1, 'ben', app).expect(409);
      expect(body).toMatchObject({ code: 'sold-out', left: [{ kindId: kindOf(show).id, left: 0 }] });
      expect((await askFor(show, 2, 'ben', app).expect(409)).body.code).toBe('sold-out');
    }
  });

  it('nobody else gets it by choosing the seat', async () => {
    const show = await showOnSale([kind(2, { seats: row(2) })]);
    const seats = unitsOf(show, 2);
    const { body } = await askForSeats(show, seats, 'holder').expect(201);
    await joined(show, 2, 'anna');
    await giveBack(body);
    for (const app of apps()) {
      expect((await askForSeats(show, seats.slice(0, 1), 'ben', app).expect(409)).body.code).toBe('sold-out');
    }
  });

  it('nobody gets a part of what is enough for them, also where their release was not heard of', async () => {
    const { show, orders } = await soldOut(3);
    await joined(show, 2, 'anna');
    await giveBack(orders[0]);
    await giveBack(orders[1]);
    for (const app of apps()) await askFor(show, 1, 'ben', app).expect(409);
  });

  it('others get tickets of another kind', async () => {
    const show = await showOnSale([kind(1), kind(5, { name: 'Circle' })]);
    const [stalls, circle] = [kindOf(show).id, kindOf(show, 1).id];
    const held = await askFor(show, 1, 'holder').expect(201);
    await joined(show, 1, 'anna');
    await giveBack(held.body);
    await order({ showId: show.id, lines: [{ kindId: circle, quantity: 1 }] }, 'ben').expect(201);
    const both = [stalls, circle].map((kindId) => ({ kindId, quantity: 1 }));
    const { body } = await order({ showId: show.id, lines: both }, 'ben').expect(409);
    expect(body).toMatchObject({
      code: 'sold-out',
      detail: '“Stalls” is sold out.',
      left: [
        { kindId: stalls, left: 0 },
        { kindId: circle, left: 4 },
      ],
    });
  });

  it('others join the line behind them', async () => {
    const { show, orders } = await soldOut(2);
    await joined(show, 1, 'anna');
    await giveBack(orders[0]);
    const ben = await waitFor(show, 1, 'ben', replica.app).expect(201);
    expect(ben.body.position).toBe(2);
  });

  it('they may order it themselves, which ends their waiting', async () => {
    const { show, orders } = await soldOut(3);
    const anna = await joined(show, 2, 'anna');
    await giveBack(orders[0]);
    await askFor(show, 1, 'anna').expect(201);
    expect(await now(anna)).toMatchObject({ state: 'waiting', position: 1 });
    await giveBack(orders[1]);
    await giveBack(orders[2]);
    const { body } = await askFor(show, 2, 'anna', replica.app).expect(201);
    expect(await now(anna)).toMatchObject({ state: 'served', orderId: body.id });
  });

  it('others get it once they no longer wait', async () => {
    const { show, orders } = await soldOut(1);
    const anna = await joined(show, 1, 'anna');
    await giveBack(orders[0]);
    await askFor(show, 1, 'ben').expect(409);
    await stop(anna).expect(200);
    await askFor(show, 1, 'ben').expect(201);
  });
});

describe('while somebody waits for more than there is', () => {
  it('others get what is left, and they keep their place', async () => {
    const { show, orders } = await soldOut(3);
    const anna = await joined(show, 3, 'anna');
    await giveBack(orders[0]);
    for (const app of apps()) {
      const { body } = await askFor(show, 1, 'ben', app).expect(201);
      await giveBack(body, 'ben');
    }
    expect(await now(anna)).toMatchObject({ state: 'waiting', position: 1 });
  });
});
