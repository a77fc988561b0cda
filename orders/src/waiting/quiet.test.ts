import { eventually } from '@box-office/common/testing/eventually';
import { newId } from '@box-office/common/testing/parts';
import { parts, useOrders } from '../orders-under-test.ts';
import { freeUnits } from '../shows/free-units.ts';
import { holdingsIn } from '../shows/holdings.ts';
import { linesOf } from './line.ts';
import { looksIn } from './looks.ts';
import { type Serving, serving } from './serve.ts';
import { entriesIn } from './store.ts';
import { cancel, joined, soldOut } from './waiting-under-test.ts';

useOrders(undefined, { everyMs: 0 });

const never = async () => {
  throw new Error('nobody can be served');
};

it('a show with a waiting list is read once, and again when one of its tickets comes free', async () => {
  const { show, orders } = await soldOut(2);
  await joined(show, 2, 'anna');
  parts.now.forward(5_000);
  const { connection, now, logger } = parts;
  const entries = entriesIn({
    ...{ connection, now, logger, newId },
    relay: { offer: () => true, watch: async () => {} },
  });
  const units = freeUnits({ holdings: holdingsIn(connection), now });
  let [rounds, reads] = [0, 0];
  const lines = linesOf(entries, connection);
  const job: Serving = serving({
    ...{ entries, now, logger, everyMs: 5, end: never, ordering: { ofKinds: never } },
    looks: looksIn(connection, now),
    orders: { query: async () => [] },
    barredOf: async () => new Set(),
    shows: { find: async () => show },
    lines: {
      ...lines,
      each() {
        rounds++;
        return lines.each();
      },
    },
    freeUnits: {
      ...units,
      left(of) {
        reads++;
        return units.left(of);
      },
    },
  });
  const fiveRounds = () => {
    const until = rounds + 5;
    return eventually(async () => expect(rounds).toBeGreaterThanOrEqual(until));
  };
  try {
    await fiveRounds();
    expect(reads).toBe(1);
    await cancel(orders[0]);
    await fiveRounds();
    expect(reads).toBeGreaterThan(1);
    parts.now.forward(5_000);
    await fiveRounds();
    const before = reads;
    await fiveRounds();
    expect(reads).toBe(before);
  } finally {
    await job.stop();
  }
});
