import { createHmac, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jwksIdentity } from '@box-office/common/http/identity';
import type { Service } from '@box-office/common/service';
import { eventually } from '@box-office/common/testing/eventually';
import request from 'supertest';
import { type AuthUnderTest, authUnderTest, first, newKey, second } from './auth-under-test.ts';

let shop: AuthUnderTest;
beforeAll(async () => {
  shop = await authUnderTest();
});
afterAll(() => shop.parts.end());

describe('identity tokens', () => {
  let server: Server;
  let published: Service;

  beforeAll(async () => {
    published = shop.auth;
    server = serve((req, res) => published.app(req, res));
  });
  afterEach(() => {
    published = shop.auth;
  });
  afterAll(() => {
    for (const each of servers.splice(0)) {
      each.close();
      each.closeAllConnections();
    }
  });

  const servers: Server[] = [];
  const serve = (listener: RequestListener) => {
    const started = createServer(listener).listen(0);
    servers.push(started);
    return started;
  };

  const verifier = (at = server, refetchAfterMs = 0) =>
    jwksIdentity({
      jwksUrl: `http://127.0.0.1:${(at.address() as AddressInfo).port}/.well-known/jwks.json`,
      issuer: 'box-office/auth',
      audience: 'box-office',
      now: shop.parts.now,
      refetchAfterMs,
    });

  const inSeconds = (ahead = 0) => Math.floor(shop.parts.now().getTime() / 1000) + ahead;
  const b64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const privateKeyOf = (key: ReturnType<typeof newKey>) => createPrivateKey({ key, format: 'jwk' });

  /** A token with auth's own header and claims, but for those that are given; undefined leaves one out. */
  const signedBy = (key: ReturnType<typeof newKey>, claims: object = {}, header: object = {}) => {
    // Read once: a second between two looks at the clock would make its life longer than is allowed.
    const iat = inSeconds();
    const signed = [
      b64({ alg: 'ES256', typ: 'JWT', kid: key.kid, ...header }),
      b64({
        sub: 'anna',
        iss: 'box-office/auth',
        aud: 'box-office',
        iat,
        exp: iat + 60,
        ...claims,
      }),
    ].join('.');
    const signature = sign('sha256', Buffer.from(signed), { key: privateKeyOf(key), dsaEncoding: 'ieee-p1363' });
    return `Bearer ${signed}.${signature.toString('base64url')}`;
  };

  it('are accepted before, during and after a key rotation', async () => {
    const services = verifier();
    const stages = [[first], [first, second], [second, first], [second]];
    for (const keys of stages) {
      const next = shop.create({ SIGNING_KEYS: JSON.stringify(keys) });
      const { id, cookie } = await shop.signUp(next.app);
      const { headers } = await shop.identity({ Cookie: cookie }, 'GET', next.app).expect(200);
      published = next;
      await expect(services.verify(headers.authorization)).resolves.toMatchObject({ id });
    }
  });

  it('expire after a minute', async () => {
    const services = verifier();
    const { id, cookie } = await shop.signUp();
    const { authorization } = (await shop.identity({ Cookie: cookie })).headers;
    await expect(services.verify(authorization)).resolves.toMatchObject({ id });
    shop.parts.now.forward(61_000);
    await expect(services.verify(authorization)).rejects.toMatchObject({ code: 'not-signed-in' });
  });

  it('are refused a minute after their key was withdrawn', async () => {
    const services = verifier();
    published = shop.create({ SIGNING_KEYS: JSON.stringify([first, second]) });
    await expect(services.verify(signedBy(first))).resolves.toEqual({ id: 'anna' });
    published = shop.create({ SIGNING_KEYS: JSON.stringify([second]) });
    shop.parts.now.forward(60_000);
    await eventually(() => expect(services.verify(signedBy(first))).rejects.toMatchObject({ code: 'not-signed-in' }));
    await expect(services.verify(signedBy(second))).resolves.toEqual({ id: 'anna' });
  });

  it('stay valid while auth is unavailable', async () => {
    let away = false;
    let asked = 0;
    const half = serve((req, res) => {
      asked++;
      if (away) res.writeHead(500).end();
      else shop.auth.app(req, res);
    });
    const services = verifier(half);
    await expect(services.verify(signedBy(first))).resolves.toEqual({ id: 'anna' });
    away = true;
    shop.parts.now.forward(3_600_000);
    await expect(services.verify(signedBy(first))).resolves.toEqual({ id: 'anna' });
    await eventually(() => expect(asked).toBe(2));
    await expect(services.verify(signedBy(first))).resolves.toEqual({ id: 'anna' });
    await expect(services.verify(signedBy(second))).rejects.toMatchObject({ code: 'identity-unavailable' });
  });

  it('cause one request to auth if verified concurrently', async () => {
    let asked = 0;
    const counting = serve((req, res) => {
      asked++;
      shop.auth.app(req, res);
    });
    const services = verifier(counting, 60_000);
    await Promise.all(Array.from({ length: 50 }, () => services.verify(signedBy(first))));
    // Nor does a flood of made-up keys.
    await Promise.allSettled(Array.from({ length: 50 }, (_, i) => services.verify(signedBy(newKey(`made-up-${i}`)))));
    expect(asked).toBe(1);
  });

  it('can be verified with the published keys, including the next one', async () => {
    const next = shop.create({ SIGNING_KEYS: JSON.stringify([first, second]) });
    const answer = await request(next.app).get('/.well-known/jwks.json').expect(200);
    expect(answer.body.keys.map(({ kid }: { kid: string }) => kid)).toEqual(['first', 'second']);
    expect(answer.headers['cache-control']).toBe('public, max-age=60');
  });

  it('have only their public keys published', async () => {
    const { body } = await request(shop.auth.app).get('/.well-known/jwks.json').expect(200);
    expect(body.keys).toEqual([
      { kty: 'EC', crv: 'P-256', x: first.x, y: first.y, kid: 'first', alg: 'ES256', use: 'sig' },
    ]);
  });

  it('may be issued by a clock that is slightly ahead', async () => {
    const iat = inSeconds(3);
    await expect(verifier().verify(signedBy(first, { iat, exp: iat + 60 }))).resolves.toEqual({ id: 'anna' });
  });

  it.each([
    ['no end', { exp: undefined }],
    ['an end in the year 2100', { exp: 4_102_444_800 }],
    ['an end that is no number', { exp: 'tomorrow' }],
    ['an end between two seconds', { exp: () => inSeconds(30) + 0.5 }],
    // A second between the two looks at the clock makes it longer, not shorter.
    ['a life of 61 s', { iat: () => inSeconds(-1), exp: () => inSeconds(60) }],
    ['an end before its beginning', { iat: () => inSeconds(4), exp: () => inSeconds(3) }],
    ['its end behind it', { iat: () => inSeconds(-60), exp: () => inSeconds(-1) }],
    ['no beginning', { iat: undefined }],
    ['a beginning in the future', { iat: () => inSeconds(10), exp: () => inSeconds(70) }],
    ['a beginning in 2100', { iat: 4_102_444_740, exp: 4_102_444_800 }],
    ['a time before which it is not good', { nbf: () => inSeconds(30) }],
    ['another issuer', { iss: 'somebody' }],
    ['no issuer', { iss: undefined }],
    ['another audience', { aud: 'another' }],
    ['no audience', { aud: undefined }],
    ['several audiences', { aud: ['box-office', 'another'] }],
    ['nobody’s name', { sub: '' }],
    ['no name', { sub: undefined }],
  ])('are refused with %s, even if signed with auth’s key', async (_, claims) => {
    const services = verifier();
    await expect(services.verify(signedBy(first))).resolves.toEqual({ id: 'anna' });
    // Only now, since that takes time.
    const now = Object.entries(claims).map(([name, value]) => [name, typeof value === 'function' ? value() : value]);
    const refused = services.verify(signedBy(first, Object.fromEntries(now)));
    await expect(refused).rejects.toMatchObject({ code: 'not-signed-in' });
  });

  it.each([
    ['no type', { typ: undefined }],
    ['another type', { typ: 'at+jwt' }],
    ['a type that is no word', { typ: { JWT: true } }],
    ['demands that nobody here knows', { crit: ['exp'] }],
    ['an unencoded payload', { b64: false, crit: ['b64'] }],
    ['a key of its own', { jwk: { kty: 'EC' } }],
    ['an address for its key', { jku: 'https://evil.example/jwks.json' }],
    ['another algorithm’s name', { alg: 'ES384' }],
    ['no key’s name', { kid: undefined }],
    ['something else for a key’s name', { kid: { $ne: '' } }],
    ['a key’s name that objects have', { kid: '__proto__' }],
  ])('are refused if their header has %s', async (_, header) => {
    const refused = verifier().verify(signedBy(first, {}, header));
    await expect(refused).rejects.toMatchObject({ code: 'not-signed-in' });
  });

  it('are refused in any other form or with another signature', async () => {
    const services = verifier();
    await expect(services.verify(signedBy(first))).resolves.toEqual({ id: 'anna' });
    const pem = createPublicKey(privateKeyOf(first)).export({ type: 'spki', format: 'pem' }).toString();
    const [, payload = '', signature = ''] = signedBy(first).split('.');
    const symmetric = `${b64({ alg: 'HS256', typ: 'JWT', kid: 'first' })}.${payload}`;
    const confused = `${symmetric}.${createHmac('sha256', pem).update(symmetric).digest('base64url')}`;
    const header = b64({ alg: 'ES256', typ: 'JWT', kid: 'first' });
    for (const bad of [
      undefined,
      '',
      'Bearer',
      'Basic YTpi',
      signedBy(newKey('first')),
      signedBy(newKey('unheard-of')),
      `Bearer ${b64({ alg: 'none', typ: 'JWT', kid: 'first' })}.${payload}.`,
      `Bearer ${confused}`,
      `Bearer ${header}.bm8ganNvbg.AAAA`,
      `Bearer ${header}.${payload}.AAAA`,
      `Bearer ${header}.${b64({ sub: 'eve' })}.${signature}`,
      `Bearer bm8ganNvbg.${payload}.${signature}`,
      signedBy(first).replace('Bearer', 'bearer'),
      `${signedBy(first)}, ${signedBy(first)}`,
    ]) {
      await expect(services.verify(bad)).rejects.toMatchObject({ code: 'not-signed-in' });
    }
  });

  it('cannot be verified before auth has been reached once', async () => {
    const lost = jwksIdentity({
      jwksUrl: 'http://127.0.0.1:1/',
      issuer: 'box-office/auth',
      audience: 'box-office',
      now: shop.parts.now,
    });
    await expect(lost.verify(signedBy(first))).rejects.toMatchObject({ code: 'identity-unavailable' });
  });
});
