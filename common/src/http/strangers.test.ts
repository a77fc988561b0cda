import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import pino from 'pino';
import { Registry } from 'prom-client';
import { z } from 'zod';
import { notSignedIn } from '../problem.ts';
import { type Served, sendRaw, serve } from '../testing/raw-http.ts';
import { createApp } from './app.ts';
import { ifMatch } from './etag.ts';
import { pageOf, pageQuery } from './paging.ts';
import { rawBody, route } from './route.ts';

const Thing = z.strictObject({ title: z.string(), seats: z.array(z.strictObject({ row: z.int() })).optional() });
const done = { 200: { description: 'Done', body: z.unknown() } };
const open = { who: 'anyone', summary: 'Something to ask', answers: done } as const;

const routes = [
  route('GET /things', {
    ...open,
    query: pageQuery(),
    answers: { 200: pageOf(z.unknown(), 'A page') },
    handle: async () => ({ status: 200, body: [], next: '0123456789abcdef01234567' }),
  }),
  route('POST /things', { ...open, body: Thing, handle: async ({ body }) => ({ status: 200, body }) }),
  route('GET /things/:id', { ...open, handle: async ({ params }) => ({ status: 200, body: params }) }),
  route('DELETE /things/:id', { ...open, headers: { ifMatch }, handle: async () => ({ status: 200, body: {} }) }),
  route('POST /hook', {
    ...open,
    who: 'signature',
    body: rawBody(1_000),
    handle: async () => ({ status: 200, body: {} }),
  }),
  route('POST /mine', { ...open, who: 'signedIn', body: Thing, handle: async () => ({ status: 200, body: {} }) }),
];

const logged: { level: number }[] = [];
let served: Served;

beforeAll(async () => {
  served = await serve(
    createApp({
      name: 'kit',
      logger: pino({}, { write: (line: string) => void logged.push(JSON.parse(line)) }),
      metrics: new Registry(),
      routes,
      identity: {
        async verify() {
          throw notSignedIn();
        },
      },
      readiness: () => [],
      writesPerMinute: 10_000,
      bodies: { withinMs: 300 },
    }),
  );
});
afterAll(() => served.close());

const head = (line: string, headers: readonly string[] = []) =>
  [`${line} HTTP/1.1`, 'Host: shop', 'Connection: close', ...headers, '', ''].join('\r\n');
const chunked = ['Content-Type: application/json', 'Transfer-Encoding: chunked'];
const ask = (line: string, ...headers: string[]) => sendRaw(served.port, head(line, headers));

async function post(
  body: string | Buffer,
  { path = '/things', type = 'application/json', headers = [] as string[] } = {},
) {
  const length = `Content-Length: ${Buffer.byteLength(body)}`;
  return sendRaw(served.port, head(`POST ${path}`, [`Content-Type: ${type}`, length, ...headers]), body);
}

/** The code of a problem. */
const codeOf = ({ body }: { body: string }): unknown => JSON.parse(body).code;

