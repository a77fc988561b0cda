import { eventually } from '@box-office/common/testing/eventually';
import { Registry } from 'prom-client';
import { parts, useOrders, waitingWindowMs, windowMs } from '../orders-under-test.ts';
import { createOrders } from '../service.ts';
import { changeTo, kindOf } from '../shows/shows-under-test.ts';
import { joined, soldOut, stored } from './waiting-under-test.ts';

const limits = { liveOrders: 0, unpaidPerDay: 0 };

// Nobody is served until the test says so.
useOrders(limits, { everyMs: 0 });

const people = 60;

it('a long line does not keep those in others waiting, and is served to its end without a pause', async () => {
  const [long, short] = [await soldOut(1), await soldOut(1)];
  for (let n = 0; n < people; n++) await joined(long.show, 1, `person-${n}`);
  await joined(short.show, 1, 'anna');
  for (const { show } of [long, short]) {
    await changeTo({ ...show, version: 4, kinds: [{ ...kindOf(show), quantity: 1 + people, made: 1 + people }] });
  }
  const waiting = { windowMs: waitingWindowMs, everyMs: 3_600_000, mostLines: 0 };
  const served = createOrders({
    ...{ ...parts, windowMs, sweepEveryMs: 3_600_000, limits, waiting },
    metrics: new Registry(),
  });
  await served.start();
  try {
    const last = () => stored().findOne({ showId: long.show.id, state: 'waiting' });
    await eventually(async () => expect(await last()).toBeNull());
    const orders = parts.connection.collection<{ _id: string; userId: string }>('orders');
    const made = await orders
      .find({ userId: { $ne: 'holder' } })
      .sort({ $natural: 1 })
      .toArray();
    expect(made).toHaveLength(people + 1);
    expect(made.findIndex(({ userId }) => userId === 'anna')).toBe(50);
  } finally {
    await served.stop();
  }
});
