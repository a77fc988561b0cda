import { createHash } from 'node:crypto';
import { testDatabase } from '@box-office/common/testing/engines';
import request from 'supertest';
import { type AuthUnderTest, authUnderTest, cookieOf, somebody } from './auth-under-test.ts';

let shop: AuthUnderTest;
beforeAll(async () => {
  shop = await authUnderTest();
});
afterAll(() => shop.parts.end());

describe('signing up', () => {
  it('begins with no account at all', async () => {
    const own = await testDatabase();
    const empty = shop.create({}, { connection: own.connection });
    await empty.start();
    expect(await own.connection.collection('accounts').countDocuments()).toBe(0);
    await empty.stop();
    await own.drop();
  });

  it('creates an account, and a session that only the browser has', async () => {
    const person = somebody();
    const answer = await shop.post('signup', { ...person, email: ` ${person.email.toUpperCase()} ` }).expect(201);
    expect(answer.body).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
      email: person.email,
      kind: 'person',
      verified: false,
    });
    expect(answer.headers['set-cookie']?.[0]).toMatch(
      /^session-8080=[\w-]{43}; Max-Age=\d+; Path=\/; .*HttpOnly; SameSite=Lax$/,
    );
    expect(await shop.currentUser({ Cookie: cookieOf(answer) })).toEqual(answer.body);
  });

  it('lets one of ten concurrent sign-ups with the same e-mail through', async () => {
    const person = somebody();
    const answers = await Promise.all(Array.from({ length: 10 }, () => shop.post('signup', person)));
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
    // The others have the same password, so they sign in; or there are too many at once.
    expect(answers.filter(({ status }) => ![200, 201, 429].includes(status))).toEqual([]);
    expect(await shop.parts.connection.collection('accounts').countDocuments({ email: person.email })).toBe(1);
  });

  it.each([
    ['no e-mail', { email: 'nobody', password: 'long enough' }, 'email'],
    ['a password of 7 characters', { email: 'a@example.com', password: '1234567' }, 'password'],
    ['a password of 129 characters', { email: 'a@example.com', password: 'x'.repeat(129) }, 'password'],
    ['an unknown field', { email: 'a@example.com', password: 'long enough', admin: true }, 'admin'],
    ['an object for a password', { email: 'a@example.com', password: { $ne: '' } }, 'password'],
  ])('refuses %s and names the field', async (_, body, field) => {
    const answer = await shop.post('signup', body).expect(400);
    expect(answer.body.errors).toEqual([{ field, message: expect.any(String) }]);
  });

  it('stores neither the password nor the token', async () => {
    const { email, password, cookie } = await shop.signUp();
    const account = await shop.parts.connection.collection('accounts').findOne({ email });
    expect(account?.password).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$/);
    expect(JSON.stringify(account)).not.toContain(password);
    const token = cookie.replace('session-8080=', '');
    const stored = createHash('sha256').update(token).digest('hex');
    const sessions = shop.parts.connection.collection<{ _id: string }>('sessions');
    expect(await sessions.findOne({ _id: stored })).not.toBeNull();
    expect(await sessions.findOne({ _id: token })).toBeNull();
  });

  it('uses a __Host- cookie under https', async () => {
    const secure = shop.create({ PUBLIC_ORIGIN: 'https://tickets.example' });
    const answer = await shop.post('signup', somebody(), secure.app).expect(201);
    expect(answer.headers['set-cookie']).toEqual([
      expect.stringMatching(/^__Host-session=[^;]*; Max-Age=\d+; Path=\/; .*HttpOnly; Secure; SameSite=Lax$/),
      expect.stringMatching(/^__Secure-known-browser=[^;]*; .*Path=\/api\/auth; .*HttpOnly; Secure; SameSite=Lax$/),
    ]);
  });
});

describe('an unexpected error', () => {
  it('is answered 500 without detail, and is logged with its error id', async () => {
    const broken = shop.create(
      {},
      {
        newId: () => {
          throw new Error('the secret reason');
        },
      },
    );
    const answer = await shop.post('signup', somebody(), broken.app).expect(500);
    expect(answer.body).toEqual({
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
      code: 'internal',
      errorId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    const line = shop.parts.logged.find((entry) => entry.includes(answer.body.errorId));
    expect(line).toContain('the secret reason');
  });
});

describe('an unavailable database', () => {
  it('makes auth not ready, and requests are answered 503 with Retry-After', async () => {
    const own = await testDatabase();
    const lonely = shop.create({}, { connection: own.connection });
    await request(lonely.app)
      .get('/healthz/ready')
      .expect(503, { ready: false, waitingFor: ['its database'] });
    await lonely.start();
    await request(lonely.app).get('/healthz/ready').expect(200);
    await own.drop();
    await request(lonely.app).get('/healthz/ready').expect(503);
    await request(lonely.app).get('/healthz/live').expect(200);
    const answer = await shop.post('signup', somebody(), lonely.app).expect(503);
    expect(answer.body.code).toBe('unavailable');
    expect(answer.headers['retry-after']).toBe('2');
    await lonely.stop(100);
  });
});

describe('bad input', () => {
  it.each([
    ['no JSON', 'application/json', '{"email": ', 400, 'invalid-json'],
    ['another content type', 'text/plain', 'email=a', 415, 'unsupported-media-type'],
    ['a form', 'application/x-www-form-urlencoded', 'email=a', 415, 'unsupported-media-type'],
    ['more than 100 kB', 'application/json', JSON.stringify({ email: 'x'.repeat(101_000) }), 413, 'too-large'],
    ['a bare word', 'application/json', '"hello"', 400, 'invalid-json'],
  ])('as a body: %s', async (_, type, body, status, code) => {
    const answer = await request(shop.auth.app).post('/api/auth/signup').set('Content-Type', type).send(body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers['content-type']).toContain('application/problem+json');
  });

  it('in the path is answered 404: other case, other slashes', async () => {
    for (const path of [
      '/API/auth/currentuser',
      '/api/auth/CurrentUser',
      '/api/auth/currentuser/',
      '/api//auth/currentuser',
    ]) {
      await request(shop.auth.app).get(path).expect(404);
    }
  });
});