describe('a malformed request', () => {
  const deep = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

  it.each([
    ['GET http://x:99999/things?limit=1'],
    ['GET http://[::1/things?limit=1'],
    ['GET http://user:pass@%zz/things'],
    ['GET http://'],
    ['GET https://shop'],
    ['GET ftp://shop/things'],
    ['GET //things'],
    ['GET ///x:99999/things?limit=1'],
    ['GET /things?limit=1&limit=2'],
    ['GET /things?limit=%'],
    ['GET /things?limit=%FF%FE&cursor=%00'],
    ['GET /things?__proto__=1&constructor=2'],
    ['GET /things?cursor[$ne]=1'],
    ['GET /things?limit=1e1000'],
    [`GET /things?${'a=1&'.repeat(3_000)}`],
    ['GET /things#fragment'],
    ['GET /things;x=1'],
    ['GET /things/%'],
    ['GET /things/%E0%A4%A'],
    ['GET /things/%00'],
    ['GET /things/%2e%2e%2fmetrics'],
    ['GET /things/..%5c..%5c'],
    ['GET /%C0%AE%C0%AE/'],
    ['GET /things/0123456789abcdef01234567?%E2%98%83'],
    ['GET *'],
    ['OPTIONS *'],
    ['OPTIONS /things'],
    ['TRACE /'],
    ['TRACE /things'],
    ['CONNECT shop:443'],
    ['PROPFIND /things'],
    ['HEAD /things'],
    ['BREW /things'],
    ['M-SEARCH *'],
    ['GET /healthz/ready?x=%FF'],
  ])('is not answered 500: %.60s', async (line) => {
    expect((await ask(line)).status ?? 0).toBeLessThan(500);
  });

  it('is refused with a parameter twice, and takes none from another place', async () => {
    for (const query of ['limit=1&limit=2', 'limit[]=1', 'limit[a]=1', 'limit=1&cursor=x&cursor=y', 'id=1']) {
      expect([query, (await ask(`GET /things?${query}`)).status]).toEqual([query, 400]);
    }
    const twice = await post('{"title":"a"}', { path: '/things?title=b' });
    expect([twice.status, JSON.parse(twice.body)]).toEqual([200, { title: 'a' }]);
  });

  it.each([
    '0x10',
    '0b11',
    '0o7',
    '1e1',
    '1.0',
    '1.',
    '%201',
    '1%20',
    '%2B1',
    '+1',
    '-1',
    '',
    '%0A1',
    '0',
    '101',
    'true',
    'NaN',
    '%D9%A1',
  ])('is told so about its page size: %j', async (limit) => {
    const { status, body } = await ask(`GET /things?limit=${limit}`);
    expect(status).toBe(400);
    expect(JSON.parse(body).errors).toEqual([expect.objectContaining({ field: 'limit' })]);
  });

  it.each(['1', '7', '100', '007'])('is not one with the page size %s', async (limit) => {
    expect((await ask(`GET /things?limit=${limit}`)).status).toBe(200);
  });

  it.each([
    ['Cookie: session=%E2%98%83'],
    ['Cookie: session=\u00ff; =; ;;'],
    ['Authorization: Bearer'],
    ['Authorization: Bearer a.b.c'],
    ['Authorization: \u00ff\u00fe'],
    ['If-Match: "\u00ff"'],
    [`If-Match: ${'W/"a", '.repeat(2_000)}`],
    ['X-Request-Id: \u00ff'],
    ['traceparent: 00-zz-zz-zz'],
    ['X-Forwarded-For: , , 300.1.1.1, [::1'],
    ['X-Forwarded-Host: \u00ff'],
    ['Expect: the impossible'],
    ['Upgrade: websocket'],
    ['Content-Length: -1'],
    ['Content-Length: 1e9'],
    ['Transfer-Encoding: gzip, chunked'],
    ['Content-Type: application/json; charset='],
    ['Range: bytes=0-0,1-1'],
    ['Host: \u00ff'],
    ['No colon'],
    [`Big: ${'x'.repeat(1_000_000)}`],
  ])('is not answered 500 with the header %.40s', async (header) => {
    for (const line of ['GET /things', 'DELETE /things/0123456789abcdef01234567', 'POST /mine']) {
      expect((await ask(line, header)).status ?? 0).toBeLessThan(500);
    }
  });

  it.each([
    ['deep', deep(40_000)],
    ['with a deep field', `{"title":${deep(40_000)}}`],
    ['of deep objects', `${'{"a":'.repeat(15_000)}1${'}'.repeat(15_000)}`],
    ['with a key twice', '{"title":"a","title":"b"}'],
    ['with __proto__', '{"__proto__":{"title":"x"},"title":"y"}'],
    ['with constructor', '{"constructor":{"prototype":{"x":1}},"title":"y"}'],
    ['with toString', '{"toString":1,"title":"y"}'],
    ['with a number that is too large', '{"title":1e400}'],
    ['of many keys', `{${Array.from({ length: 5_000 }, (_, i) => `"k${i}":1`)}}`],
    ['of many wrong seats', `{"title":"x","seats":[${'{},'.repeat(20_000)}{}]}`],
    ['of nothing', ''],
    ['of NUL', '\0\0\0'],
    ['of a quotation mark', '"'],
  ])('is not answered 500 with a body %s', async (_, body) => {
    expect((await post(body)).status).toBeLessThan(500);
    expect((await post(body, { path: '/hook' })).status).toBeLessThan(500);
  });

  it('is not answered 500 with broken chunks', async () => {
    for (const chunks of [
      'zz\r\n{}\r\n0\r\n\r\n',
      '5\r\n{}\r\n0\r\n\r\n',
      '-1\r\n',
      'ffffffffffffffffff\r\n{}',
      '2;x\r\n{}\r\n0\r\n',
    ]) {
      for (const path of ['/things', '/hook', '/mine', '/nowhere']) {
        const { status } = await sendRaw(served.port, head(`POST ${path}`, chunked), chunks);
        expect(status ?? 0).toBeLessThan(500);
      }
    }
  });

  it('is answered 431 if its headers are too large', async () => {
    expect((await ask('GET /things', `Big: ${'x'.repeat(1_000_000)}`)).status).toBe(431);
  });

  afterAll(() => {
    expect(logged.filter(({ level }) => level >= 40)).toEqual([]);
  });
});

