import type { Bus } from '../messaging/bus.ts';
import { announce, announced } from './announce.ts';
import { CounterMade, CounterRaised } from './counters.ts';
import { testBus } from './engines.ts';
import { newId } from './parts.ts';

let bus: Bus;

beforeAll(async () => {
  bus = await testBus();
});

afterAll(() => bus.close());

const counter = (count: number) => ({ id: newId(), version: 0, count });

/** The number of messages delivered since. */
async function sentBy(task: () => Promise<unknown>): Promise<number> {
  const before = bus.connection.stats().inMsgs;
  await task();
  return bus.connection.stats().inMsgs - before;
}

it('reads each announced event once over several calls, including new ones', async () => {
  const made = Array.from({ length: 60 }, (_, count) => counter(count));
  for (const it of made) await announce(bus, CounterMade, it);
  expect(await sentBy(async () => expect(await announced(bus, CounterMade)).toEqual(made))).toBeGreaterThan(60);
  expect(await sentBy(() => announced(bus, CounterMade))).toBeLessThan(5);
  expect(await announced(bus, CounterRaised)).toEqual([]);
  const raised = counter(7);
  await announce(bus, CounterRaised, raised);
  const both = await Promise.all([announced(bus, CounterMade), announced(bus, CounterRaised)]);
  expect(both).toEqual([made, [raised]]);
});

it('does not return purged events, and reads a re-created stream from the start', async () => {
  await announce(bus, CounterMade, counter(1));
  await announced(bus, CounterMade);
  await bus.jsm.streams.purge('tickets');
  expect(await announced(bus, CounterMade)).toEqual([]);
  await bus.jsm.streams.delete('tickets');
  const first = counter(2);
  await announce(bus, CounterMade, first);
  expect(await announced(bus, CounterMade)).toEqual([first]);
});
