import type { Order } from '@box-office/common/contracts/orders';
import { eventually } from '@box-office/common/testing/eventually';
import type request from 'supertest';
import { ask, cancel, offer, parts, pay, replica, service, useOrders } from '../orders-under-test.ts';
import { askFor, askForSeats, kind, row, showOnSale } from '../shows/shows-under-test.ts';
import { collection, ended, idsOf, mine, onOffer, stored } from './resale-under-test.ts';

useOrders();

describe('of many who want the same ticket at the same moment, and its holder who takes it back', () => {
  const names = Array.from({ length: 20 }, (_, n) => `buyer-${n}`);

  async function race(first: Order, buy: (name: string, n: number) => Promise<request.Response>) {
    const both = [service, replica];
    const [back, ...answers] = await Promise.all([
      offer(first, [], both[Math.floor(Math.random() * 2)]?.app).then((answer) => answer),
      ...names.map(buy),
    ]);
    const bought = answers.filter((answer) => answer.status === 201).map((answer) => answer.body as Order);
    expect([back?.status, bought.length]).toEqual(bought.length === 1 ? [409, 1] : [200, 0]);
    return bought;
  }

  it('exactly one has a single ticket', async () => {
    for (let round = 0; round < 6; round++) {
      const { ticket, first } = await onOffer();
      const buy = (name: string, n: number) => ask(ticket.id, name, (n % 2 ? service : replica).app).then((it) => it);
      const [order] = await race(first, buy);
      if (!order) continue;
      await (round % 2 ? pay(order) : cancel(order));
      await eventually(async () => {
        const [it] = (await mine(first)).tickets ?? [];
        expect(round % 2 ? it?.ended : it?.attempt).toBe(round % 2 ? 'resold' : 3);
      });
    }
  });

  it('exactly one has a seat of a show', async () => {
    const show = await showOnSale([kind(1, { seats: row(1) })]);
    let first = await pay((await askFor(show, 1, 'anna').expect(201)).body);
    const [seat = ''] = idsOf(first);
    for (let round = 0; round < 6; round++) {
      await offer(first, [seat]).expect(200);
      const app = (n: number) => (n % 2 ? service : replica).app;
      const [order] = await race(first, (name, n) =>
        (n % 3 ? askFor(show, 1, name, app(n)) : askForSeats(show, [seat], name, app(n))).then((it) => it),
      );
      if (!order) continue;
      const old = first;
      first = await pay(order);
      await ended(old, 'resold');
    }
    const holders = await collection().find({ showId: show.id, status: 'complete' }).toArray();
    const theirs = holders.flatMap((order) => order.tickets.map((it) => it.ended));
    expect(theirs.filter((end) => end === null)).toHaveLength(1);
  });
});

describe('a process that dies between two writes', () => {
  const ago = (ms: number) => new Date(parts.now().getTime() - ms).toISOString();

  /** What it leaves: the order has ended, and those who had its tickets do not know. */
  async function endsWithout(order: Order, how: object, unsettled = ago(10_000)): Promise<void> {
    await collection().updateOne({ _id: order.id }, { $set: { ...how, unsettled }, $inc: { version: 1 } } as object);
  }

  it('leaves an order that was completed, and the sweep ends the ticket of its first buyer', async () => {
    const { ticket, first } = await onOffer();
    const second = (await ask(ticket.id, 'ben').expect(201)).body;
    await endsWithout(second, { status: 'complete' });
    await ended(first, 'resold');
    await eventually(async () => expect((await stored(second))?.unsettled).toBeUndefined());
    expect(await stored(second)).toMatchObject({ settled: true, status: 'complete' });
  });

  it('is of a release that settles nothing, and the sweep ends the ticket once the time to pay is over', async () => {
    const { ticket, first } = await onOffer();
    const second = (await ask(ticket.id, 'ben').expect(201)).body;
    await collection().updateOne({ _id: second.id }, { $set: { status: 'complete' }, $inc: { version: 1 } } as object);
    const passed = { $set: { unsettled: ago(10_000) } };
    const { matchedCount } = await collection().updateOne({ _id: second.id, unsettled: second.expiresAt }, passed);
    expect(matchedCount).toBe(1);
    await ended(first, 'resold');
    await eventually(async () => expect((await stored(second))?.unsettled).toBeUndefined());
  });

  it('leaves an order that was cancelled, and the sweep gives the ticket back to its first buyer', async () => {
    const { ticket, first } = await onOffer();
    const second = (await ask(ticket.id, 'ben').expect(201)).body;
    await endsWithout(second, { status: 'cancelled', reason: 'expired' });
    await eventually(async () => expect((await mine(first)).tickets).toMatchObject([{ attempt: 3 }]));
    await eventually(async () => expect((await stored(second))?.unsettled).toBeUndefined());
  });

  it('leaves a cancelled order, and another buys the ticket before the sweep', async () => {
    const { ticket, first } = await onOffer();
    const second = (await ask(ticket.id, 'ben').expect(201)).body;
    await endsWithout(second, { status: 'cancelled', reason: 'expired' }, ago(-600_000));
    const third = (await ask(ticket.id, 'carla', replica.app).expect(201)).body;
    await collection().updateOne({ _id: second.id }, { $set: { unsettled: ago(10_000) } });
    await eventually(async () => expect((await stored(second))?.unsettled).toBeUndefined());
    expect((await mine(first)).tickets).toMatchObject([{ attempt: 1, offeredAt: expect.any(String) }]);
    await pay(third);
    await ended(first, 'resold');
  });
});
