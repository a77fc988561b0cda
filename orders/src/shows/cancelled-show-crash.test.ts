import { OrderTicketsEnded } from '@box-office/common/contracts/orders';
import { ShowCancelled } from '@box-office/common/contracts/shows';
import type { StoredAggregate } from '@box-office/common/store/aggregates';
import { connectStore } from '@box-office/common/store/mongo';
import { announce, announced } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import { newId, type TestParts, testParts } from '@box-office/common/testing/parts';
import type { Connection } from 'mongoose';
import { Registry } from 'prom-client';
import { lookup } from '../lookup.ts';
import { Order } from '../order.ts';
import { singleTicket } from '../reserve.ts';
import { createOrders } from '../service.ts';

const count = 150;
const showId = newId();
let parts: TestParts;

beforeAll(async () => {
  parts = await testParts();
});

afterAll(() => parts.end());

const stored = () => parts.connection.collection<StoredAggregate>('orders');
const endedCount = () => stored().countDocuments({ version: 1 });

const process = (connection: Connection) =>
  createOrders({
    ...{ ...parts, connection, metrics: new Registry() },
    ...{ windowMs: 60_000, sweepEveryMs: 100, limits: { liveOrders: 0, unpaidPerDay: 0 } },
    waiting: { windowMs: 60_000, everyMs: 100, mostLines: 0 },
  });

/** A free order for two tickets of the show, complete. */
function document(): StoredAggregate {
  const tickets = [newId(), newId()].map((id) => singleTicket({ id, attempt: 1, price: 0 }));
  const { id: _id, ...order } = Order.parse({
    ...{ id: newId(), version: 0, userId: 'buyer', sellerId: 'organiser', status: 'complete', reason: null },
    ...{ ticketId: tickets[0]?.id, attempt: 1, title: 'Hamlet', price: 0, currency: 'eur', showId, tickets },
    expiresAt: parts.now().toISOString(),
  });
  const changedAt = parts.now();
  const { claims, shelf } = lookup({ ...order, id: _id }, changedAt);
  return { _id, ...order, claims, shelf, changedAt, outbox: [] };
}

it('the orders of a cancelled show end once each, although the process that ends them dies in the middle', async () => {
  const first = process(parts.connection);
  await first.start();
  await first.stop();
  await stored().insertMany(Array.from({ length: count }, document));
  await announce(parts.bus, ShowCancelled, {
    ...{ id: showId, version: 1, userId: 'organiser', state: 'cancelled', title: 'Hamlet', currency: 'eur', kinds: [] },
    ...{ venue: { name: 'The Globe' }, timeZone: 'Europe/London', startsAt: '2099-01-01T19:00:00.000Z' },
  });

  const { host, port, name } = parts.connection;
  const itsOwn = await connectStore(`mongodb://${host}:${port}/${name}`, 'test');
  const dying = process(itsOwn);
  await dying.start();
  await eventually(async () => expect(await endedCount()).toBeGreaterThan(10));
  await itsOwn.close(true);
  await dying.stop();
  expect(await endedCount()).toBeLessThan(count);

  // The show was taken by the process that died, for a while.
  parts.now.forward(60_000);
  const heirs = [process(parts.connection), process(parts.connection)];
  await Promise.all(heirs.map((it) => it.start()));
  await eventually(async () => expect(await endedCount()).toBe(count));
  await eventually(async () => {
    const ids = (await announced(parts.bus, OrderTicketsEnded)).map(({ id }) => id);
    expect(new Set(ids).size).toBe(count);
  });
  expect(await stored().countDocuments({ version: { $gt: 1 } })).toBe(0);
  await Promise.all(heirs.map((it) => it.stop()));
});
