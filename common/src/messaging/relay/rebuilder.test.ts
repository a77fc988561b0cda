import { dying, newCounter, raise } from '../../testing/counters.ts';
import { eventually } from '../../testing/eventually.ts';
import { newId } from '../../testing/parts.ts';
import { bench, counters, make, relay, useRelay } from './relay-under-test.ts';

useRelay();

describe('announcing again', () => {
  it('announces everything again at the version it has, and every listener ends where it was', async () => {
    const made = await Promise.all(Array.from({ length: 1_200 }, () => make()));
    await Promise.all(made.slice(0, 10).map(({ id }) => counters.change(id, raise)));
    await relay.flush();
    const before = (await bench.published()).length;
    await relay.republish();
    const again = (await bench.published()).slice(before);
    expect(again).toHaveLength(made.length);
    expect(new Set(again.map(({ data }) => data.id))).toEqual(new Set(made.map(({ id }) => id)));
    for (const { id } of made) {
      expect(again.find(({ data }) => data.id === id)?.data).toEqual(await counters.get(id));
    }
    expect(await bench.outboxes()).toEqual([]);
  });

  it('announces again only after what still waits in the outbox', async () => {
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

  it('announces a single one again, by its outbox and under a new id, as it is while others change it', async () => {
    const { id } = await make();
    const elsewhere = bench.newStore({ offer: () => undefined, watch: async () => undefined });
    await relay.flush();
    // While the relay has published the first event, and not yet removed it.
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

  it('announces the others again when one cannot be read', async () => {
    const { id } = await make();
    await relay.flush();
    await bench.database.connection.collection<{ _id: string }>('counters').insertOne({ _id: newId() });
    const before = (await bench.published()).length;
    await relay.republish();
    expect((await bench.published()).slice(before).map(({ data }) => data.id)).toEqual([id]);
  });

  it('says so when it stops before everything was announced again', async () => {
    await Promise.all(Array.from({ length: 10 }, () => make()));
    const refused = expect(relay.republish()).rejects.toThrow('stopped before everything was announced');
    await relay.stop(1_000);
    await refused;
  });
});
