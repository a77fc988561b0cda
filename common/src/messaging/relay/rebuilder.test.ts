import { type Counter, dying, newCounter, raise } from '../../testing/counters.ts';
import { eventually } from '../../testing/eventually.ts';
import { newId } from '../../testing/parts.ts';
import { bench, counters, make, relay, useRelay } from './relay-under-test.ts';

useRelay();

describe('announcing again', () => {
  it('announces everything again with its version, so that no listener changes anything', async () => {
    const made = await Promise.all(Array.from({ length: 1_200 }, () => make()));
    await Promise.all(made.slice(0, 10).map(({ id }) => counters.change(id, raise)));
    await relay.flush();
    const before = (await bench.published()).length;
    await relay.republish();
    const again = (await bench.published()).slice(before);
    expect(again).toHaveLength(made.length);
    expect(new Set(again.map(({ data }) => data.id))).toEqual(new Set(made.map(({ id }) => id)));
    const stored = new Map<string, Counter>();
    for await (const counter of counters.each({})) stored.set(counter.id, counter);
    expect(new Map(again.map(({ data }) => [data.id, data]))).toEqual(stored);
    expect(await bench.outboxes()).toEqual([]);
  });

  it('comes after the events that are still in the outbox', async () => {
    const dead = bench.newStore(dying(relay));
    const { id } = await dead.add(newCounter(0));
    await dead.change(id, raise);
    await relay.republish();
    expect((await bench.published()).map(({ type, data }) => [type, data.version])).toEqual([
      ['ticket.created', 0],
      ['ticket.updated', 1],
      ['ticket.updated', 1],
    ]);
    await relay.flush();
    expect(await bench.outboxes()).toEqual([]);
  });

  it('announces a single aggregate through its outbox with a new event id, also during concurrent changes', async () => {
    const { id } = await make();
    const elsewhere = bench.newStore({ offer: () => false, watch: async () => undefined });
    await relay.flush();
    // After the relay has published the first event, and before it has removed it.
    const joined = await make();
    await eventually(async () => expect(await bench.published()).toHaveLength(2));
    await elsewhere.announce(joined.id);
    await relay.flush();
    await eventually(async () => expect(await bench.published()).toHaveLength(3));

    expect(await elsewhere.announce(id)).toBe(true);
    await eventually(async () => expect(await bench.published()).toHaveLength(4));
    expect((await bench.published())[3]).toEqual({ type: 'ticket.updated', data: { id, version: 0, count: 0 } });

    await Promise.all(Array.from({ length: 10 }, () => [counters.change(id, raise), elsewhere.announce(id)]).flat());
    await eventually(async () => expect(await bench.outboxes()).toEqual([]));
    const events = (await bench.published()).slice(4);
    expect(events).toHaveLength(20);
    expect(events.filter(({ data }) => data.version !== data.count)).toEqual([]);
    expect(await counters.get(id)).toEqual({ id, version: 10, count: 10 });
    await expect(elsewhere.announce(newId())).rejects.toMatchObject({ code: 'not-found' });
  });

  it('includes all others if one cannot be read', async () => {
    const { id } = await make();
    await relay.flush();
    await bench.database.connection.collection<{ _id: string }>('counters').insertOne({ _id: newId() });
    const before = (await bench.published()).length;
    await relay.republish();
    expect((await bench.published()).slice(before).map(({ data }) => data.id)).toEqual([id]);
  });

  it('fails if the relay stops before the end', async () => {
    await Promise.all(Array.from({ length: 10 }, () => make()));
    const refused = expect(relay.republish()).rejects.toThrow('stopped before everything was announced');
    await relay.stop(1_000);
    await refused;
  });
});
