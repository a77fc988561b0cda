import { OutboxEvent } from '../../store/outbox.ts';
import { dying, newCounter, raise } from '../../testing/counters.ts';
import { eventually } from '../../testing/eventually.ts';
import { loggerInto } from '../../testing/log.ts';
import { bench, relay, useRelay } from './relay-under-test.ts';

useRelay();

describe('an event left in an outbox', () => {
  it('is announced after its process died before publishing it', async () => {
    const dead = bench.newStore(dying(relay));
    const { id } = await dead.add(newCounter(7));
    expect(await bench.outboxes()).toHaveLength(1);
    const successor = (await bench.start()).relay;
    await eventually(async () => expect((await bench.published()).map(({ data }) => data.id)).toEqual([id]));
    await eventually(async () => expect(await bench.outboxes()).toEqual([]));
    await successor.stop(1_000);
  });

  it('is announced even if there are more of them than fit into a round', async () => {
    // It would announce those that are older than its sweep, and the successor the same ones.
    await relay.stop(1_000);
    const dead = bench.newStore(dying(relay));
    const made = Array.from({ length: 1_200 }, () => dead.add(newCounter(7)));
    await Promise.all(made);
    const successor = (await bench.start()).relay;
    await eventually(async () => expect(await bench.outboxes()).toEqual([]));
    expect((await bench.bus.jsm.streams.info('tickets')).state.messages).toBe(made.length);
    await successor.stop(1_000);
  });

  it('is announced even if another outbox is unreadable, which is logged and left unchanged', async () => {
    await relay.stop(1_000);
    const logged: string[] = [];
    const documents = bench.database.connection.collection<{ _id: string }>('counters');
    const dead = bench.newStore(dying(relay));
    const [noSubject, noVersion, good] = await Promise.all([1, 2, 3].map((count) => dead.add(newCounter(count))));
    if (!noSubject || !noVersion || !good) throw new Error('three were made');
    await documents.updateOne({ _id: noSubject.id }, { $set: { 'outbox.0.subject': null } });
    await documents.updateOne({ _id: noVersion.id }, { $set: { version: 'first' } });
    const successor = (await bench.start({ logger: loggerInto(logged) })).relay;
    await eventually(async () => expect((await bench.published()).map(({ data }) => data.id)).toEqual([good.id]));
    await eventually(async () => expect((await bench.outboxes()).map(({ _id }) => _id)).not.toContain(good.id));
    const bad = logged.map((line) => JSON.parse(line)).filter(({ level }) => level === 50);
    expect(new Set(bad.map(({ id }) => id))).toEqual(new Set([noSubject.id, noVersion.id]));
    expect(await bench.outboxes()).toHaveLength(2);
    await successor.stop(1_000);
  });

  it.each([
    ['null', null],
    ['a number', 7],
    ['without fields', {}],
    ['without a subject', { id: 'f', type: 'ticket.updated', source: '', time: '', traceparent: '', data: {} }],
  ])('stays there, logged, while it is unreadable (%s), and the next change is announced', async (_, nonsense) => {
    const logged: string[] = [];
    const counters = bench.newStore(relay, loggerInto(logged));
    const documents = bench.database.connection.collection<{ _id: string; outbox: unknown[] }>('counters');
    // Another process, so that the outbox is read.
    const { id } = await bench.newStore(relay).add(newCounter(1));
    await relay.flush();
    await documents.updateOne({ _id: id }, { $set: { outbox: [nonsense] } });

    expect(await counters.change(id, raise)).toMatchObject({ version: 1 });
    await eventually(async () => expect((await bench.published()).map(({ data }) => data.version)).toEqual([0, 1]));
    await eventually(async () => expect((await documents.findOne({ _id: id }))?.outbox).toEqual([nonsense]));
    const errors = logged.map((line) => JSON.parse(line)).filter(({ level }) => level === 50);
    expect(errors).toMatchObject([{ collection: 'counters', id }]);
    await expect(relay.waitingSince()).resolves.toBeNull();
  });

  it('has its age known even if there are unreadable ones', async () => {
    const documents = bench.database.connection.collection<{ _id: string; outbox: unknown[] }>('counters');
    await relay.stop(1_000);
    const dead = bench.newStore(dying(relay));
    const [bad, good] = [await dead.add(newCounter(1)), await dead.add(newCounter(2))];
    await documents.updateOne({ _id: bad.id }, { $set: { outbox: [null, { id: '0', time: 'soon' }] } });
    const time = (await documents.findOne({ _id: good.id }))?.outbox.map((it) => OutboxEvent.parse(it).time)[0];
    expect((await relay.waitingSince())?.toISOString()).toBe(time);
  });
});
