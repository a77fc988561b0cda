import { mkdtemp, rm } from 'node:fs/promises';
import { type ClientRequest, createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@box-office/common/testing/eventually';
import { startTraefik } from '@box-office/local/engines';
import { routed } from '@box-office/local/gateway';
import type { Engine } from '@box-office/local/starting';

const id = '66f0c0ffee66f0c0ffee66f0';
const elsewhere = { Origin: 'https://elsewhere.example' };

describe('what the gateway answers', () => {
  const asked: string[] = [];
  let dir: string;
  let server: Server;
  let traefik: Engine;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'gateway-'));
    server = createServer((req, res) => {
      asked.push(`${req.method} ${req.url}`);
      res.setHeader('server', 'Stub/1.0').setHeader('x-powered-by', 'Stub');
      if (req.url === '/identity' && !req.headers.authorization) res.statusCode = 401;
      // Until the caller gives up.
      if (!req.url?.includes('held')) res.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const services = { auth: [url], ...Object.fromEntries(routed.map((name) => [name, [url]])) };
    traefik = await startTraefik({ dir, services });
  });

  afterAll(async () => {
    await traefik?.stop();
    server.close();
    await rm(dir, { recursive: true, force: true });
  });

  beforeEach(() => {
    asked.length = 0;
  });

  const ask = (method: string, path: string, headers: Record<string, string> = {}) =>
    fetch(new URL(path, traefik.url), { method, headers });

  it.each([
    ['GET', '/', 200],
    ['GET', '/api/docs', 200],
    ['GET', '/api/tickets', 200],
    ['POST', '/api/auth/signin', 200],
    ['POST', '/api/payments/webhook', 200],
    ['GET', '/api/orders', 401],
    ['DELETE', '/api/anything', 401],
    ['POST', '/', 405],
  ])('tells browsers what to make of %s %s, answered %d', async (method, path, status) => {
    const answer = await ask(method, path);

    expect(answer.status).toBe(status);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'strict-origin-when-cross-origin',
      'cross-origin-opener-policy': 'same-origin-allow-popups',
    });
    expect(answer.headers.get('server')).toBeNull();
    expect(answer.headers.get('x-powered-by')).toBeNull();
    // Over plain HTTP it would be ignored, and on localhost it would be in the way of everything else there.
    expect(answer.headers.get('strict-transport-security')).toBeNull();
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])(
    'tells whoever asks a page with %s that it is only read',
    async (method) => {
      for (const path of ['/', '/shows', '/icon.svg']) {
        const { status, headers } = await ask(method, path);
        expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD']);
      }
      expect(asked).toEqual([]);
      expect((await ask('GET', '/shows')).headers.get('allow')).toBeNull();
    },
  );

  it('lets an answer of the API that is opened as a page do nothing', async () => {
    for (const path of ['/api/tickets', '/api/orders', '/api/auth/currentuser', '/api/nothing']) {
      const { headers } = await ask('GET', path);
      expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
      expect(headers.get('permissions-policy')).toBe('camera=(), microphone=(), geolocation=()');
    }
  });

  it.each(['/api/tickets', `/api/tickets/${id}`, '/api/shows', `/api/shows/${id}`, `/api/shows/${id}/seats`])(
    'lets other sites read %s, which is public',
    async (path) => {
      const preflight = await ask('OPTIONS', path, { ...elsewhere, 'Access-Control-Request-Method': 'GET' });
      expect(preflight.status).toBe(200);
      expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
      expect(preflight.headers.get('access-control-allow-methods')).toBe('GET,HEAD');
      expect(asked).toEqual([]);

      const answer = await ask('GET', path, elsewhere);
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    },
  );

  it.each([
    '/api/orders',
    '/api/tickets/mine',
    `/api/shows/${id}/sales`,
    '/api/auth/currentuser',
    '/api/auth/signin',
    '/api/payments',
    '/api/payments/webhook',
    '/api/nothing',
  ])('answers a preflight for %s without a session, and permits nothing', async (path) => {
    for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
      const { status, headers } = await ask('OPTIONS', path, { ...elsewhere, 'Access-Control-Request-Method': method });
      expect(status).toBe(200);
      expect(namesIn(headers)).not.toContain('access-control-allow-origin');
      expect(namesIn(headers)).not.toContain('access-control-allow-credentials');
    }
    expect(asked).toEqual([]);
    expect(namesIn((await ask('GET', path, elsewhere)).headers)).not.toContain('access-control-allow-origin');
  });

  it.each(['shop.example', '127.0.0.1.shop.example', 'localhost.shop.example', '0', '[::1]'])(
    'serves nothing under %s, which is none of its names',
    async (name) => {
      for (const path of ['/', '/api/tickets', '/api/orders', '/api/auth/currentuser']) {
        expect(await statusUnder(name, path)).toBe(421);
        expect(await statusUnder(`${name}:80`, path)).toBe(421);
      }
      expect(asked).toEqual([]);
    },
  );

  it('serves what is asked of it under its own names', async () => {
    for (const name of ['localhost', 'localhost:8080', '127.0.0.1', 'LOCALHOST']) {
      expect(await statusUnder(name, '/api/tickets')).toBe(200);
    }
  });

  it('reads no more than 16 kB of headers', async () => {
    expect((await ask('GET', '/api/tickets', { 'X-Long': 'x'.repeat(7_000) })).status).toBe(200);
    expect((await ask('GET', '/api/tickets', { 'X-Long': 'x'.repeat(18_000) })).status).toBe(431);
    expect(asked).toEqual(['GET /api/tickets']);
  });

  // Each from an address of its own: the gateway frees what was given up a moment after it was.
  it.each([
    ['/api/tickets?q=held', '127.0.0.11'],
    ['/api/shows?limit=5&q=held', '127.0.0.12'],
    ['/?q=held', '127.0.0.13'],
    ['/api/tickets?%71=held', '127.0.0.14'],
    ['/api/tickets?q=&q=held', '127.0.0.15'],
  ])('lets one address do six searches at a time such as %s, whatever it says of itself', async (path, address) => {
    const { hostname, port } = new URL(traefik.url);
    const from = (localAddress: string, asked: string, headers = {}) =>
      request({ hostname, port, path: asked, localAddress, headers: { host: 'localhost', ...headers }, agent: false });
    const statusOf = (sent: ClientRequest) =>
      new Promise<number | undefined>((resolve, reject) => {
        sent.on('response', (answer) => resolve(answer.resume().statusCode)).on('error', reject);
        sent.end();
      });
    const held = Array.from({ length: 6 }, (_, number) =>
      from(address, path, { 'x-forwarded-for': `10.0.0.${number}` }).on('error', () => undefined),
    );
    for (const it of held) it.end();
    await eventually(() => {
      if (asked.length < 6) throw new Error(`${asked.length} of 6 have arrived`);
    });
    const other = { 'x-forwarded-for': '10.0.0.9', 'x-real-ip': '10.0.0.9' };
    expect(await statusOf(from(address, path, other))).toBe(429);
    // Nobody else waits for it, nor does the same address for anything else.
    expect(await statusOf(from('127.0.0.2', '/api/tickets?q=opera'))).toBe(200);
    expect(await statusOf(from(address, `/api/tickets/${id}`))).toBe(200);
    for (const it of held) it.destroy();
  });

  it('does not count a list that nobody searches as a search', async () => {
    const ending = new AbortController();
    const lists = Array.from({ length: 7 }, (_, number) =>
      fetch(new URL(`/?q=&held=${number}`, traefik.url), { signal: ending.signal }).catch(() => undefined),
    );
    await eventually(() => expect(asked).toHaveLength(7));
    ending.abort();
    await Promise.all(lists);
  });

  /** `fetch` sets `Host` itself. */
  function statusUnder(host: string, path: string): Promise<number | undefined> {
    const { hostname, port } = new URL(traefik.url);
    return new Promise((resolve, reject) => {
      const sent = request({ hostname, port, path, headers: { host }, agent: false }, (answer) => {
        resolve(answer.resume().statusCode);
      });
      sent.on('error', reject).end();
    });
  }
});

const namesIn = (headers: Headers): string[] => [...headers.keys()];
