import { envelope } from '../../store/outbox.ts';
import { CounterRaised } from '../../testing/counters.ts';
import { newId } from '../../testing/parts.ts';
import type { Bus } from '../bus.ts';
import { createRelay } from './relay.ts';
import { bench, leftover, make, relay, useRelay } from './relay-under-test.ts';

useRelay();

describe('a round', () => {
  it('publishes one by one if the batch is refused because of a duplicate id', async () => {
    const { id } = await make();
    await relay.flush();
    const known = await leftover(id);
    relay.offer('counters', id, [known], 0);
    const made = await Promise.all(Array.from({ length: 100 }, () => make()));
    await relay.flush();
    expect(await bench.published()).toHaveLength(1 + made.length);
  });

  it('keeps each aggregate in order if it fails while the next one is in flight', async () => {
    const failing = { batches: 1, messages: 1 };
    const js = Object.assign(Object.create(bench.bus.js), {
      async startBatch(...args: Parameters<Bus['js']['startBatch']>) {
        const batch = await bench.bus.js.startBatch(...args);
        return failing.batches-- > 0 ? { add() {}, commit: () => Promise.reject(new Error('refused')) } : batch;
      },
      publish: (...args: Parameters<Bus['js']['publish']>) =>
        failing.messages-- > 0 ? Promise.reject(new Error('refused')) : bench.bus.js.publish(...args),
    });
    const own = createRelay({ ...bench.relayOptions(), bus: { ...bench.bus, js } });
    await own.start();
    const changes = (count: number) => {
      const id = newId();
      const events = Array.from({ length: count }, (_, version) => {
        const origin = { id: newId(), time: new Date(), traceparent: '' };
        return envelope(CounterRaised, { id, version, count: version }, origin);
      });
      own.offer('counters', id, events, count - 1);
      return id;
    };
    // The first round contains only some of its changes, and the rest would fit into the second.
    const busy = changes(1_600);
    for (let others = 0; others < 1_400; others++) changes(1);
    await own.flush();
    const all = await bench.published();
    expect(all).toHaveLength(3_000);
    const versions = all.flatMap(({ data }) => (data.id === busy ? [data.version] : []));
    expect(versions).toEqual(Array.from({ length: 1_600 }, (_, version) => version));
    // Other events were published first.
    expect(all[0]?.data.id).not.toBe(busy);
    await own.stop(1_000);
  });

  it('is published except for an event that cannot be sent, which stays in its outbox and blocks nothing', async () => {
    const huge = newId();
    const origin = { id: newId(), time: new Date(), traceparent: '' };
    const event = envelope(CounterRaised, { id: huge, version: 1, count: 1 }, origin);
    relay.offer('counters', huge, [{ ...event, data: 'x'.repeat(2 * 1024 * 1024) }], 1);
    const made = await Promise.all(Array.from({ length: 100 }, () => make()));
    await relay.flush();
    expect((await bench.published()).map(({ data }) => data.id).toSorted()).toEqual(
      made.map(({ id }) => id).toSorted(),
    );
    expect(await bench.outboxes()).toEqual([]);
  });
});
