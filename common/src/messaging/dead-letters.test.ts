import { Registry } from 'prom-client';
import { announce } from '../testing/announce.ts';
import { eventually } from '../testing/eventually.ts';
import { newId } from '../testing/parts.ts';
import { type Choice, deadLetter, deadLetters, discard } from './dead-letters.ts';
import {
  all,
  breakable,
  buried,
  bus,
  listening,
  Made,
  onlyOne,
  Raised,
  start,
  stream,
  useBus,
} from './dead-letters-under-test.ts';
import { on } from './listener.ts';
import { ensureDeadLetters } from './topology.ts';

useBus();

describe('the dead letters', () => {
  it('are chosen by service, by type and by part of their reason', async () => {
    const fail = (reason: string) => async () => {
      throw new Error(reason);
    };
    start('orders', { listeners: [on(Made, fail('The ledger is full')), on(Raised, fail('no such ticket'))] });
    start('payments', { listeners: [on(Made, fail('the card is gone'))] });
    await announce(bus, Made, { id: newId(), version: 0 });
    await announce(bus, Raised, { id: newId(), version: 1 });
    await buried(3);
    const reasons = async (choice: Choice) => (await all(choice)).map(({ letter }) => letter.reason).sort();
    expect(await reasons({ type: 'ticket.created' })).toEqual(['The ledger is full', 'the card is gone']);
    expect(await reasons({ service: 'payments' })).toEqual(['the card is gone']);
    expect(await reasons({ reason: 'the LEDGER' })).toEqual(['The ledger is full']);
    expect(await reasons({ type: 'ticket.created', reason: 'gone' })).toEqual(['the card is gone']);
    expect(await reasons({ type: 'ticket' })).toEqual([]);
  });

  it('can be looked at and discarded by their number, once', async () => {
    start('orders', { listeners: [on(Made, breakable().handle)] });
    await announce(bus, Made, { id: newId(), version: 0 });
    const found = await onlyOne();
    expect(await deadLetter(bus, found.number)).toEqual(found);
    expect(await deadLetter(bus, found.number + 1)).toBeNull();
    expect(await discard(bus, found.number)).toBe(true);
    expect(await discard(bus, found.number)).toBe(false);
    expect(await deadLetter(bus, found.number)).toBeNull();
    expect(await all()).toEqual([]);
  });

  it('are none where no service has ever listened', async () => {
    expect(await all()).toEqual([]);
    expect(await deadLetter(bus, 1)).toBeNull();
    expect(await discard(bus, 1)).toBe(false);
  });

  it('are read to the end however many there are, with gaps, and without those that come meanwhile', async () => {
    await ensureDeadLetters(bus, 'orders', stream);
    const put = () => bus.js.publish('dead-letters.orders.tickets', 'x'.repeat(100));
    // Twenty at a time: the last of all at once would wait longer for its acknowledgement than a publisher does.
    for (let twenties = 0; twenties < 55; twenties++) await Promise.all(Array.from({ length: 20 }, put));
    for (const number of [1, 500, 501, 1_100]) await discard(bus, number);
    const numbers: number[] = [];
    for await (const { number } of deadLetters(bus)) {
      numbers.push(number);
      if (numbers.length < 5) await put();
    }
    expect(numbers).toHaveLength(1_096);
    expect(numbers.at(-1)).toBe(1_099);
  });

  it('are read to the end even if JetStream sends none in time', async () => {
    await ensureDeadLetters(bus, 'orders', stream);
    for (let puts = 0; puts < 3; puts++) await bus.js.publish('dead-letters.orders.tickets', 'x');
    let fetches = 0;
    const consumers = {
      async get(name: string) {
        const consumer = await bus.js.consumers.get(name);
        const fetch = consumer.fetch.bind(consumer);
        const nothing = async function* () {};
        return Object.assign(consumer, {
          fetch: (options: Parameters<typeof fetch>[0]) => (++fetches === 1 ? nothing() : fetch(options)),
        });
      },
    };
    const slow = { ...bus, js: Object.assign(Object.create(bus.js), { consumers }) };
    const numbers: number[] = [];
    for await (const { number } of deadLetters(slow)) numbers.push(number);
    expect(numbers).toEqual([1, 2, 3]);
    expect(fetches).toBe(2);
  });

  it('end when those that are still to be fetched are removed meanwhile', async () => {
    await ensureDeadLetters(bus, 'orders', stream);
    const put = () => bus.js.publish('dead-letters.orders.tickets', 'x');
    for (let twenties = 0; twenties < 26; twenties++) await Promise.all(Array.from({ length: 20 }, put));
    const numbers: number[] = [];
    for await (const { number } of deadLetters(bus)) {
      numbers.push(number);
      if (number === 500) for (let later = 501; later <= 520; later++) await discard(bus, later);
    }
    expect(numbers).toHaveLength(500);
  });

  it('that no service wrote hide no other, and can be discarded', async () => {
    await ensureDeadLetters(bus, 'orders', stream);
    await bus.js.publish('dead-letters.orders.tickets', 'hello');
    const found = await onlyOne();
    expect(found.letter).toMatchObject({ service: 'orders', reason: expect.stringContaining('cannot be read') });
    expect(await discard(bus, found.number)).toBe(true);
  });
});

describe('the metrics of dead letters', () => {
  it('count what was buried by type, and what lies there now', async () => {
    const metrics = new Registry();
    const lines = async () => (await metrics.metrics()).split('\n').filter((line) => line.startsWith('dead_letters'));
    start('orders', { metrics, listeners: [on(Made, breakable().handle), on(Raised, async () => {})] });
    start('payments', { listeners: [on(Made, breakable().handle)] });
    await announce(bus, Made, { id: newId(), version: 0 });
    await bus.js.publish(`tickets.${newId()}.created`, '{}');
    await buried(4);
    await eventually(async () =>
      expect(await lines()).toEqual([
        'dead_letters_buried_total{type="ticket.created"} 1',
        'dead_letters_buried_total{type="ticket.updated"} 0',
        'dead_letters_buried_total{type="unknown"} 1',
        'dead_letters 2',
      ]),
    );
    for (const { number } of await all({ service: 'orders' })) await discard(bus, number);
    await eventually(async () => expect(await lines()).toContain('dead_letters 0'));
    expect(await lines()).toContain('dead_letters_buried_total{type="ticket.created"} 1');
  });

  it('leave out what JetStream does not say', async () => {
    const metrics = new Registry();
    start('orders', { metrics, listeners: [on(Made, async () => {})] });
    await eventually(() => bus.jsm.streams.info('retries'));
    for (const it of listening.splice(0)) await it.stop();
    await eventually(async () => expect(await metrics.metrics()).toMatch(/^dead_letters 0$/m));
    await bus.jsm.streams.delete('dead-letters');
    expect(await metrics.metrics()).not.toMatch(/^dead_letters \d/m);
  });
});
