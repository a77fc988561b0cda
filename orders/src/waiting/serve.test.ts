import { WaitingOver, WaitingServed } from '@box-office/common/contracts/waiting';
import { announced } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import { offer, parts, pay, replica, show as shown, status, useOrders, waitingWindowMs } from '../orders-under-test.ts';
import { askFor, changeTo, inDays, kind, kindOf, showOnSale, unitsOf } from '../shows/shows-under-test.ts';
import { orderIdFor } from './entry.ts';
import { becomes, cancel, joined, now, ordersOf, soldOut, stop, stored, waitFor } from './waiting-under-test.ts';

useOrders({ liveOrders: 0, unpaidPerDay: 0 });

describe('a ticket that comes free', () => {
  it('is held for the first in line, with more time to pay than others have, which is announced', async () => {
    const { show, orders } = await soldOut(1);
    const [anna, ben] = [await joined(show, 1, 'anna'), await joined(show, 1, 'ben', replica.app)];
    await cancel(orders[0]);
    const served = await becomes(anna, { state: 'served', orderId: orderIdFor(anna) });
    expect(served.position).toBeUndefined();
    const [order] = await ordersOf('anna', show);
    expect(order).toMatchObject({ id: served.orderId, status: 'created', userId: 'anna', total: 1_500 });
    const heldMs = Date.parse(order?.expiresAt ?? '') - parts.now().getTime();
    expect(heldMs).toBeGreaterThan(waitingWindowMs - 10_000);
    expect(heldMs).toBeLessThanOrEqual(waitingWindowMs);
    expect(await now(ben)).toMatchObject({ state: 'waiting', position: 1 });
    await eventually(async () => expect(await announced(parts.bus, WaitingServed)).toContainEqual(served));
  });

  it('is held until the end of its sale at the latest', async () => {
    const { show, orders } = await soldOut(1);
    const anna = await joined(show, 1, 'anna');
    const salesUntil = new Date(parts.now().getTime() + waitingWindowMs / 2).toISOString();
    await changeTo({ ...show, version: 4, kinds: [{ ...kindOf(show), salesUntil }] });
    await cancel(orders[0]);
    await becomes(anna, { state: 'served' });
    expect((await ordersOf('anna', show))[0]?.expiresAt).toBe(salesUntil);
  });

  it('goes past those who want more, who keep their place', async () => {
    const { show, orders } = await soldOut(3);
    const [three, two, one, other] = [
      await joined(show, 3, 'anna'),
      await joined(show, 2, 'ben'),
      await joined(show, 1, 'carla'),
      await joined(show, 1, 'dora'),
    ];
    await cancel(orders[0]);
    const served = await becomes(one, { state: 'served' });
    expect(await now(three)).toMatchObject({ state: 'waiting', position: 1 });
    expect(await now(other)).toMatchObject({ state: 'waiting', position: 3 });
    await stop(two).expect(200);
    await stop(other).expect(200);
    await cancel({ id: served.orderId ?? '' }, 'carla', replica.app);
    await cancel(orders[1], 'holder', replica.app);
    await cancel(orders[2]);
    await becomes(three, { state: 'served' });
    expect((await ordersOf('anna', show))[0]?.tickets).toHaveLength(3);
  });

  it('is not for those behind who want fewer, if there are enough for the first', async () => {
    const show = await showOnSale([kind(3)]);
    const held = await askFor(show, 3, 'holder').expect(201);
    const [three, two, one] = [
      await joined(show, 3, 'anna'),
      await joined(show, 2, 'ben'),
      await joined(show, 1, 'carla'),
    ];
    await cancel(held.body);
    await becomes(three, { state: 'served' });
    expect([await now(two), await now(one)]).toMatchObject([{ position: 1 }, { position: 2 }]);
  });

  it('goes to the next in line if it is not paid for; who did not pay may join again tomorrow', async () => {
    const { show, orders } = await soldOut(1);
    const [anna, ben] = [await joined(show, 1, 'anna'), await joined(show, 1, 'ben')];
    await cancel(orders[0]);
    const { orderId = '' } = await becomes(anna, { state: 'served' });
    parts.now.forward(waitingWindowMs + 3_000);
    await status(orderId, { status: 'cancelled', reason: 'expired' }, 'anna');
    const bens = await becomes(ben, { state: 'served' });
    expect(await now(anna)).toMatchObject({ state: 'served', orderId });
    const { body } = await waitFor(show, 1, 'anna', replica.app).expect(409);
    expect(body).toMatchObject({ code: 'limit-reached', detail: expect.stringContaining('tomorrow') });
    // Paid, or else it would come free, too, once a day has passed.
    await pay(await shown(bens.orderId ?? '', 'ben'));
    parts.now.forward(86_400_000);
    expect((await joined(show, 1, 'anna')).position).toBe(1);
  });

  it('is made more of by the organiser, too', async () => {
    const { show } = await soldOut(1);
    const anna = await joined(show, 1, 'anna');
    await changeTo({ ...show, version: 4, kinds: [{ ...kindOf(show), quantity: 2, made: 2 }] });
    await becomes(anna, { state: 'served' });
  });

  it('may be one that its holder sells on, who gets the money back once it is paid', async () => {
    const show = await showOnSale([kind(1)]);
    const sold = await pay((await askFor(show, 1, 'holder').expect(201)).body);
    const [anna, ticketId = ''] = [await joined(show, 1, 'anna'), ...unitsOf(show, 1)];
    await offer(sold, [ticketId]).expect(200);
    const { orderId = '' } = await becomes(anna, { state: 'served' });
    expect((await askFor(show, 1, 'ben').expect(409)).body.code).toBe('sold-out');
    await pay(await shown(orderId, 'anna'));
    await eventually(async () => expect((await shown(sold.id, 'holder')).tickets?.[0]?.ended).toBe('resold'));
  });

  it('is theirs at once if it costs nothing', async () => {
    const { show } = await soldOut(1);
    const anna = await joined(show, 1, 'anna');
    await changeTo({ ...show, version: 4, kinds: [{ ...kindOf(show), price: 0, quantity: 2, made: 2 }] });
    const { orderId = '' } = await becomes(anna, { state: 'served' });
    await status(orderId, { status: 'complete' }, 'anna');
  });
});

