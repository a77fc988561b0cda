import { dying, raise } from '../../testing/counters.ts';
import { eventually } from '../../testing/eventually.ts';
import { bench, counters, leftover, make, relay, useRelay } from './relay-under-test.ts';

useRelay();

describe('the relay', () => {
  it('announces each version once, in order, and empties the outbox', async () => {
    const { id } = await make();
    for (let i = 0; i < 5; i++) await counters.change(id, raise);
    await relay.flush();
    expect((await bench.published()).map(({ data }) => data.version)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await bench.outboxes()).toEqual([]);
  });

  it('announces hundreds of changes at once in batches, each aggregate in order', async () => {
    const made = await Promise.all(Array.from({ length: 150 }, () => make()));
    await Promise.all(made.map(({ id }) => counters.change(id, raise)));
    await relay.flush();
    const events = await bench.published();
    expect(events).toHaveLength(300);
    for (const { id } of made) {
      expect(events.filter(({ data }) => data.id === id).map(({ data }) => data.version)).toEqual([0, 1]);
    }
    expect(await bench.outboxes()).toEqual([]);
  });

  it('publishes nothing twice after dying between the publication and the removal', async () => {
    const { id } = await make();
    await relay.flush();
    const event = { ...(await leftover(id)) };
    await bench.database.connection
      .collection<{ _id: string }>('counters')
      .updateOne({ _id: id }, { $set: { outbox: [event] } });
    await eventually(async () => expect(await bench.outboxes()).toEqual([]));
    expect(await bench.published()).toHaveLength(1);
  });

  it('leaves events in the outbox that were added before the removal', async () => {
    const [still, changedSince] = [await make(), await make()];
    await eventually(async () => expect(await bench.published()).toHaveLength(2));
    await bench.newStore(dying(relay)).change(changedSince.id, raise);
    await relay.flush();
    const left = await bench.outboxes();
    expect(left.map(({ _id, outbox }) => [String(_id), outbox.length])).toEqual([[changedSince.id, 1]]);
    await eventually(async () => expect(await bench.outboxes()).toEqual([]));
    const versions = async (id: string) =>
      (await bench.published()).flatMap(({ data }) => (data.id === id ? [data.version] : []));
    expect([await versions(still.id), await versions(changedSince.id)]).toEqual([[0], [0, 1]]);
  });

  it('re-creates its stream if it was deleted', async () => {
    await bench.bus.jsm.streams.delete('tickets');
    const { id } = await make();
    await eventually(async () =>
      expect(new Set((await bench.published()).map(({ data }) => data.id))).toEqual(new Set([id])),
    );
  });
});
