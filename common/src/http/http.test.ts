import { request as ask, createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import pino from 'pino';
import { Registry } from 'prom-client';
import request from 'supertest';
import { z } from 'zod';
import { notSignedIn, Problem, problem } from '../problem.ts';
import { unchanged } from '../store/change.ts';
import { currentTraceparent } from '../telemetry/trace.ts';
import { createApp } from './app.ts';
import { etag, ifMatch, ifMatches } from './etag.ts';
import type { Identity } from './identity.ts';
import { limitRate } from './rate-limit.ts';
import { type Route, rawBody, route } from './route.ts';

/** A token in the form of a signed one. */
const bearer = (name: string) =>
  `Bearer header.${Buffer.from(JSON.stringify({ sub: name })).toString('base64url')}.signature`;

/** Whoever brings a token with Anna's name in it is Anna. */
const believing: Identity = {
  async verify(authorization) {
    const payload = /^Bearer header\.([\w-]+)\.signature$/.exec(authorization ?? '')?.[1];
    if (!payload) throw notSignedIn();
    return { id: String(JSON.parse(Buffer.from(payload, 'base64url').toString()).sub) };
  },
};

const Body = z.strictObject({ title: z.string(), seats: z.array(z.strictObject({ row: z.int() })).optional() });

const done = { 200: { description: 'Done', body: z.unknown() } };
const plain = { who: 'anyone', summary: 'Something to ask', answers: done } as const;
const mine = { ...plain, who: 'signedIn' } as const;

const routes: readonly Route[] = [
  route('POST /things', {
    ...plain,
    body: Body,
    answers: { 201: { description: 'Made', body: Body } },
    handle: async ({ body }) => ({ status: 201, body }),
  }),
  route('GET /things', {
    ...plain,
    query: z.object({ last: z.string().optional() }),
    handle: async ({ query }) => ({ status: 200, body: [], next: query.last }),
  }),
  route('GET /things/:id', { ...plain, handle: async ({ params }) => ({ status: 200, body: params }) }),
  route('PUT /version', {
    ...plain,
    headers: { ifMatch },
    answers: { 200: { description: 'Done', body: z.unknown(), headers: { ETag: 'The version' } } },
    async handle({ headers }) {
      const change = ifMatches(headers.ifMatch, () => unchanged({ id: 'it', version: 8 }));
      return { status: 200, headers: { ETag: etag(8) }, body: change({ id: 'it', version: 7 }) };
    },
  }),
  route('GET /conflict', {
    ...plain,
    async handle() {
      throw problem('ticket-reserved', 'Somebody was faster.');
    },
  }),
  route('GET /later', {
    ...plain,
    async handle() {
      throw problem('unavailable', 'Not now.', { retryAfterSeconds: 1.2, cause: new Error('the cause') });
    },
  }),
  route('GET /bug', {
    ...plain,
    async handle() {
      throw new Error('the password of the database');
    },
  }),
  route('GET /unreadable', { ...plain, handle: async () => ({ status: 200, body: Body.parse({ title: 7 }) }) }),
  route('GET /half', {
    ...plain,
    limits: [
      (_req, res) => {
        res.write('half of ');
        throw new Error('the other half');
      },
    ],
    handle: async () => ({ status: 200, body: {} }),
  }),
  route('GET /trace', { ...plain, handle: async () => ({ status: 200, body: { traceparent: currentTraceparent() } }) }),
  route('GET /address', { ...plain, handle: async ({ req }) => ({ status: 200, body: { address: req.ip } }) }),
  route('POST /limited', {
    ...plain,
    limits: [limitRate({ windowMs: 60_000, limit: 2 })],
    handle: async () => ({ status: 200, body: {} }),
  }),
  route('GET /mine', { ...mine, handle: async ({ user }) => ({ status: 200, body: user }) }),
  route('POST /mine', { ...mine, handle: async ({ user }) => ({ status: 200, body: user }) }),
  route('PUT /mine', { ...mine, handle: async ({ user }) => ({ status: 200, body: user }) }),
  route('POST /raw', {
    ...plain,
    who: 'signature',
    body: rawBody(1_000),
    handle: async ({ body }) => ({ status: 200, body: { came: body.toString() } }),
  }),
];

function setUp({ waitingFor = [], writesPerMinute = 1000 }: { waitingFor?: string[]; writesPerMinute?: number } = {}) {
  const logged: Record<string, unknown>[] = [];
  const app = createApp({
    name: 'kit',
    logger: pino({}, { write: (line: string) => void logged.push(JSON.parse(line)) }),
    metrics: new Registry(),
    routes,
    identity: believing,
    readiness: () => waitingFor,
    writesPerMinute,
  });
  return { app, logged };
}

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
});

