import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { LinkRequested } from '@box-office/common/contracts/people';
import { TicketCreated, TicketUpdated } from '@box-office/common/contracts/tickets';
import { type Bus, connectBus } from '@box-office/common/messaging/bus';
import { type Listening, listen, on } from '@box-office/common/messaging/listener';
import { ensureStream } from '@box-office/common/messaging/topology';
import { announce, announceNonsense } from '@box-office/common/testing/announce';
import { losing, testBusUrl } from '@box-office/common/testing/engines';
import { eventually } from '@box-office/common/testing/eventually';
import { newId } from '@box-office/common/testing/parts';
import { headers } from '@nats-io/transport-node';
import pino from 'pino';
import type { Event } from './api/events.ts';
import { consoleClient } from './client/console-client.ts';
import type { Console } from './console.ts';
import { openConsole } from './console-under-test.ts';

const silent = pino({ level: 'silent' });

describe('the console', () => {
  let bus: Bus;
  let dir: string;
  let listening: Listening;
  /** The tickets that cannot be handled: others of earlier cases may still be on their way. */
  const unhandled = new Set<string>();
  let opened: Console;
  let origin: string;

  beforeAll(async () => {
    const url = await testBusUrl();
    bus = losing(await connectBus(url, 'test'));
    dir = await mkdtemp(join(tmpdir(), 'console-'));
    await writeFile(join(dir, 'index.html'), '<title>The console</title>');
    const handle = async ({ data }: { data: { id: string } }) => {
      if (unhandled.has(data.id)) throw new Error('the ledger is full');
    };
    listening = listen({
      bus,
      service: 'orders',
      listeners: [on(TicketCreated, handle), on(TicketUpdated, handle)],
      stream: { replicas: 1 },
      logger: silent,
      now: () => new Date(),
      retryAfterMs: [],
    });
    ({ opened, origin } = await openConsole(dir, { NATS_URL: url, LOGS_DIR: dir }));
  });

  afterAll(async () => {
    await opened.stop();
    await listening.stop();
    await bus.close();
    await rm(dir, { recursive: true, force: true });
  });

  const ticket = () => ({
    ...{ id: newId(), version: 0, title: 'La Traviata', price: 1999, currency: 'eur' as const, venue: null },
    ...{ startsAt: null, userId: newId(), orderId: newId(), state: 'reserved' as const },
  });

  // biome-ignore lint/suspicious/noExplicitAny: an answer may be anything; what a test expects of it, it says
  async function get(path: string): Promise<any> {
    const answer = await fetch(origin + path);
    expect(answer.status).toBe(200);
    return answer.json();
  }

  const post = (path: string, headers: Record<string, string> = { origin }) =>
    fetch(origin + path, { method: 'POST', headers });

  it('shows an event as it passes, finds it, and shows it whole', async () => {
    const one = ticket();
    await announce(bus, TicketCreated, one);
    const event = await eventually(async () => {
      const { items } = await get(`/api/events?q=${one.id}`);
      expect(items).toHaveLength(1);
      return items[0];
    });
    expect(event).toMatchObject({
      stream: 'tickets',
      type: 'ticket.created',
      id: one.id,
      version: 0,
      orderId: one.orderId,
    });
    expect(await get(`/api/events/tickets/${event.seq}`)).toMatchObject({
      data: one,
      headers: { 'ce-type': ['ticket.created'] },
    });
    expect((await get(`/api/events?id=${one.id}`)).items).toEqual([event]);
    expect((await get(`/api/events?id=${newId()}`)).items).toEqual([]);
    expect((await get('/api/events?q=traviata&limit=1')).items).toHaveLength(1);
    expect((await get('/api/events?type=ticket.updated')).items).toEqual([]);
    expect((await fetch(`${origin}/api/events/tickets/999999`)).status).toBe(404);
  });

  it('tells a timer that is set from what happens when it rings', async () => {
    const [id, dueAt] = [newId(), new Date(Date.now() + 60_000).toISOString()];
    await ensureStream(bus, 'expiration', {});
    const lines = headers();
    lines.set('ce-type', 'expiration.completed');
    lines.set('Nats-Schedule', `@at ${dueAt}`);
    lines.set('Nats-Schedule-Target', `expiration.${id}.completed`);
    await bus.js.publish(`expiration.${id}.timer`, JSON.stringify({ id, version: 0 }), { headers: lines });
    await eventually(async () => {
      const { items } = await get(`/api/events?order=${id}`);
      expect(items).toMatchObject([{ type: 'timer set', dueAt, orderId: id }]);
    });
  });

  it('takes spans as OTLP, also compressed, and shows their trace', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const [from, to] = [BigInt(Date.now()) * 1_000_000n, BigInt(Date.now() + 5) * 1_000_000n];
    const span = (spanId: string) => ({
      ...{ traceId, spanId, name: 'POST /api/orders', kind: 2 },
      ...{ startTimeUnixNano: `${from}`, endTimeUnixNano: `${to}` },
    });
    const body = (spanId: string) => JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span(spanId)] }] }] });
    const send = (sent: string | Buffer, more: Record<string, string> = {}) =>
      fetch(`${origin}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...more },
        body: new Uint8Array(Buffer.from(sent)),
      });
    expect((await send(body('1'.repeat(16)))).status).toBe(200);
    expect((await send(gzipSync(body('2'.repeat(16))), { 'content-encoding': 'gzip' })).status).toBe(200);
    expect((await send('{"resourceSpans": 1}')).status).toBe(400);
    expect((await send(gzipSync(Buffer.alloc(20_000_000)), { 'content-encoding': 'gzip' })).status).toBe(400);
    expect((await send(body('3'.repeat(16)), { origin: 'https://evil.example' })).status).toBe(403);
    await eventually(async () => {
      const { items } = await get('/api/traces');
      expect(items).toMatchObject([{ traceId, spans: 2, root: 'POST /api/orders' }]);
    });
    expect((await get(`/api/traces/${traceId}`)).spans).toHaveLength(2);
    expect((await fetch(`${origin}/api/traces/${'1'.repeat(32)}`)).status).toBe(404);
  });

  it('pages through a list, newest first', async () => {
    for (let n = 0; n < 3; n++) await announce(bus, TicketCreated, { ...ticket(), title: `Page ${n}` });
    const titles = async (path: string) => {
      const { items, next } = await get(path);
      const seqs: number[] = items.map(({ seq }: { seq: number }) => seq);
      return { seqs, next };
    };
    const all = await eventually(async () => {
      const { seqs } = await titles('/api/events?q=page');
      expect(seqs).toHaveLength(3);
      return seqs;
    });
    const first = await titles('/api/events?q=page&limit=2');
    expect(first.seqs).toEqual(all.slice(0, 2));
    const second = await titles(`/api/events?q=page&limit=2&before=${first.next}`);
    expect(second).toEqual({ seqs: all.slice(2), next: undefined });
    expect((await fetch(`${origin}/api/events?limit=none`)).status).toBe(400);
  });

  it('shows how far each listener is', async () => {
    await announce(bus, TicketCreated, ticket());
    await eventually(async () => {
      const { items } = await get('/api/streams');
      const stream = items.find(({ name }: { name: string }) => name === 'tickets');
      expect(stream).toMatchObject({ kind: 'log', messages: stream.lastSeq });
      expect(stream.consumers).toMatchObject([
        { name: 'orders', handledUpTo: stream.lastSeq, waiting: 0, delivered: 0, connected: true },
      ]);
    });
  });

  it('shows a dead letter, retries it, and discards one', async () => {
    const one = ticket();
    unhandled.add(one.id);
    await announce(bus, TicketCreated, one);
    // Different tickets are handled at the same time.
    await eventually(async () => expect((await get('/api/dead-letters')).items).toHaveLength(1));
    await announceNonsense(bus, TicketUpdated, '{"title":');
    const letters = await eventually(async () => {
      const { items } = await get('/api/dead-letters');
      expect(items).toHaveLength(2);
      return items;
    });
    expect(letters).toMatchObject([
      { service: 'orders', type: 'ticket.updated', reason: 'the payload is not JSON', data: '{"title":' },
      { service: 'orders', type: 'ticket.created', reason: 'the ledger is full', data: one, orderId: one.orderId },
    ]);
    expect((await get('/api/dead-letters?q=LEDGER')).items).toHaveLength(1);
    const [{ number, seq }] = letters;
    const ofEvent = async () => (await get(`/api/events/tickets/${seq}`)).deadLetters;
    expect(await ofEvent()).toEqual([{ number, service: 'orders' }]);
    unhandled.clear();
    expect((await post(`/api/dead-letters/${letters[1].number}/retry`)).status).toBe(204);
    expect((await post(`/api/dead-letters/${letters[0].number}/discard`)).status).toBe(204);
    await eventually(async () => expect((await get('/api/dead-letters')).items).toEqual([]));
    expect(await ofEvent()).toEqual([]);
    expect((await post(`/api/dead-letters/${number}/retry`)).status).toBe(404);
  });

  it('tells what happens to whoever listens', async () => {
    const asked = await fetch(`${origin}/api/live?only=event`);
    expect(asked.headers.get('content-type')).toBe('text/event-stream');
    const one = ticket();
    await announce(bus, TicketCreated, one);
    let heard = '';
    for await (const chunk of asked.body ?? []) {
      heard += Buffer.from(chunk).toString();
      if (heard.includes(one.id)) break;
    }
    expect(heard).toMatch(/^event: event\ndata: \{"stream":"tickets",.*\}$/m);
    expect(heard).not.toMatch(/^event: (streams|log)/m);
  });

  it('is followed without a gap, however much happens, by the filters of its lists', async () => {
    const [first, ...burst] = Array.from({ length: 51 }, () => ({ ...ticket(), title: 'A burst' }));
    const list = { path: '/api/events', query: { q: 'A BURST' }, keyOf: ({ id }: Event) => id };
    const told = new Set<string>();
    await announce(bus, TicketCreated, first ?? ticket());
    for await (const news of consoleClient({ url: origin, state: undefined }).follow(list, 'event')) {
      if (told.size === 0) await Promise.all(burst.map((it) => announce(bus, TicketCreated, it)));
      for (const { id } of news) told.add(id);
      if (told.size === 51) break;
    }
    expect(told).toEqual(new Set([first, ...burst].map((it) => it?.id)));
  });

  it('reads the files of the logs, also after one was begun anew', async () => {
    const order = newId();
    const line = (msg: string, more = {}) =>
      `${JSON.stringify({ level: 40, time: '2030-01-01T00:00:00.000Z', name: 'orders', msg, ...more })}\n`;
    await writeFile(join(dir, 'orders.log'), `${line('first', { orderId: order, traceId: 'ab' })}plain text\n{"lev`);
    const logs = (query = '') => get(`/api/logs?service=orders${query}`);
    await eventually(async () => expect((await logs()).items).toHaveLength(2));
    expect((await logs('&level=warn')).items).toEqual([
      {
        number: expect.any(Number),
        at: '2030-01-01T00:00:00.000Z',
        service: 'orders',
        level: 'warn',
        message: 'first',
        traceId: 'ab',
        orderId: order,
        fields: {},
      },
    ]);
    await rm(join(dir, 'orders.log'));
    await writeFile(join(dir, 'orders.log'), line('second'));
    await eventually(async () => expect((await logs()).items[0].message).toBe('second'));
    expect((await logs(`&order=${order}`)).items).toHaveLength(1);
  });

  it('gives away no secret', async () => {
    const token = 'the-only-token-there-is';
    await announce(bus, LinkRequested, {
      id: newId(),
      version: 0,
      email: 'ada@example.com',
      language: 'en',
      purpose: 'reset',
      token,
      expiresAt: new Date().toISOString(),
    });
    const secrets = {
      bearer: 'abcdef0123456789',
      stripe: 'sk_test_sandbox123',
      intent: 'pi_1_secret_2',
      identity: 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
      cookie: 'session=verysecret',
      inUrl: 'linktokeninurl',
    };
    await writeFile(
      join(dir, 'auth.log'),
      `${JSON.stringify({
        level: 30,
        msg: `called with Bearer ${secrets.bearer} and ${secrets.stripe}`,
        req: { headers: { cookie: secrets.cookie }, url: `/open?key=${secrets.inUrl}` },
        intent: secrets.intent,
      })}\n${secrets.identity} for ada@example.com\n`,
    );
    const event = await eventually(async () => {
      const { items } = await get('/api/events?type=link.requested');
      expect(items).toHaveLength(1);
      return items[0];
    });
    await eventually(async () => expect((await get('/api/logs?service=auth')).items).toHaveLength(2));
    const shown = JSON.stringify([
      await get(`/api/events/auth/${event.seq}`),
      await get('/api/logs'),
      await get('/api/logs?q=verysecret'),
      await get('/api/events?q=only-token'),
    ]);
    expect(shown).toContain('ada@example.com');
    for (const secret of [token, ...Object.values(secrets)]) expect(shown).not.toContain(secret);
  });
});