describe('a process that dies after it made an order for somebody', () => {
  it.each(['is still held', 'was given back'])('leaves them with that order and no other, if it %s', async (what) => {
    const { show, orders } = await soldOut(2);
    const anna = await joined(show, 1, 'anna');
    const before = await stored().findOne({ _id: anna.id });
    await cancel(orders[0]);
    const { orderId = '' } = await becomes(anna, { state: 'served' });
    if (what === 'was given back') await cancel({ id: orderId }, 'anna');
    // As it was stored before the process could say that the order was made.
    const after = await stored().findOne({ _id: anna.id });
    const version = (after?.version ?? 0) + 1;
    await stored().replaceOne({ _id: anna.id }, { ...before, isTried: true, trying: true, version });
    await becomes(anna, { state: 'served', orderId });
    expect(await ordersOf('anna', show)).toHaveLength(1);
  });
});

describe('somebody who leaves although their turn had come once', () => {
  it('is not served any more, and the next in line is', async () => {
    const { show, orders } = await soldOut(2);
    const [anna, ben] = [await joined(show, 1, 'anna'), await joined(show, 1, 'ben')];
    // As a process leaves it that dies before it makes the order.
    await stored().updateOne({ _id: anna.id }, { $set: { isTried: true, trying: true, version: 1 } });
    expect((await stop(anna).expect(200)).body).toMatchObject({ state: 'left' });
    await cancel(orders[0]);
    await becomes(ben, { state: 'served' });
    expect(await ordersOf('anna', show)).toEqual([]);
    expect(
      await parts.connection.collection<{ _id: string }>('orders').findOne({ _id: orderIdFor(anna) }),
    ).toMatchObject({
      barred: true,
    });
  });

  it('keeps the order that was made meanwhile', async () => {
    const { show, orders } = await soldOut(2);
    const anna = await joined(show, 1, 'anna');
    await cancel(orders[0]);
    const served = await becomes(anna, { state: 'served' });
    expect((await stop(anna).expect(200)).body).toEqual(served);
  });
});

