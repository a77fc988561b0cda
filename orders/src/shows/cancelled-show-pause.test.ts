import { eventually } from '@box-office/common/testing/eventually';
import { newId, testClock } from '@box-office/common/testing/parts';
import pino from 'pino';
import type { Order } from '../order.ts';
import type { CancelledShow, CancelledShowStore } from './cancelled-show-store.ts';
import { cancelledShows } from './cancelled-shows.ts';

const hours = 3_600_000;
const everyMs = 5;

/** How long a show rests after a look that found an order with this status, and took that long, in milliseconds. */
async function restAfter(status: string, took: { readonly readingMs: number; readonly endingMs: number }) {
  const now = testClock();
  const show: CancelledShow = {
    ...{ _id: newId(), since: now(), until: new Date(now().getTime() + 48 * hours) },
    ...{ readUpTo: '', failed: [], dueAt: now() },
  };
  const looks = [show].values();
  let restMs: number | undefined;
  const store: CancelledShowStore = {
    ...{ prepare: async () => {}, add: async () => {}, addMissing: async () => {}, remove: async () => {} },
    take: async () => looks.next().value ?? null,
    async *orders() {
      now.forward(took.readingMs);
      yield [status, 'created'].map((it) => ({ id: newId(), status: it, hasEnded: true, changedAt: '2030-01-01' }));
    },
    async update(_, { dueAt }) {
      if (dueAt) restMs = dueAt.getTime() - now().getTime();
    },
  };
  const orders = {
    async change() {
      now.forward(took.endingMs);
      return {} as Order;
    },
  };
  const job = cancelledShows({ store, orders, now, everyMs, logger: pino({ enabled: false }) }).start();
  await eventually(async () => expect(restMs).toBeDefined());
  await job.stop();
  return restMs ?? 0;
}

describe('a cancelled show rests', () => {
  it('ten times as long as it took to read its orders, however long it took to end them', async () => {
    const restMs = await restAfter('complete', { readingMs: 1_000, endingMs: 5_000 });
    expect(restMs).toBeGreaterThanOrEqual(10_000);
    expect(restMs).toBeLessThan(12_000);
  });

  it('as long as the reading took while one of them is being paid, so that the buyer is refunded soon', async () => {
    const restMs = await restAfter('awaiting:payment', { readingMs: 1_000, endingMs: 5_000 });
    expect(restMs).toBeGreaterThanOrEqual(1_000);
    expect(restMs).toBeLessThan(2_000);
  });
});
