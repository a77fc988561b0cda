import { eventually } from '../../testing/eventually.ts';
import { createBookmark } from './bookmark.ts';
import { bench, leftover, make, relay, useRelay } from './relay-under-test.ts';

useRelay();

interface Stored {
  _id: string;
  sequence: number;
  event: { id: string; at: number } | null;
  due: boolean;
}

describe('the event that a bookmark names', () => {
  const stored = () => bench.database.connection.collection<Stored>('bookmarks');
  const check = () => createBookmark(bench.bus, bench.database.connection, 'tickets', { replicas: 1 }).check();

  async function written() {
    await make();
    await make();
    await relay.flush();
    return eventually(async () => {
      const found = await stored().findOne({ _id: 'tickets', due: false });
      if (!found) throw new Error('there is no bookmark yet');
      return found;
    });
  }

  it('is the last one that was acknowledged, and is missed when another stands there', async () => {
    const { sequence, event } = await written();
    const message = await bench.bus.jsm.streams.getMessage('tickets', { seq: sequence });
    expect(event).toEqual({ id: message?.header.get('Nats-Msg-Id'), at: sequence });
    expect(await check()).toBeUndefined();

    await stored().updateOne({ _id: 'tickets' }, { $set: { event: { id: 'lost', at: sequence } } });
    expect(await check()).toContain(`another event at ${sequence}`);
  });

  it('is also one that had been stored before its process died', async () => {
    const { id } = await make();
    await relay.flush();
    await relay.stop(1_000);
    const { sequence } =
      (await stored().findOneAndUpdate({ _id: 'tickets' }, { $set: { sequence: 0, event: null } })) ?? {};
    const event = await leftover(id);
    await bench.database.connection
      .collection<{ _id: string }>('counters')
      .updateOne({ _id: id }, { $set: { outbox: [event] } });
    const successor = await bench.start();
    await eventually(async () => expect(await bench.outboxes()).toEqual([]));
    expect(await stored().findOne({ _id: 'tickets' })).toMatchObject({
      sequence,
      event: { id: event.id, at: sequence },
    });
    await successor.relay.stop(2_000);
  });

  it('covers what was acknowledged while it was set to another stream', async () => {
    await relay.stop(1_000);
    await stored().updateOne({ _id: 'tickets' }, { $set: { created: 'earlier', sequence: 100, event: null } });
    const streams = Object.assign(Object.create(bench.bus.jsm.streams), {
      async info(name: string) {
        const found = await bench.bus.jsm.streams.info(name);
        bookmark.reached([{ eventId: 'made', sequence: 1, duplicate: false }]);
        // As before an event is removed from its outbox.
        await bookmark.keep();
        return found;
      },
    });
    const jsm = Object.assign(Object.create(bench.bus.jsm), { streams });
    const { connection } = bench.database;
    const bookmark = createBookmark({ ...bench.bus, jsm }, connection, 'tickets', { replicas: 1 });
    await bookmark.begin();
    expect(await stored().findOne({ _id: 'tickets' })).toMatchObject({ sequence: 1, event: { id: 'made', at: 1 } });
  });

  it('says nothing of a sequence that an earlier release has stored alone', async () => {
    const { sequence } = await written();
    await stored().updateOne({ _id: 'tickets' }, { $set: { event: { id: 'earlier', at: sequence - 1 } } });
    expect(await check()).toBeUndefined();
  });
});
