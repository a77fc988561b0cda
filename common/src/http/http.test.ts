import { request as ask, createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import request from 'supertest';
import { setUp } from '../testing/http-kit.ts';

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
});

/** Starts the app on a free port. */
function serve(app: RequestListener): number {
  const server = createServer(app).listen(0);
  servers.push(server);
  return (server.address() as AddressInfo).port;
}

const { app } = setUp();
const post = (body: string | object, type = 'application/json') =>
  request(app).post('/things').set('Content-Type', type).send(body);

describe('a body', () => {
  it('is JSON', async () => {
    await post({ title: 'Opera' }).expect(201, { title: 'Opera' });
    await post('{"title":"Café"}', 'application/json; charset=utf-8').expect(201, { title: 'Café' });
  });

  it.each([
    ['that is not JSON', '{"title":', 'application/json', 400, 'invalid-json'],
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
    ['that claims to be compressed', Buffer.from('{}'), { 'content-encoding': 'br' }, 415, 'unsupported-media-type'],
    ['in an unknown encoding', Buffer.from('{}'), { 'content-encoding': 'lzw' }, 415, 'unsupported-media-type'],
    ['without a type', Buffer.from('{}'), { 'content-type': '' }, 415, 'unsupported-media-type'],
  ])('%s is refused', async (_, body, headers, status, code) => {
    expect((await sendRaw(body, headers, status)).code).toBe(code);
  });

  it('with faults is refused with the name of each invalid or unknown field', async () => {
    const { body } = await post({ seats: [{ row: 1 }, { row: 'A', colour: 'red' }], admin: true }).expect(400);
    expect(body).toMatchObject({ type: 'about:blank', title: 'Bad Request', status: 400, code: 'invalid-request' });
    expect(body.errors.map(({ field }: { field: string }) => field).sort()).toEqual([
      'admin',
      'seats.1.colour',
      'seats.1.row',
      'title',
    ]);
  });

  it('with a prototype in it changes none', async () => {
    for (const inside of [
      '{"title":"Opera","__proto__":{"admin":true}}',
      '{"title":"Opera","seats":[{"row":1,"__proto__":{"admin":true}}]}',
    ]) {
      expect((await post(inside)).body).not.toHaveProperty('admin');
      expect((await post(inside.replace('__proto__', 'constructor'))).status).toBe(400);
    }
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
    await post({ title: 'Opera' }).expect(201, { title: 'Opera' });
  });

  it('that is missing is reported without a field name', async () => {
    const { body } = await request(app).post('/things').expect(400);
    expect(body.errors).toEqual([{ field: '', message: expect.any(String) }]);
  });

  it('reaches a route that declares a raw body unchanged', async () => {
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
  ])('is matched exactly, including case and slashes: %s is not found', async (path) => {
    const { body } = await request(app).get(path).expect(404);
    expect(body).toEqual({
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      code: 'not-found',
      detail: 'Not found.',
    });
  });

  it('with an invalid percent-encoding is answered 400', async () => {
    const { body } = await request(app).get('/things/%E0%A4%A').expect(400);
    expect(body.code).toBe('invalid-path');
  });

  it('with an invalid id is answered 404', async () => {
    await request(app).get('/things/0123456789abcdef01234567').expect(200);
    for (const id of ['1', 'nonsense', '0123456789ABCDEF01234567', '0123456789abcdef012345678', '%00', '..%2f']) {
      await request(app).get(`/things/${id}`).expect(404);
    }
  });
});

describe('a method', () => {
  it('that a path does not support is answered 405 with a list of those it supports', async () => {
    for (const method of ['PATCH', 'DELETE', 'TRACE', 'PROPFIND', 'SEARCH']) {
      const { status, headers } = await raw(`${method} /things HTTP/1.1`);
      expect([method, status, headers.get('allow')]).toEqual([method, 405, 'POST, GET, HEAD, OPTIONS']);
    }
    expect((await raw('TRACE / HTTP/1.1')).status).toBe(404);
    await request(app).delete('/things/none').expect(404);
  });

  it('is listed in the answer to OPTIONS', async () => {
    const { headers } = await request(app).options('/things/0123456789abcdef01234567').expect(204);
    expect(headers.allow).toBe('GET, HEAD, OPTIONS');
  });

  it('HEAD is answered like GET, without the body', async () => {
    const [head, get] = [await request(app).head('/things'), await request(app).get('/things')];
    expect(head.status).toBe(200);
    expect(head.headers['content-length']).toBe(get.headers['content-length']);
    expect(head.text).toBeUndefined();
  });
});

describe('an answer', () => {
  it.each(['/things', '/mine', '/bug', '/nowhere'])('is not cached, sniffed or embedded: %s', async (path) => {
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

  it('is sent as an ETag', async () => {
    const answer = await put().expect(200);
    expect(answer.headers.etag).toBe('"8"');
  });

  it.each([undefined, '*', ' * ', '"7"', '"6", "7"', '"7",W/"8"', '"a,b","7"', ', "7",'])(
    'matches If-Match: %s',
    async (tag) => {
      await put(tag).expect(200);
    },
  );

  it.each(['"8"', 'W/"7"', '"seven"', '"-1"', '"07"', '""', '"99999999999999999999"', '"6", "8"', 'W/"7", "8"'])(
    'does not match If-Match: %s',
    async (tag) => {
      const { body } = await put(tag).expect(412);
      expect(body.code).toBe('version-moved');
    },
  );

  it.each(['7', '"7', '"7 "', 'w/"7"', '"7" "8"', '"7"; "8"', ',', '* , "7"', `${'"7",'.repeat(3_000)}x`])(
    'cannot be compared with an invalid If-Match: %s',
    async (tag) => {
      const { body } = await put(tag).expect(400);
      expect(body.errors).toEqual([{ field: 'If-Match', message: expect.any(String) }]);
    },
  );
});

it('what has no version cannot be changed on the condition of one', async () => {
  const things = (tag: string) => request(app).post('/things').set('If-Match', tag).send({ title: 'Opera' });
  expect((await things('"7"').expect(412)).body.code).toBe('version-moved');
  await things('seven').expect(400);
  await things('*').expect(201);
  await request(app).get('/things').set('If-Match', '"7"').expect(200);
});

describe('a list', () => {
  it('links to the next page if there is one', async () => {
    const { headers } = await request(app).get('/things?q=a%20b&cursor=old&last=next').expect(200);
    expect(headers.link).toBe('</things?q=a+b&cursor=next&last=next>; rel="next"');
    expect((await request(app).get('/things')).headers.link).toBeUndefined();
  });
});

/** Sends bytes unchanged, unlike supertest. */
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

/** Sends a request line unchanged, and reads the status and headers of the answer. */
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
