import type { WaitingAnswer } from '@box-office/common/contracts/waiting';
import { eventually } from '@box-office/common/testing/eventually';
import { parts, replica, service, useOrders } from '../orders-under-test.ts';
import { askFor } from '../shows/shows-under-test.ts';
import { cancel, joined, now, ordersOf, soldOut, stored } from './waiting-under-test.ts';

useOrders();

const people = 30;

describe('thirty people in line, while tickets come free one by one', () => {
  it('are served once each, in order, and nobody who only tries again and again gets one', async () => {
    const { show, orders } = await soldOut(people);
    await Promise.all(
      Array.from({ length: people }, (_, n) => joined(show, 1, `person-${n}`, n % 2 ? service.app : replica.app)),
    );
    const line = () => stored().find({ showId: show.id }).sort({ number: 1 }).toArray();
    const servedOf = async () => (await line()).flatMap(({ state }, place) => (state === 'served' ? [place] : []));

    const hammering = new AbortController();
    let refusals = 0;
    const hammer = async (app: typeof service.app) => {
      while (!hammering.signal.aborted) {
        const { status, body } = await askFor(show, 1, 'outsider', app);
        expect([status, body.code]).toEqual([409, 'sold-out']);
        refusals++;
      }
    };
    const outsiders = [service, replica].map(({ app }) => hammer(app));

    const firstOf = (count: number) => Array.from({ length: count }, (_, place) => place);
    for (const [n, order] of orders.entries()) {
      await cancel(order, 'holder', n % 2 ? service.app : replica.app);
      const served = await servedOf();
      expect(served).toEqual(firstOf(served.length));
    }
    await eventually(async () => expect(await servedOf()).toEqual(firstOf(people)));
    hammering.abort();
    await Promise.all(outsiders);
    expect(refusals).toBeGreaterThan(0);

    for (const { userId } of await line()) expect(await ordersOf(String(userId), show)).toHaveLength(1);
    const claims = (
      await parts.connection.collection('orders').find({ showId: show.id, status: 'created' }).toArray()
    ).flatMap((order) => order.claims);
    expect([claims.length, new Set(claims).size]).toEqual([people, people]);
  });

  it('are served once each when all come free at once', async () => {
    const { show, orders } = await soldOut(10);
    const entries: WaitingAnswer[] = [];
    for (let n = 0; n < 20; n++) {
      entries.push(await joined(show, 1 + (n % 2), `person-${n}`, n % 3 ? service.app : replica.app));
    }
    await Promise.all(orders.map((order, n) => cancel(order, 'holder', n % 2 ? service.app : replica.app)));
    await eventually(async () => {
      const all = await Promise.all(entries.map(now));
      const served = all.filter(({ state }) => state === 'served');
      expect(served.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(10);
    });
    const made = await parts.connection.collection('orders').find({ showId: show.id, status: 'created' }).toArray();
    expect(new Set(made.map(({ userId }) => userId)).size).toBe(made.length);
  });
});