/** A port where the app answers. */
function serve(app: RequestListener): number {
  const server = createServer(app).listen(0);
  servers.push(server);
  return (server.address() as AddressInfo).port;
}

const { app, logged } = setUp();
const post = (body: string | object, type = 'application/json') =>
  request(app).post('/things').set('Content-Type', type).send(body);

describe('a body', () => {
  it('is JSON', async () => {
    await post({ title: 'Opera' }).expect(201, { title: 'Opera' });
    await post('{"title":"Café"}', 'application/json; charset=utf-8').expect(201, { title: 'Café' });
  });

  it.each([
    ['that is no JSON', '{"title":', 'application/json', 400, 'invalid-json'],
    ['that is a bare value', '42', 'application/json', 400, 'invalid-json'],
    ['of text', 'title', 'text/plain', 415, 'unsupported-media-type'],
    ['of a form', 'title=Opera', 'application/x-www-form-urlencoded', 415, 'unsupported-media-type'],
    ['of something like JSON', '{}', 'application/merge-patch+json', 415, 'unsupported-media-type'],
    ['in an unknown charset', '{}', 'application/json; charset=klingon', 415, 'unsupported-media-type'],
    ['of more than 100 kB', `{"title":"${'x'.repeat(102_400)}"}`, 'application/json', 413, 'too-large'],
  ])('%s is refused', async (_, body, type, status, code) => {
    const answer = await post(body, type);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  });

  it.each([
    [
      'that is compressed',
      gzipSync('{"title":"Opera"}'),
      { 'content-encoding': 'gzip' },
      415,
      'unsupported-media-type',
    ],
    ['that says it is', Buffer.from('{}'), { 'content-encoding': 'br' }, 415, 'unsupported-media-type'],
    ['in an unknown encoding', Buffer.from('{}'), { 'content-encoding': 'lzw' }, 415, 'unsupported-media-type'],
    ['without a type', Buffer.from('{}'), { 'content-type': '' }, 415, 'unsupported-media-type'],
  ])('%s is refused', async (_, body, headers, status, code) => {
    expect((await sendRaw(body, headers, status)).code).toBe(code);
  });

  it('names every field that is wrong, and every unknown one by its own name', async () => {
    const { body } = await post({ seats: [{ row: 1 }, { row: 'A', colour: 'red' }], admin: true }).expect(400);
    expect(body).toMatchObject({ type: 'about:blank', title: 'Bad Request', status: 400, code: 'invalid-request' });
    expect(body.errors.map(({ field }: { field: string }) => field).sort()).toEqual([
      'admin',
      'seats.1.colour',
      'seats.1.row',
      'title',
    ]);
  });

  it('that is missing is wrong as a whole', async () => {
    const { body } = await request(app).post('/things').expect(400);
    expect(body.errors).toEqual([{ field: '', message: expect.any(String) }]);
  });

  it('reaches the routes that want it so as it came', async () => {
    await request(app)
      .post('/raw')
      .set('Content-Type', 'text/plain')
      .send(' as {it} came ')
      .expect(200, { came: ' as {it} came ' });
  });
});

describe('a path', () => {
  it.each([
    '/THINGS',
    '/things/',
    '//things',
    '/Things',
    '/thing%73/x/',
    '/HEALTHZ/live',
    '/healthz/live/',
    '/metrics/',
  ])('is not found unless it is written exactly so: %s', async (path) => {
    const { body } = await request(app).get(path).expect(404);
    expect(body).toEqual({
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      code: 'not-found',
      detail: 'There is nothing here.',
    });
  });

  it('with a broken encoding is the caller’s fault', async () => {
    const { body } = await request(app).get('/things/%E0%A4%A').expect(400);
    expect(body.code).toBe('invalid-path');
  });

  it('leads to nothing where its id is none', async () => {
    await request(app).get('/things/0123456789abcdef01234567').expect(200);
    for (const id of ['1', 'nonsense', '0123456789ABCDEF01234567', '0123456789abcdef012345678', '%00', '..%2f']) {
      await request(app).get(`/things/${id}`).expect(404);
    }
  });
});

