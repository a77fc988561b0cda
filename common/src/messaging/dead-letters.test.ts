import { headers } from '@nats-io/transport-node';
import pino from 'pino';
import { Registry } from 'prom-client';
import { z } from 'zod';
import { defineEvent } from '../contracts/event.ts';
import { announce, announceNonsense } from '../testing/announce.ts';
import { testBus } from '../testing/engines.ts';
import { eventually } from '../testing/eventually.ts';
import { newId } from '../testing/parts.ts';
import type { Bus } from './bus.ts';
import { type Choice, deadLetter, deadLetters, discard, type Numbered, retry } from './dead-letters.ts';
import { type Listening, type ListenOptions, listen, on } from './listener.ts';
import { ensureDeadLetters, ensureStream } from './topology.ts';

const Counter = z.object({ id: z.string(), version: z.int() });
const counterEvent = (type: string) => defineEvent({ type, announcedBy: 'tickets', data: Counter, summary: 'A test.' });
const Made = counterEvent('ticket.created');
const Raised = counterEvent('ticket.updated');

const stream = { replicas: 1 };
const logger = pino({ level: 'silent' });
const now = () => new Date();

let bus: Bus;
const listening: Listening[] = [];

beforeAll(async () => {
  bus = await testBus();
});

afterEach(async () => {
  for (const it of listening.splice(0)) await it.stop();
  for (const { config } of await bus.jsm.streams.list().next()) await bus.jsm.streams.delete(config.name);
});

afterAll(() => bus.close());

function start(service: string, options: Partial<ListenOptions> & Pick<ListenOptions, 'listeners'>) {
  const it = listen({ bus, service, stream, logger, now, retryAfterMs: [], ...options });
  listening.push(it);
  return it;
}

async function all(choice?: Choice): Promise<Numbered[]> {
  const found: Numbered[] = [];
  for await (const it of deadLetters(bus, choice)) found.push(it);
  return found;
}

const buried = (count: number) =>
  eventually(async () => {
    const found = await all();
    expect(found).toHaveLength(count);
    return found;
  });

/** The only dead letter there is, once it is there. */
async function onlyOne(): Promise<Numbered> {
  const [found] = await buried(1);
  if (!found) throw new Error('none');
  return found;
}

const waiting = async () => (await bus.jsm.streams.info('retries')).state.messages;

/** Fails until it is mended, and remembers what it heard. */
function breakable() {
  const heard: string[] = [];
  const it = {
    broken: true,
    reason: 'the ledger is full',
    heard,
    async handle({ data }: { data: { id: string } }) {
      heard.push(data.id);
      if (it.broken) throw new Error(it.reason);
    },
  };
  return it;
}

