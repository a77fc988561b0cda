import { headers } from '@nats-io/transport-node';
import { defineEvent } from '../contracts/event.ts';
import { announce, announceNonsense } from '../testing/announce.ts';
import { eventually } from '../testing/eventually.ts';
import { newId } from '../testing/parts.ts';
import { deadLetter, retry } from './dead-letters.ts';
import {
  all,
  breakable,
  bus,
  Counter,
  Made,
  onlyOne,
  Raised,
  start,
  stream,
  useBus,
  waiting,
} from './dead-letters-under-test.ts';
import { on } from './listener.ts';
import { ensureStream } from './topology.ts';

useBus();

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
    await eventually(async () => expect(await waiting()).toBe(0));
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
