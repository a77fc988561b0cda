import { createPublicKey } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jwksIdentity } from '@box-office/common/http/identity';
import type { Service } from '@box-office/common/messaging/service';
import { eventually } from '@box-office/common/testing/eventually';
import jwt from 'jsonwebtoken';
import request from 'supertest';
import { type AuthUnderTest, authUnderTest, first, newKey, second } from './auth-under-test.ts';

let shop: AuthUnderTest;
beforeAll(async () => {
  shop = await authUnderTest();
});
afterAll(() => shop.parts.end());

describe('what services accept', () => {
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

  const signedBy = (key: ReturnType<typeof newKey>, more: jwt.SignOptions = {}, claims: object = {}) => {
    const at = Math.floor(shop.parts.now().getTime() / 1000);
    return `Bearer ${jwt.sign({ iat: at, exp: at + 60, ...claims }, keyObject(key), {
      algorithm: 'ES256',
      keyid: key.kid,
      issuer: 'box-office/auth',
      audience: 'box-office',
      subject: 'anna',
      ...more,
    })}`;
  };

  it('is what auth signs, before, while and after its key is replaced', async () => {
    const services = verifier();
    const stages = [[first], [first, second], [second, first], [second]];
    for (const keys of stages) {
      const next = shop.create({ SIGNING_KEYS: JSON.stringify(keys) });
      const { id, cookie } = await shop.signUp(next.app);
      const { headers } = await shop.identity({ Cookie: cookie }, 'GET', next.app).expect(200);
      published = next;
      await expect(services.verify(headers.authorization)).resolves.toEqual({ id });
    }
  });

  it('ends with its minute', async () => {
    const services = verifier();
    const { id, cookie } = await shop.signUp();
    const { authorization } = (await shop.identity({ Cookie: cookie })).headers;
    await expect(services.verify(authorization)).resolves.toEqual({ id });
    shop.parts.now.forward(61_000);
    await expect(services.verify(authorization)).rejects.toMatchObject({ code: 'not-signed-in' });
  });

  it('is no more what a withdrawn key has signed, within a minute', async () => {
    const services = verifier();
    published = shop.create({ SIGNING_KEYS: JSON.stringify([first, second]) });
    await expect(services.verify(signedBy(first))).resolves.toEqual({ id: 'anna' });
    published = shop.create({ SIGNING_KEYS: JSON.stringify([second]) });
    shop.parts.now.forward(60_000);
    await eventually(() => expect(services.verify(signedBy(first))).rejects.toMatchObject({ code: 'not-signed-in' }));
    await expect(services.verify(signedBy(second))).resolves.toEqual({ id: 'anna' });
  });

  it('stays what it was while auth is away', async () => {
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

  it('costs auth one question, however many ask at once', async () => {
    let asked = 0;
    const counting = serve((req, res) => {
      asked++;
      shop.auth.app(req, res);
    });
    const services = verifier(counting, 2_000);
    await Promise.all(Array.from({ length: 50 }, () => services.verify(signedBy(first))));
    // Nor does a flood of made-up keys.
    await Promise.allSettled(Array.from({ length: 50 }, (_, i) => services.verify(signedBy(newKey(`made-up-${i}`)))));
    expect(asked).toBe(1);
  });

  it('publishes the key that comes next', async () => {
    const next = shop.create({ SIGNING_KEYS: JSON.stringify([first, second]) });
    const answer = await request(next.app).get('/.well-known/jwks.json').expect(200);
    expect(answer.body.keys.map(({ kid }: { kid: string }) => kid)).toEqual(['first', 'second']);
    expect(answer.headers['cache-control']).toBe('public, max-age=60');
  });

  it('publishes no private half', async () => {
    const { body } = await request(shop.auth.app).get('/.well-known/jwks.json').expect(200);
    expect(body.keys).toEqual([
      { kty: 'EC', crv: 'P-256', x: first.x, y: first.y, kid: 'first', alg: 'ES256', use: 'sig' },
    ]);
  });

  it('is nothing else', async () => {
    const services = verifier();
    const refused = expect.objectContaining({ code: 'not-signed-in' });
    await expect(services.verify(signedBy(first))).resolves.toEqual({ id: 'anna' });
    const expired = Math.floor(shop.parts.now().getTime() / 1000) - 1;
    const pem = createPublicKey(keyObject(first)).export({ type: 'spki', format: 'pem' }).toString();
    const b64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = { sub: 'anna', iss: 'box-office/auth', aud: 'box-office', exp: expired + 3600 };
    const hmacHeader = `${b64({ alg: 'HS256', kid: 'first' })}.${b64(claims)}`;
    const { createHmac } = await import('node:crypto');
    const confused = `${hmacHeader}.${createHmac('sha256', pem).update(hmacHeader).digest('base64url')}`;
    for (const bad of [
      undefined,
      '',
      'Bearer',
      'Basic YTpi',
      signedBy(newKey('first')),
      signedBy(newKey('unheard-of')),
      signedBy(first, { issuer: 'somebody' }),
      signedBy(first, { audience: 'another' }),
      signedBy(first, {}, { exp: expired }),
      `Bearer ${b64({ alg: 'none', kid: 'first' })}.${b64(claims)}.`,
      `Bearer ${confused}`,
      `Bearer ${b64({ alg: 'ES256', typ: 'JWT', kid: 'first' })}.bm8ganNvbg.AAAA`,
      `Bearer ${b64({ alg: 'ES256', kid: { $ne: '' } })}.${b64(claims)}.AAAA`,
      `Bearer ${b64({ alg: 'ES256', kid: '__proto__' })}.${b64(claims)}.AAAA`,
      signedBy(first).replace('Bearer', 'bearer'),
      `${signedBy(first)}, ${signedBy(first)}`,
      signedBy(first, { subject: '' }),
    ]) {
      await expect(services.verify(bad)).rejects.toEqual(refused);
    }
  });

  it('cannot be told while auth is away, which is nobody’s fault', async () => {
    const lost = jwksIdentity({
      jwksUrl: 'http://127.0.0.1:1/',
      issuer: 'box-office/auth',
      audience: 'box-office',
      now: shop.parts.now,
    });
    await expect(lost.verify(signedBy(first))).rejects.toMatchObject({ code: 'identity-unavailable' });
  });

  const keyObject = (key: ReturnType<typeof newKey>) => ({ key, format: 'jwk' }) as unknown as jwt.Secret;
});