describe('an address in absolute form', () => {
  it('is answered like its path', async () => {
    const { status, headers } = await ask('GET http://x:99999/things?limit=1');
    expect(status).toBe(200);
    expect(headers.get('link')).toBe('</things?limit=1&cursor=0123456789abcdef01234567>; rel="next"');
  });
});

describe('a compressed body', () => {
  it.each([
    ['gzip', gzipSync('{}')],
    ['GZIP', gzipSync('{}')],
    ['x-gzip', gzipSync('{}')],
    ['deflate', deflateSync('{}')],
    ['br', brotliCompressSync('{}')],
    ['zstd', zstdCompressSync('{}')],
    ['br', Buffer.from('broken')],
    ['zstd', Buffer.from('broken')],
    ['identity, gzip', gzipSync('{}')],
    ['gzip, gzip', gzipSync('{}')],
  ])('is refused: %s', async (encoding, body) => {
    for (const path of ['/things', '/hook']) {
      const answer = await post(body, { path, headers: [`Content-Encoding: ${encoding}`] });
      expect([answer.status, codeOf(answer)]).toEqual([415, 'unsupported-media-type']);
    }
  });

  it('may be declared as identity', async () => {
    const { status } = await post('{"title":"x"}', { headers: ['Content-Encoding: Identity'] });
    expect(status).toBe(200);
  });
});

describe('a charset', () => {
  it.each(['utf-8', 'UTF-8', 'utf8', 'Utf8', '"utf-8"', '"UTF8"'])('may be written %s', async (charset) => {
    const { status } = await post('{"title":"Café"}', { type: `application/json;charset=${charset}` });
    expect(status).toBe(200);
  });

  it.each(['latin1', 'utf-16', 'UTF-7', 'klingon', '', 'utf-8; charset=utf-16'])('may not be %j', async (charset) => {
    const answer = await post('{"title":"x"}', { type: `application/json; charset=${charset}` });
    expect([answer.status, codeOf(answer)]).toEqual([415, 'unsupported-media-type']);
  });
});

describe('the encoding of a body', () => {
  it.each([
    ['a byte that is never valid', Buffer.from([0x7b, 0x22, 0x74, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d])],
    [
      'a character that is cut off',
      Buffer.concat([Buffer.from('{"title":"'), Buffer.from('é').subarray(0, 1), Buffer.from('"}')]),
    ],
    ['an overlong character', Buffer.concat([Buffer.from('{"title":"'), Buffer.from([0xc0, 0x80]), Buffer.from('"}')])],
    ['a surrogate', Buffer.concat([Buffer.from('{"title":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')])],
    ['an escaped high surrogate', String.raw`{"title":"\ud800"}`],
    ['an escaped low surrogate', String.raw`{"title":"a\uDFFFb"}`],
    ['two surrogates the wrong way round', String.raw`{"title":"\udc00\ud800"}`],
    ['a lone surrogate after a pair', String.raw`{"title":"\ud83d\ude00\ud83d"}`],
    ['a lone surrogate in a key', String.raw`{"\ud800":1,"title":"x"}`],
    ['a lone surrogate deep inside', String.raw`{"title":"x","seats":[{"row":"\ud800"}]}`],
  ])('is refused if it contains %s', async (_, body) => {
    const answer = await post(body);
    expect([answer.status, codeOf(answer)]).toEqual([400, 'invalid-encoding']);
  });

  it.each([
    ['an escaped surrogate pair', String.raw`{"title":"\ud83d\ude00"}`],
    ['a backslash before what looks like an escape', String.raw`{"title":"\\ud800"}`],
    ['a byte order mark at the start', '\ufeff{"title":"x"}'],
    ['characters of four bytes', '{"title":"🎭"}'],
  ])('is accepted if it contains %s', async (_, body) => {
    expect((await post(body)).status).toBe(200);
  });
});
