import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Console } from './console.ts';
import { openConsole } from './console-under-test.ts';

describe('the console and strangers', () => {
  let dir: string;
  let opened: Console;
  let origin: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'console-'));
    await writeFile(join(dir, 'index.html'), '<title>The console</title>');
    // It answers while nothing else does.
    const MONGO_URLS = JSON.stringify({ orders: 'mongodb://127.0.0.1:1/orders?serverSelectionTimeoutMS=50' });
    ({ opened, origin } = await openConsole(dir, { MONGO_URLS }));
  });

  afterAll(async () => {
    await opened.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const post = (path: string, headers: Record<string, string>) => fetch(origin + path, { method: 'POST', headers });

  const asStranger = (headers: Record<string, string>, method = 'GET', path = '/api/system') =>
    new Promise<number | undefined>((resolve, reject) => {
      const sent = request(origin + path, { method, headers }, async (answer) => {
        await text(answer);
        resolve(answer.statusCode);
      });
      sent.once('error', reject).end();
    });

  it.each(['evil.example', 'localhost.evil.example', '127.0.0.1.nip.io:8090', 'evil.example@localhost'])(
    'does not answer to the name "%s"',
    async (host) => {
      expect([400, 421]).toContain(await asStranger({ host }));
    },
  );

  it('answers to localhost at any port, for whoever forwards one', async () => {
    expect(await asStranger({ host: 'localhost:12345' })).toBe(200);
    expect(await asStranger({ host: '[::1]' })).toBe(200);
  });

  it.each([
    ['no origin', {}],
    ['a foreign origin', { origin: 'https://evil.example' }],
    ['another port', { origin: 'http://127.0.0.1:1' }],
    ['a page without an address', { origin: 'null' }],
  ])('changes nothing for %s', async (_, headers) => {
    for (const path of ['/api/dead-letters/1/discard', '/api/sandbox/faults', '/v1/traces']) {
      expect((await post(path, headers as Record<string, string>)).status).toBe(403);
    }
  });

  it('gives no data to a page of another site', async () => {
    expect(await asStranger({ 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await asStranger({ 'sec-fetch-site': 'cross-site' }, 'GET', '/orders')).toBe(200);
  });

  it('takes spans on a port of their own, from any name, and answers nothing else there', async () => {
    await new Promise<void>((resolve) => opened.receiver.listen(0, '127.0.0.1', resolve));
    const { port } = opened.receiver.address() as AddressInfo;
    const ask = (path: string, options: RequestInit = {}) => fetch(`http://127.0.0.1:${port}${path}`, options);
    const spans = { method: 'POST', body: '{"resourceSpans":[]}' };
    const json = { 'content-type': 'application/json' };
    expect((await ask('/v1/traces', { ...spans, headers: { ...json, host: 'console:4318' } })).status).toBe(200);
    expect((await ask('/v1/traces', { ...spans, headers: { 'content-type': 'text/plain' } })).status).toBe(403);
    expect((await ask('/healthz/live')).status).toBe(200);
    for (const path of ['/', '/index.html', '/api/system', '/api/story/1', '/v1/traces/..%2f..%2fapi/system'])
      expect((await ask(path)).status).toBe(404);
    expect((await ask('/api/dead-letters/1/retry', { method: 'POST', headers: json })).status).toBe(404);
  });

  it('says that it reads no log lines, where it was told of none', async () => {
    const answer = await fetch(`${origin}/api/logs`);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ detail: expect.stringContaining('kubectl') });
    expect(await (await fetch(`${origin}/api/system`)).json()).toMatchObject({ hasLogs: false });
  });

  it('says that a database is away, and does not call that a fault of its own', async () => {
    const answer = await fetch(`${origin}/api/story/${'f'.repeat(24)}`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ detail: expect.stringMatching(/^The database of orders does not/) });
  });

  it('serves nothing from outside its folder', async () => {
    for (const path of ['/../strangers.test.ts', '/%2e%2e/secrets.json', '//etc/passwd', '/assets/../../x.js']) {
      const answer = await fetch(origin + path);
      expect([200, 404]).toContain(answer.status);
      expect(await answer.text()).not.toMatch(/root:|import /);
    }
    const page = await fetch(`${origin}/orders/1`);
    expect(await page.text()).toBe('<title>The console</title>');
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/);
  });
});