describe('a retry', () => {
  it('goes to the listener that failed and to no other, and the dead letter is gone', async () => {
    const orders = breakable();
    const payments = breakable();
    payments.broken = false;
    start('orders', { listeners: [on(Made, orders.handle)] });
    start('payments', { listeners: [on(Made, payments.handle)] });
    const id = newId();
    await announce(bus, Made, { id, version: 0 });
    const found = await onlyOne();
    await eventually(() => expect(payments.heard).toEqual([id]));
    orders.broken = false;
    await retry(bus, found);
    await eventually(() => expect(orders.heard).toEqual([id, id]));
    await eventually(async () => expect(await waiting()).toBe(0));
    expect(await all()).toEqual([]);
    // What comes later has been heard, so the retry would have been, too.
    const later = newId();
    await announce(bus, Made, { id: later, version: 0 });
    await eventually(() => expect(payments.heard).toContain(later));
    expect(payments.heard).toEqual([id, later]);
  });

  it('that fails again is a dead letter again: with the new reason, its origin, and how often it was retried', async () => {
    const orders = breakable();
    start('orders', { listeners: [on(Made, orders.handle)] });
    await announce(bus, Made, { id: newId(), version: 4 });
    const first = await onlyOne();
    orders.reason = 'the ledger is lost';
    for (const retries of [1, 2]) {
      await retry(bus, await onlyOne());
      const again = await onlyOne();
      const { reason: _, stack: __, time: ___, retries: ____, headers: lines, ...origin } = first.letter;
      expect(again.number).toBe(first.number + retries);
      expect(again.letter).toMatchObject({ ...origin, reason: 'the ledger is lost', retries });
      expect(again.letter.headers).toEqual({ ...lines, 'Nats-Msg-Id': [expect.any(String)] });
    }
    expect(await waiting()).toBe(0);
  });

  it('keeps the headers of the event, so that it stays in its trace, but not those that the server acts on', async () => {
    const orders = breakable();
    start('orders', { listeners: [on(Made, orders.handle)] });
    await announce(bus, Made, { id: newId(), version: 0 });
    const { number, letter } = await onlyOne();
    const traceparent = ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'];
    const batch = { 'Nats-Batch-Id': ['b'], 'Nats-Batch-Sequence': ['7'], 'Nats-Expected-Stream': ['tickets'] };
    await retry(bus, { number, letter: { ...letter, headers: { ...letter.headers, ...batch, traceparent } } });
    const { 'Nats-Msg-Id': _, ...kept } = letter.headers;
    const again = await eventually(onlyOne);
    expect(again.letter.headers).toEqual({ ...kept, traceparent, 'Nats-Msg-Id': [`${number}/${letter.time}`] });
  });

  it('asked for twice is made once', async () => {
    const orders = breakable();
    const listener = { listeners: [on(Made, orders.handle)] };
    const first = start('orders', listener);
    await announce(bus, Made, { id: newId(), version: 0 });
    const found = await onlyOne();
    await first.stop();
    await Promise.all([retry(bus, found), retry(bus, found)]);
    await retry(bus, found);
    expect(await waiting()).toBe(1);
    expect(await all()).toEqual([]);
  });

  it('waits for its service while that is away', async () => {
    const orders = breakable();
    const listener = { listeners: [on(Made, orders.handle)] };
    const first = start('orders', listener);
    const id = newId();
    await announce(bus, Made, { id, version: 0 });
    const found = await onlyOne();
    await first.stop();
    orders.broken = false;
    await retry(bus, found);
    start('orders', listener);
    await eventually(() => expect(orders.heard).toEqual([id, id]));
  });

  it('leaves the dead letter where it is when nobody takes the retry', async () => {
    const orders = breakable();
    const first = start('orders', { listeners: [on(Made, orders.handle)] });
    await announce(bus, Made, { id: newId(), version: 0 });
    const found = await onlyOne();
    await first.stop();
    await bus.jsm.streams.delete('retries');
    await expect(retry(bus, found)).rejects.toThrow('no stream for retries');
    expect(await all()).toEqual([found]);
  });

  it.each([
    ['no headers at all', 'ticket.created', undefined],
    ['a payload that is no event', 'ticket.created', 'ticket.created'],
  ])('of a message with %s can be asked for, and it comes back', async (_, __, type) => {
    start('orders', { listeners: [on(Made, async () => {})] });
    if (type) await announceNonsense(bus, Made, '{"id": ');
    else {
      await announce(bus, Raised, { id: newId(), version: 0 });
      await bus.js.publish(`tickets.${newId()}.created`, '{}');
    }
    const found = await onlyOne();
    await retry(bus, found);
    const again = await eventually(async () => {
      const it = await onlyOne();
      expect(it.number).toBeGreaterThan(found.number);
      return it;
    });
    expect(again.letter).toMatchObject({ reason: found.letter.reason, payload: found.letter.payload, retries: 1 });
  });

  it('is handled as an event of the service that announced it, whatever type it says it has', async () => {
    const heard: string[] = [];
    const Ordered = defineEvent({ type: 'order.created', announcedBy: 'orders', data: Counter, summary: 'A test.' });
    start('payments', {
      listeners: [on(Made, async () => {}), on(Ordered, async ({ data }) => void heard.push(data.id))],
    });
    await announce(bus, Ordered, { id: 'own', version: 0 });
    await eventually(() => expect(heard).toEqual(['own']));
    const lines = headers();
    lines.set('ce-id', newId());
    lines.set('ce-type', 'order.created');
    await announce(bus, Raised, { id: newId(), version: 0 });
    await bus.js.publish(`tickets.${newId()}.created`, '{"id":"foreign","version":0}', { headers: lines });
    const found = await onlyOne();
    await retry(bus, found);
    await eventually(async () => expect((await onlyOne()).letter.retries).toBe(1));
    expect(heard).toEqual(['own']);
  });
});