describe('a process that dies after it barred the order of somebody', () => {
  it('does not keep those behind from being served', async () => {
    const { show, orders } = await soldOut(1);
    const [anna, ben] = [await joined(show, 1, 'anna'), await joined(show, 1, 'ben')];
    await parts.connection.collection<{ _id: string }>('orders').insertOne(barredDocument(orderIdFor(anna)));
    await stored().updateOne({ _id: anna.id }, { $set: { isTried: true, trying: true, version: 1 } });
    await cancel(orders[0]);
    await becomes(ben, { state: 'served' });
    await becomes(anna, { state: 'left' });
    expect(await ordersOf('anna', show)).toEqual([]);
  });
});

describe('a line is over', () => {
  it('when the show is cancelled, for all who wait', async () => {
    const { show } = await soldOut(1);
    const entries = [await joined(show, 1, 'anna'), await joined(show, 1, 'ben')];
    await changeTo({ ...show, version: 4, state: 'cancelled' });
    for (const entry of entries) {
      const over = await becomes(entry, { state: 'over', reason: 'show-cancelled' });
      await eventually(async () => expect(await announced(parts.bus, WaitingOver)).toContainEqual(over));
    }
  });

  it.each([
    ['the show begins', () => ({ startsAt: inDays(-1) })],
    ['the sale of the kind ends', () => ({ salesUntil: inDays(-1) })],
    ['the kind is no more', () => ({ id: 'f'.repeat(24) })],
  ])('when %s', async (_, change) => {
    const { show } = await soldOut(1);
    const anna = await joined(show, 1, 'anna');
    const { startsAt = show.startsAt, ...more } = change() as { startsAt?: string };
    await changeTo({ ...show, version: 4, startsAt, kinds: [{ ...kindOf(show), ...more }] });
    await becomes(anna, { state: 'over', reason: 'sale-over' });
  });

  it('not when the show is only paused', async () => {
    const { show, orders } = await soldOut(1);
    const [anna, other] = [await joined(show, 1, 'anna'), await soldOut(1)];
    await changeTo({ ...show, version: 4, state: 'paused' });
    await cancel(orders[0]);
    // Another line is served meanwhile.
    const ben = await joined(other.show, 1, 'ben');
    await cancel(other.orders[0]);
    await becomes(ben, { state: 'served' });
    expect(await now(anna)).toMatchObject({ state: 'waiting', position: 1 });
    await changeTo({ ...show, version: 5 });
    await becomes(anna, { state: 'served' });
  });

  it('for those alone who may not have so many, and the next in line is served', async () => {
    const { show, orders } = await soldOut(3, { perPerson: 3 });
    await cancel(orders[0]);
    await askFor(show, 1, 'anna').expect(201);
    const [anna, ben] = [await joined(show, 3, 'anna'), await joined(show, 1, 'ben')];
    for (const order of orders.slice(1)) await cancel(order);
    await becomes(ben, { state: 'served' });
    expect(await now(anna)).toMatchObject({ state: 'waiting' });
    await changeTo({ ...show, version: 4, kinds: [{ ...kindOf(show), quantity: 6, made: 6 }] });
    await becomes(anna, { state: 'over', reason: 'limit-reached' });
  });
});

describe('somebody who waits for tickets that cannot be paid', () => {
  it('leaves the line, and those behind who want fewer are served', async () => {
    // After Ben there are as many left as Anna wants.
    const { show, orders } = await soldOut(3);
    const [anna, ben] = [await joined(show, 2, 'anna'), await joined(show, 1, 'ben')];
    // One of them can be paid, two of them cost more than anybody can pay at once.
    await changeTo({ ...show, version: 4, kinds: [{ ...kindOf(show), price: 60_000_000 }] });
    for (const order of orders) await cancel(order);
    await becomes(ben, { state: 'served' });
    await becomes(anna, { state: 'over', reason: 'sale-over' });
  });
});

describe('an entry that cannot be read', () => {
  it('does not stop those behind it', async () => {
    const { show, orders } = await soldOut(1);
    const [anna, ben] = [await joined(show, 1, 'anna'), await joined(show, 1, 'ben')];
    await stored().updateOne({ _id: anna.id }, { $set: { quantity: 'two' } });
    await cancel(orders[0]);
    await becomes(ben, { state: 'served' });
    await stored().deleteOne({ _id: anna.id });
  });
});

/** As `Aggregates.bar` stores it. */
const barredDocument = (id: string) => ({ _id: id, ticketId: id, attempt: id, barred: true, outbox: [] });