describe('a method', () => {
  it('that a known path does not have is refused with those it has', async () => {
    for (const method of ['PATCH', 'DELETE', 'TRACE', 'PROPFIND', 'SEARCH']) {
      const { status, headers } = await raw(`${method} /things HTTP/1.1`);
      expect([method, status, headers.get('allow')]).toEqual([method, 405, 'POST, GET, HEAD, OPTIONS']);
    }
    expect((await raw('TRACE / HTTP/1.1')).status).toBe(404);
    await request(app).delete('/things/none').expect(404);
  });

  it('can be asked for', async () => {
    const { headers } = await request(app).options('/things/0123456789abcdef01234567').expect(204);
    expect(headers.allow).toBe('GET, HEAD, OPTIONS');
  });

  it('HEAD answers what GET does, without the body', async () => {
    const [head, get] = [await request(app).head('/things'), await request(app).get('/things')];
    expect(head.status).toBe(200);
    expect(head.headers['content-length']).toBe(get.headers['content-length']);
    expect(head.text).toBeUndefined();
  });
});

describe('an answer', () => {
  it.each(['/things', '/mine', '/bug', '/nowhere'])('is kept by no cache, and is what it says: %s', async (path) => {
    const { headers } = await request(app).get(path);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    });
  });
});

describe('a version', () => {
  const put = (tag?: string) =>
    request(app)
      .put('/version')
      .set(tag === undefined ? {} : { 'If-Match': tag });

  it('is answered as a tag', async () => {
    const answer = await put().expect(200);
    expect(answer.headers.etag).toBe('"8"');
  });

  it.each([undefined, '*', ' * ', '"7"', '"6", "7"', '"7",W/"8"', '"a,b","7"', ', "7",'])(
    'is the wanted one: %s',
    async (tag) => {
      await put(tag).expect(200);
    },
  );

  it.each(['"8"', 'W/"7"', '"seven"', '"-1"', '"07"', '""', '"99999999999999999999"', '"6", "8"', 'W/"7", "8"'])(
    'is another one: %s',
    async (tag) => {
      const { body } = await put(tag).expect(412);
      expect(body.code).toBe('version-moved');
    },
  );

  it.each(['7', '"7', '"7 "', 'w/"7"', '"7" "8"', '"7"; "8"', ',', '* , "7"', `${'"7",'.repeat(3_000)}x`])(
    'is no tag at all: %s',
    async (tag) => {
      const { body } = await put(tag).expect(400);
      expect(body.errors).toEqual([{ field: 'If-Match', message: expect.any(String) }]);
    },
  );
});

describe('a list', () => {
  it('says where it goes on, and that only when it does', async () => {
    const { headers } = await request(app).get('/things?q=a%20b&cursor=old&last=next').expect(200);
    expect(headers.link).toBe('</things?q=a+b&cursor=next&last=next>; rel="next"');
    expect((await request(app).get('/things')).headers.link).toBeUndefined();
  });
});

