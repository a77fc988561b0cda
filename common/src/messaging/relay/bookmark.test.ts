import { eventually } from '../../testing/eventually.ts';
import { createBookmark } from './bookmark.ts';
import { bench, make, relay, useRelay } from './relay-under-test.ts';

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

  it('says nothing of a sequence that an earlier release has stored alone', async () => {
    const { sequence } = await written();
    await stored().updateOne({ _id: 'tickets' }, { $set: { event: { id: 'earlier', at: sequence - 1 } } });
    expect(await check()).toBeUndefined();
  });
});
