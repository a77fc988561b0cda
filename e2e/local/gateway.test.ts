import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@box-office/common/testing/eventually';
import { startTraefik } from '@box-office/local/engines';
import { type Routed, readGateway, routed } from '@box-office/local/gateway';
import type { Engine } from '@box-office/local/starting';
import { ask } from './ask.ts';
import { gatewayPaths } from './gateway-paths.ts';

interface Asked {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: Record<string, string | string[] | undefined>;
}

const session = { cookie: 'session=good' };

describe('the gateway', () => {
  const servers: Server[] = [];
  const asked: Asked[] = [];
  let dir: string;
  let traefik: Engine;
  let twoAuths: Engine;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'gateway-'));
    const urls = new Map<Routed, string>();
    for (const name of routed) urls.set(name, await stub(name));
    const services = Object.fromEntries(routed.map((name) => [name, [urls.get(name) ?? '']]));
    const { auth = [], ...others } = services;
    traefik = await startTraefik({ dir, services: { auth, ...others } });
    twoAuths = await startTraefik({
      dir: join(dir, 'two'),
      services: { ...others, auth: [...auth, await stub('auth')] },
    });
  });

  afterAll(async () => {
    await Promise.all([traefik?.stop(), twoAuths?.stop()]);
    for (const server of servers) server.close();
    await rm(dir, { recursive: true, force: true });
  });

  beforeEach(() => {
    asked.length = 0;
  });

  /** A service that returns what reached it; as auth, it knows one session. */
  async function stub(name: Routed): Promise<string> {
    const server = createServer((req, res) => {
      if (name === 'auth' && req.url === '/identity') {
        asked.push({ method: req.method, url: req.url, headers: req.headers });
        const known = req.headers.cookie === 'session=good' || req.headers.authorization === 'Bearer good';
        if (known) res.setHeader('authorization', 'Bearer signed');
        else res.setHeader('content-type', 'application/problem+json');
        res.writeHead(known ? 200 : 401).end(known ? '' : '{"code":"not-signed-in"}');
        return;
      }
      // Until the caller gives up.
      if (req.url?.endsWith('q=held')) return;
      res.end(JSON.stringify({ service: name, method: req.method, url: req.url, headers: req.headers }));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${portOf(server)}`;
  }

  describe.each(gatewayPaths)('%s %s', (method, path, service, access) => {
    it(`is answered by ${service}, ${access}`, async () => {
      const { status, reached } = await ask(traefik, method, path, session);

      expect(status).toBe(200);
      if (method !== 'HEAD') expect(reached.service).toBe(service);
      expect(asked).toHaveLength(access === 'guarded' ? 1 : 0);
    });

    if (access === 'guarded') {
      it('is refused without a session, in the words of auth', async () => {
        const { status, text, type } = await ask(traefik, method, path, {});

        expect(status).toBe(401);
        expect(type).toBe('application/problem+json');
        expect(text).toContain('not-signed-in');
      });
    }
  });

  it.each([
    '/api%2forders',
    '/api/tickets%2Fmine',
    '/api/tickets%5cmine',
    '/api/orders%00',
    '/api/orders%3bx',
    '/api/%252e%252e/orders',
    '/api/orders%3fq',
    '/api/orders%23x',
  ])('refuses %s, which could be read in two ways', async (path) => {
    expect((await ask(traefik, 'GET', path, session)).status).toBe(400);
    expect(asked).toHaveLength(0);
  });

  it.each(['X_Forwarded_User', 'X.Forwarded.User'])(
    'refuses the header %s, which some servers read as another',
    async (name) => {
      expect((await ask(traefik, 'GET', '/', { [name]: 'somebody' })).status).toBe(400);
    },
  );

  it('puts the signed identity in place of what the caller sent, and keeps the session to itself', async () => {
    const byCookie = await ask(traefik, 'GET', '/api/orders', { ...session, authorization: 'Bearer mine' });
    const byToken = await ask(traefik, 'GET', '/api/orders', { authorization: 'Bearer good' });

    for (const { reached } of [byCookie, byToken]) {
      expect(reached.headers.authorization).toBe('Bearer signed');
      expect(reached.headers.cookie).toBeUndefined();
    }
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'])(
    'leads nobody to the pages with %s',
    async (method) => {
      for (const path of ['/', '/tickets/new', '/_next/static/x.js', '/icon.svg', '/apiary'])
        expect((await ask(traefik, method, path, session)).status).toBe(405);
    },
  );

  it('answers a bounded number of requests of one address at a time', async () => {
    const { hostname, port } = new URL(traefik.url);
    const refused = Promise.withResolvers<number | undefined>();
    const held = Array.from({ length: 500 }, () => {
      const sent = request({ hostname, port, path: '/api/tickets?q=held', agent: false });
      sent.on('response', (answer) => refused.resolve(answer.resume().statusCode)).on('error', () => undefined);
      return sent.end();
    });
    expect(await refused.promise).toBe(429);
    for (const it of held) it.destroy();
    await eventually(async () => {
      const { status } = await ask(traefik, 'GET', '/', session);
      if (status !== 200) throw new Error(`still answered ${status}`);
    });
  });

  it('lets no body that never ends keep its place for longer than 15 seconds', async () => {
    const { hostname, port } = new URL(traefik.url);
    const startedAt = performance.now();
    const sent = request({
      ...{ hostname, port, method: 'POST', path: '/api/auth/token', agent: false },
      headers: { 'content-length': '50', connection: 'keep-alive' },
    });
    sent.write('{}');
    await new Promise((resolve) => {
      sent.on('response', (answer) => answer.resume().on('close', resolve)).on('error', resolve);
    });
    expect(performance.now() - startedAt).toBeLessThan(20_000);
  });

  it('drops every credential on the way to what is public', async () => {
    const credentials = { ...session, authorization: 'Bearer forged' };
    const answers = [
      await ask(traefik, 'GET', '/api/tickets', credentials),
      await ask(traefik, 'POST', '/api/payments/webhook', credentials),
    ];

    for (const { reached } of answers) {
      expect(reached.headers.authorization).toBeUndefined();
      expect(reached.headers.cookie).toBeUndefined();
    }
  });

  it('lets the cookie through to the routes of auth and to the pages', async () => {
    for (const path of ['/api/auth/currentuser', '/']) {
      expect((await ask(traefik, 'GET', path, session)).reached.headers.cookie).toBe('session=good');
    }
  });

  it.each([
    ['one auth', () => traefik],
    ['two replicas of auth', () => twoAuths],
  ])('tells %s what it needs to judge a request', async (_, gateway) => {
    const origin = { origin: 'http://elsewhere.example', 'sec-fetch-site': 'cross-site' };
    const said = { 'x-forwarded-method': 'GET', 'x-forwarded-host': 'forged.example', 'x-forwarded-uri': '/forged' };
    await ask(gateway(), 'POST', '/api/orders?now', { ...session, ...origin, ...said });

    const host = new URL(gateway().url).host;
    expect(asked).toEqual([expect.objectContaining({ method: 'GET', url: '/identity' })]);
    expect(asked[0]?.headers).toMatchObject({
      ...session,
      ...origin,
      'x-forwarded-method': 'POST',
      'x-forwarded-host': host,
      'x-forwarded-uri': '/api/orders?now',
      'x-forwarded-proto': 'http',
    });
  });

  it('does not trust the X-Forwarded-* headers of callers', async () => {
    const { reached } = await ask(traefik, 'GET', '/', { 'x-forwarded-for': '10.1.2.3', 'x-forwarded-host': 'forged' });

    expect(reached.headers['x-forwarded-for']).toBe('127.0.0.1');
    expect(reached.headers['x-forwarded-host']).toBe(new URL(traefik.url).host);
  });
});

describe('the definition of the gateway', () => {
  let dir: string;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'gateway-'));
  });

  afterEach(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  it.each([
    ['an option that the local gateway does not know', { headers: { customRequestHeaders: {}, stsSeconds: 1 } }],
    ['a middleware that the local gateway does not know', { stripPrefix: { prefixes: ['/api'] } }],
  ])('is refused when it holds %s', async (_, spec) => {
    const manifest = { apiVersion: 'traefik.io/v1alpha1', kind: 'Middleware', metadata: { name: 'x' }, spec };
    await writeFile(join(dir, 'middlewares.yml'), JSON.stringify(manifest));

    await expect(readGateway(dir)).rejects.toThrow('middlewares.yml holds what the local gateway cannot translate');
  });
});

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
