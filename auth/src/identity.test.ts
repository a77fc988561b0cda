import { decodeJwt, decodeProtectedHeader } from 'jose';
import request from 'supertest';
import { type AuthUnderTest, authUnderTest, origin, somebody } from './auth-under-test.ts';

let shop: AuthUnderTest;
beforeAll(async () => {
  shop = await authUnderTest();
});
afterAll(() => shop.parts.end());

describe('the identity for the gateway', () => {
  it('is a signed token for a minute, or 401 without a session', async () => {
    const { id, cookie } = await shop.signUp();
    const { headers } = await shop.identity({ Cookie: cookie }).expect(200);
    const token = headers.authorization?.replace('Bearer ', '') ?? '';
    // Services accept no other header.
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'ES256', typ: 'JWT', kid: 'first' });
    const claims = decodeJwt(token);
    expect(claims).toMatchObject({ sub: id, iss: 'box-office/auth', aud: 'box-office' });
    expect(Number(claims.exp) - Number(claims.iat)).toBe(60);
    expect((await shop.identity({}).expect(401)).body.code).toBe('not-signed-in');
    await shop.identity({ Cookie: `session-8080=${'A'.repeat(43)}` }).expect(401);
    await shop.identity({ Authorization: headers.authorization ?? '' }).expect(401);
  });

  it.each([
    ['another site', { 'Sec-Fetch-Site': 'cross-site', Origin: origin }, 403],
    ['a sibling of our site', { 'Sec-Fetch-Site': 'same-site' }, 403],
    ['another origin', { Origin: 'https://evil.example' }, 403],
    ['an opaque origin', { Origin: 'null' }, 403],
    ['nowhere that it says', {}, 403],
    ['an address that somebody typed', { 'Sec-Fetch-Site': 'none' }, 403],
    [
      'another origin that claims to be asked there',
      { Origin: 'https://evil.example', 'X-Forwarded-Host': 'evil.example:1' },
      403,
    ],
    ['our own page', { 'Sec-Fetch-Site': 'same-origin' }, 200],
    ['our own origin', { Origin: origin }, 200],
    [
      'the address it was sent to',
      { Origin: 'http://127.0.0.1:1', 'X-Forwarded-Proto': 'http', 'X-Forwarded-Host': '127.0.0.1:1' },
      200,
    ],
  ])('for a change by cookie from %s', async (_, headers, status) => {
    const { cookie } = await shop.signUp();
    const answer = await shop.identity({ Cookie: cookie, ...headers } as Record<string, string>, 'POST');
    expect(answer.status).toBe(status);
    if (status === 403) expect(answer.body.code).toBe('cross-origin');
  });

  it.each(['GET', 'HEAD', 'OPTIONS'])('does not depend on the origin of %s requests', async (method) => {
    const { cookie } = await shop.signUp();
    await shop.identity({ Cookie: cookie, 'Sec-Fetch-Site': 'cross-site' }, method).expect(200);
  });

  it('treats a request as a change if the gateway does not send its method', async () => {
    const { cookie } = await shop.signUp();
    await request(shop.auth.app).get('/identity').set('Cookie', cookie).expect(403);
    await shop.identity({ Cookie: cookie }, 'get').expect(403);
  });

  it('is taken from the cookie if the Authorization header contains no token', async () => {
    const { cookie } = await shop.signUp();
    const both = { Cookie: cookie, Authorization: 'Bearer nonsense' };
    await shop.identity({ ...both, 'Sec-Fetch-Site': 'cross-site' }, 'POST').expect(403);
    await shop.identity({ ...both, Authorization: `Bearer ${'A'.repeat(43)}` }, 'POST').expect(401);
  });

  it('does not depend on the origin of requests with a token', async () => {
    const person = await shop.signUp();
    const { body } = await shop.post('token', { email: person.email, password: person.password });
    await shop.identity({ Authorization: `Bearer ${body.token}` }, 'DELETE').expect(200);
  });

  it('refuses to sign a browser in or out for another site', async () => {
    const { email, password, cookie } = await shop.signUp();
    const foreign = [
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site' },
      { Origin: 'https://evil.example' },
    ];
    for (const headers of foreign) {
      await shop.post('signin', { email, password }).set(headers).expect(403);
      await shop.post('token', { email, password }).set(headers).expect(403);
      await shop.post('signup', somebody()).set(headers).expect(403);
      await shop.signOut({ Cookie: cookie, ...headers }).expect(403);
    }
  });

  it('does not count requests from other sites against their visitors', async () => {
    const narrow = shop.create({ SIGNUPS_PER_ADDRESS: '1' });
    for (let i = 0; i < 3; i++) {
      await shop.post('signup', somebody(), narrow.app).set('Sec-Fetch-Site', 'cross-site').expect(403);
    }
    await shop.signUp(narrow.app);
  });
});