describe('a problem', () => {
  it('is told in its own words', async () => {
    const { body } = await request(app).get('/conflict').expect(409);
    expect(body).toEqual({
      type: 'about:blank',
      title: 'Conflict',
      status: 409,
      code: 'ticket-reserved',
      detail: 'Somebody was faster.',
    });
  });

  it('says when to come back, in whole seconds, and does not say why', async () => {
    const answer = await request(app).get('/later').expect(503);
    expect(answer.headers['retry-after']).toBe('2');
    expect(answer.text).not.toContain('the cause');
  });

  it('that is ours is a 500 without detail, and its id stands in the log beside what happened', async () => {
    const answer = await request(app).get('/bug').set('x-request-id', 'req-1').expect(500);
    expect(answer.body).toEqual({
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
      code: 'internal',
      errorId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(logged).toContainEqual(
      expect.objectContaining({
        level: 50,
        errorId: answer.body.errorId,
        requestId: 'req-1',
        err: expect.objectContaining({ message: 'the password of the database' }),
      }),
    );
  });

  it('with what we have stored is ours, not the caller’s', async () => {
    const { body } = await request(app).get('/unreadable').expect(500);
    expect(logged).toContainEqual(expect.objectContaining({ level: 50, errorId: body.errorId }));
  });

  it('in the middle of an answer cuts it off and is logged', async () => {
    await expect(request(app).get('/half')).rejects.toThrow(/aborted|hang up/);
    expect(logged).toContainEqual(
      expect.objectContaining({ level: 50, err: expect.objectContaining({ message: 'the other half' }) }),
    );
  });

  it('remembers its cause', () => {
    const cause = new Error('why');
    expect(problem('unavailable', undefined, { cause })).toMatchObject({ message: 'unavailable', cause });
    expect(new Problem('not-found')).toBeInstanceOf(Error);
  });
});

describe('a request', () => {
  it('keeps the id it came with, when that is one, and gets one otherwise', async () => {
    expect((await request(app).get('/trace').set('x-request-id', 'abc.DEF:1-2')).headers['x-request-id']).toBe(
      'abc.DEF:1-2',
    );
    for (const bad of ['', 'x'.repeat(101), 'a b', '{"level":60}']) {
      const id = (await request(app).get('/trace').set('x-request-id', bad)).headers['x-request-id'];
      expect(id).toMatch(/^[0-9a-f-]{36}$/);
    }
    expect((await request(app).get('/nowhere')).headers['x-request-id']).toBeDefined();
  });

  it('goes on with the trace it belongs to, and is logged under it', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const { body } = await request(app).get('/trace').set('traceparent', `00-${traceId}-00f067aa0ba902b7-01`);
    expect(body.traceparent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
    expect(body.traceparent).not.toContain('00f067aa0ba902b7');
    expect(logged).toContainEqual(
      expect.objectContaining({ msg: 'request', traceId, method: 'GET', path: '/trace', status: 200 }),
    );
  });

  it('leaves no session and no token in the log', async () => {
    await request(app)
      .get('/mine?token=secret1')
      .set({ Authorization: bearer('anna'), Cookie: 'session=secret2' })
      .expect(200);
    expect(JSON.stringify(logged)).not.toMatch(/secret1|secret2|Bearer|signature/);
  });

  it('comes from the address that our own gateway saw', async () => {
    await request(app)
      .get('/address')
      .set('X-Forwarded-For', '1.2.3.4, 203.0.113.7')
      .expect({ address: '203.0.113.7' });
  });

  it('tells nobody what the service is made with', async () => {
    expect((await request(app).get('/trace')).headers['x-powered-by']).toBeUndefined();
  });
});

describe('who asks', () => {
  it('must be signed in', async () => {
    await request(app).get('/mine').set('Authorization', bearer('anna')).expect(200, { id: 'anna' });
    const { body } = await request(app).get('/mine').expect(401);
    expect(body.code).toBe('not-signed-in');
    expect((await request(app).get('/mine')).headers['www-authenticate']).toBe('Bearer');
  });

  it('may write 600 times at once', async () => {
    const generous = setUp();
    const port = serve(generous.app);
    const answers = await Promise.all(
      Array.from({ length: 600 }, () =>
        fetch(`http://127.0.0.1:${port}/mine`, { method: 'PUT', headers: { Authorization: bearer('anna') } }),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    await Promise.all(answers.map((answer) => answer.arrayBuffer()));
  });

  it('may not write without end, reads as ever, and is in nobody else’s way', async () => {
    const strict = setUp({ writesPerMinute: 3 });
    const write = (name: string) => request(strict.app).post('/mine').set('Authorization', bearer(name));
    for (let i = 0; i < 3; i++) await write('anna').expect(200);
    const answer = await write('anna').expect(429);
    expect(answer.body.code).toBe('too-many-requests');
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    await request(strict.app).get('/mine').set('Authorization', bearer('anna')).expect(200);
    await write('berta').expect(200);
  });

  it('is counted by address as long as nobody knows who it is', async () => {
    const strict = setUp({ writesPerMinute: 2 });
    const write = (authorization: string, address: string) =>
      request(strict.app).post('/mine').set({ Authorization: authorization, 'X-Forwarded-For': address });
    for (const nonsense of ['Bearer header.bm8ganNvbg.forged', `Bearer ${'A'.repeat(43)}`]) {
      await write(nonsense, '203.0.113.7').expect(401);
    }
    await write('', '203.0.113.7').expect(429);
    await write('', '203.0.113.8').expect(401);
  });
});

describe('a limit', () => {
  it('holds for one address, and says how long it lasts still', async () => {
    const { app } = setUp();
    const hit = (address: string) => request(app).post('/limited').set('X-Forwarded-For', address);
    await hit('203.0.113.7').expect(200);
    await hit('203.0.113.7').expect(200);
    const { headers } = await hit('203.0.113.7').expect(429);
    expect(Number(headers['retry-after'])).toBeGreaterThan(50);
    expect(Number(headers['retry-after'])).toBeLessThanOrEqual(60);
    await hit('203.0.113.8').expect(200);
  });

  it('holds for a whole network of IPv6, which is one household', async () => {
    const { app } = setUp();
    const hit = (address: string) => request(app).post('/limited').set('X-Forwarded-For', address);
    await hit('2001:db8:0:100::1').expect(200);
    await hit('2001:db8:0:1ff::2').expect(200);
    await hit('2001:db8:0:17f:dead::3').expect(429);
    await hit('2001:db8:0:200::1').expect(200);
  });
});

describe('the health of a service', () => {
  it('is live from the start, and ready once it waits for nothing', async () => {
    const waitingFor = ['nats', 'mongo'];
    const { app } = setUp({ waitingFor });
    await request(app).get('/healthz/live').expect(200, { live: true });
    await request(app)
      .get('/healthz/ready')
      .expect(503, { ready: false, waitingFor: ['nats', 'mongo'] });
    waitingFor.length = 0;
    await request(app).get('/healthz/ready').expect(200, { ready: true, waitingFor: [] });
  });

  it('is not logged, and is not measured', async () => {
    const { app, logged } = setUp();
    await request(app).get('/healthz/live').expect(200);
    expect(logged).toEqual([]);
  });
});

describe('the metrics', () => {
  it('count requests by route and never by path, which would be one series for each ticket', async () => {
    const { app } = setUp();
    await request(app).get('/things/0123456789abcdef01234567').expect(200);
    await request(app).get('/made-up').expect(404);
    const { text, headers } = await request(app).get('/metrics').expect(200);
    expect(headers['content-type']).toMatch(/^text\/plain/);
    expect(text).toContain('http_request_duration_seconds_count{method="GET",route="/things/:id",status="200"} 1');
    expect(text).toContain('http_request_duration_seconds_count{method="GET",route="none",status="404"} 1');
    expect(text).not.toContain('0123456789abcdef');
  });
});

/** Sends bytes as they are, which supertest does not. */
async function sendRaw(body: Buffer, headers: Record<string, string>, status: number): Promise<{ code?: string }> {
  const port = serve(app);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const type = headers['content-type'] === '' ? {} : { 'content-type': 'application/json' };
    const { 'content-type': _, ...rest } = headers;
    ask({ port, path: '/things', method: 'POST', headers: { ...type, ...rest } }, resolve)
      .on('error', reject)
      .end(body);
  });
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  expect(answer.statusCode).toBe(status);
  return JSON.parse(Buffer.concat(chunks).toString());
}

/** Sends a request line as it is, and reads status and headers of the answer. */
async function raw(requestLine: string): Promise<{ status: number; headers: Headers }> {
  const socket = connect(serve(app), '127.0.0.1');
  socket.write(`${requestLine}\r\nHost: shop\r\nConnection: close\r\n\r\n`);
  const [head = ''] = (await text(socket)).split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = lines.map((line): [string, string] => [
    line.slice(0, line.indexOf(':')),
    line.slice(line.indexOf(':') + 1),
  ]);
  return { status: Number(statusLine.split(' ')[1]), headers: new Headers(headers) };
}