describe('a message that is too large to be put aside whole', () => {
  async function announceLarge(id: string): Promise<void> {
    await ensureStream(bus, 'tickets', stream);
    const lines = headers();
    lines.set('ce-id', newId());
    lines.set('ce-type', 'ticket.created');
    const payload = JSON.stringify({ id, version: 0, padding: 'x'.repeat(900_000) });
    await bus.js.publish(`tickets.${id}.created`, payload, { headers: lines });
  }

  it('is kept without its payload, and retried with the original from its stream', async () => {
    const orders = breakable();
    start('orders', { listeners: [on(Made, orders.handle)] });
    const id = newId();
    await announceLarge(id);
    const found = await onlyOne();
    expect(found.letter).toMatchObject({ stream: 'tickets', sequence: 1, payload: '', reason: 'the ledger is full' });
    expect(found.letter.omittedBytes).toBeGreaterThan(900_000);
    expect(found.letter.headers['ce-type']).toEqual(['ticket.created']);
    orders.broken = false;
    await retry(bus, found);
    await eventually(() => expect(orders.heard).toEqual([id, id]));
    await eventually(async () => expect(await waiting()).toBe(0));
    expect(await all()).toEqual([]);
  });

  it('is kept also when it is a retry that fails again', async () => {
    start('orders', { listeners: [on(Made, breakable().handle)] });
    await announceLarge(newId());
    const first = await onlyOne();
    await retry(bus, first);
    const again = await eventually(onlyOne);
    expect(again.letter).toMatchObject({ stream: 'tickets', sequence: 1, payload: '', retries: 1 });
  });

  it('says so when the original is gone, and stays', async () => {
    start('orders', { listeners: [on(Made, breakable().handle)] });
    await announceLarge(newId());
    const found = await onlyOne();
    await bus.jsm.streams.purge('tickets');
    await expect(retry(bus, found)).rejects.toThrow('message 1 of the stream tickets no longer exists');
    await announce(bus, Made, { id: newId(), version: 0 });
    await bus.jsm.streams.delete('tickets');
    await expect(retry(bus, found)).rejects.toThrow('no longer exists');
    expect(await deadLetter(bus, found.number)).toEqual(found);
  });
});

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
    await ensureDeadLetters(bus, stream);
    const put = () => bus.js.publish('dead-letters.orders.tickets', 'x'.repeat(100));
    await Promise.all(Array.from({ length: 1_100 }, put));
    for (const number of [1, 500, 501, 1_100]) await discard(bus, number);
    const numbers: number[] = [];
    for await (const { number } of deadLetters(bus)) {
      numbers.push(number);
      if (numbers.length < 5) await put();
    }
    expect(numbers).toHaveLength(1_096);
    expect(numbers.at(-1)).toBe(1_099);
  });

  it('that no service wrote hide no other, and can be discarded', async () => {
    await ensureDeadLetters(bus, stream);
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
    expect(await lines()).toContain('dead_letters 0');
    expect(await lines()).toContain('dead_letters_buried_total{type="ticket.created"} 1');
  });

  it('leave out what JetStream does not say', async () => {
    const metrics = new Registry();
    start('orders', { metrics, listeners: [on(Made, async () => {})] });
    await eventually(() => bus.jsm.streams.info('retries'));
    for (const it of listening.splice(0)) await it.stop();
    expect(await metrics.metrics()).toMatch(/^dead_letters 0$/m);
    await bus.jsm.streams.delete('dead-letters');
    expect(await metrics.metrics()).not.toMatch(/^dead_letters \d/m);
  });
});
