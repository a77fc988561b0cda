import type { Connection } from 'mongoose';
import request from 'supertest';
import { type AuthUnderTest, authUnderTest, cookieOf, origin, somebody } from '../auth-under-test.ts';

let shop: AuthUnderTest;
beforeAll(async () => {
  shop = await authUnderTest();
});
afterAll(() => shop.parts.end());

function late(connection: Connection, found: () => void, arrives: Promise<void>): Connection {
  const withLateAnswers = <Thing extends object>(
    thing: Thing,
    name: string,
    replace: (real: unknown) => unknown,
  ): Thing =>
    new Proxy(thing, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key);
        const real = typeof value === 'function' ? value.bind(target) : value;
        return key === name ? replace(real) : real;
      },
    });
  return withLateAnswers(connection, 'db', (db) =>
    withLateAnswers(
      db as object,
      'collection',
      (collectionOf) => (name: string) =>
        withLateAnswers(
          (collectionOf as (name: string) => object)(name),
          name === 'sessions' ? 'findOne' : 'no other',
          (findOne) => async (query: object) => {
            const answer = await (findOne as (query: object) => Promise<unknown>)(query);
            found();
            await arrives;
            return answer;
          },
        ),
    ),
  );
}

describe('a session', () => {
  it('ends at once when its owner signs out', async () => {
    const { cookie } = await shop.signUp();
    await shop.identity({ Cookie: cookie }).expect(200);
    await shop.signOut({ Cookie: cookie, Origin: origin }).expect(204);
    await shop.identity({ Cookie: cookie }).expect(401);
  });

  it('does not come back because of a concurrent look-up during sign-out', async () => {
    const [found, gone] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const replica = shop.create({}, { connection: late(shop.parts.connection, found.resolve, gone.promise) });
    await replica.start();
    const { cookie } = await shop.signUp();
    const lookUp = shop.identity({ Cookie: cookie }, 'GET', replica.app).then(({ status }) => status);
    await found.promise;
    await shop.signOut({ Cookie: cookie, Origin: origin }, replica.app).expect(204);
    gone.resolve();
    // It was asked before the sign-out and may be answered so; whoever asks afterwards may not.
    expect(await lookUp).toBe(200);
    await shop.identity({ Cookie: cookie }, 'GET', replica.app).expect(401);
    await replica.stop();
  });

  it('of a program can be ended with its token, from any origin', async () => {
    const { email, password } = await shop.signUp();
    const { token } = (await shop.post('token', { email, password }).expect(200)).body;
    const headers = { Authorization: `Bearer ${token}` };
    await shop.signOut(headers).expect(204);
    await shop.identity(headers).expect(401);
  });

  it.each([
    ['ends at no time', { expiresAt: 'x' }],
    ['began at no time', { createdAt: null }],
    ['was used at no time', { usedAt: 7 }],
    ['belongs to a number', { userId: 5 }],
    ['belongs to nobody', { userId: undefined }],
    ['has no e-mail address', { email: undefined }],
  ])('that cannot be read because it %s is an error on our side, and only for its owner', async (_, broken) => {
    const [owner, other] = [await shop.signUp(), await shop.signUp()];
    const sessions = shop.parts.connection.collection('sessions');
    await sessions.updateOne(
      { userId: owner.id },
      Object.entries(broken).map(([field, value]) =>
        value === undefined ? { $unset: field } : { $set: { [field]: { $literal: value } } },
      ),
    );
    const headers = { Cookie: owner.cookie };
    const currentUser = request(shop.auth.app).get('/api/auth/currentuser').set(headers);
    for (const { status, body } of [await shop.identity(headers), await currentUser]) {
      expect({ status, code: body.code }).toEqual({ status: 500, code: 'internal' });
      expect(shop.parts.logged.find((line) => line.includes(body.errorId))).toContain('cannot be read');
    }
    await shop.identity({ Cookie: other.cookie }).expect(200);
    const { email, password } = owner;
    const again = cookieOf(await shop.post('signin', { email, password }).set(headers).expect(200));
    await shop.identity({ Cookie: again }).expect(200);
  });

  it('need not exist to sign out, which clears the cookie anyway', async () => {
    const answer = await shop.signOut({ Origin: origin }).expect(204);
    expect(answer.headers['set-cookie']?.[0]).toMatch(/^session-8080=; Path=\/; Expires=Thu, 01 Jan 1970/);
  });

  it.each([
    ['a form on another site', { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' }],
    ['a form on another site, in an old browser', { Origin: 'https://evil.example' }],
    ['a form in a sandbox', { Origin: 'null' }],
    ['a sibling of our site', { 'Sec-Fetch-Site': 'same-site' }],
    ['who does not say where it comes from', {}],
  ])('is not ended by %s, with or without its cookie', async (_, headers) => {
    const { cookie } = await shop.signUp();
    for (const sent of [headers, { ...headers, Cookie: cookie }]) {
      const answer = await shop.signOut(sent).expect(403);
      expect(answer.body.code).toBe('cross-origin');
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
    await shop.identity({ Cookie: cookie }).expect(200);
  });

  it('ends when an account has too many and it is the least recently used', async () => {
    const narrow = shop.create({ SESSIONS_PER_ACCOUNT: '3' });
    const person = await shop.signUp(narrow.app);
    const signIn = async () => {
      shop.parts.now.forward(120_000);
      return cookieOf(await shop.post('signin', { email: person.email, password: person.password }, narrow.app));
    };
    const isGood = async (cookie: string) =>
      (await shop.identity({ Cookie: cookie }, 'GET', narrow.app)).status === 200;
    const [second, third] = [await signIn(), await signIn()];
    // The oldest is used once more, so the second is now the one that was not used longest.
    expect(await isGood(person.cookie)).toBe(true);
    const fourth = await signIn();
    const good = await Promise.all([person.cookie, second, third, fourth].map(isGood));
    expect(good).toEqual([true, false, true, true]);
  });

  it('is one of 20 even after many concurrent sign-ins', async () => {
    const { id, email, password } = await shop.signUp();
    for (let round = 0; round < 6; round++) {
      await Promise.all(Array.from({ length: 5 }, () => shop.post('token', { email, password }).expect(200)));
    }
    expect(await shop.parts.connection.collection('sessions').countDocuments({ userId: id })).toBe(20);
  });

  it('stays valid in other browsers when one signs out', async () => {
    const one = await shop.signUp();
    const other = cookieOf(await shop.post('signin', { email: one.email, password: one.password }).expect(200));
    await shop.signOut({ Cookie: one.cookie, Origin: origin }).expect(204);
    await shop.identity({ Cookie: other }).expect(200);
  });

  it('is read only from our own cookie', async () => {
    const { cookie } = await shop.signUp();
    const token = cookie.replace('session-8080=', '');
    await shop.identity({ Cookie: `theme=dark; ${cookie}; lang=en` }).expect(200);
    for (const other of [
      `xsession-8080=${token}`,
      `SESSION-8080=${token}`,
      `session-8080="${token}"`,
      `session-8080=${token}x`,
      token,
    ]) {
      await shop.identity({ Cookie: other }).expect(401);
    }
    const secure = shop.create({ PUBLIC_ORIGIN: 'https://tickets.example' });
    // Under https only the __Host- cookie counts: a sibling domain can set any other.
    await shop.identity({ Cookie: cookie }, 'GET', secure.app).expect(401);
    await shop.identity({ Cookie: `__Host-session=${token}` }, 'GET', secure.app).expect(200);
  });

  it('is not confused with that of another shop on the same host', async () => {
    const { cookie } = await shop.signUp();
    const neighbour = shop.create({ PUBLIC_ORIGIN: 'http://localhost:8081' });
    const signIn = shop.post('signup', somebody(), neighbour.app).set('Cookie', cookie);
    const other = cookieOf(await signIn.expect(201));
    const both = `${cookie}; ${other}`;
    expect(await shop.currentUser({ Cookie: both })).not.toBeNull();
    await shop.signOut({ Cookie: both, Origin: 'http://localhost:8081' }, neighbour.app).expect(204);
    expect(await shop.currentUser({ Cookie: both })).not.toBeNull();
    await shop.identity({ Cookie: both }, 'GET', neighbour.app).expect(401);
  });

  it('ends when an operator removes it from the database', async () => {
    const { id, cookie } = await shop.signUp();
    await shop.identity({ Cookie: cookie }).expect(200);
    await shop.parts.connection.collection('sessions').deleteMany({ userId: id });
    shop.parts.now.forward(5_001);
    await shop.identity({ Cookie: cookie }).expect(401);
  });

  it('is removed by the database some time after its end', async () => {
    const indexes = await shop.parts.connection.collection('sessions').indexes();
    expect(indexes).toContainEqual(expect.objectContaining({ key: { expiresAt: 1 }, expireAfterSeconds: 0 }));
  });

  it('ends when it is not used, is extended while it is, and ends after its longest life', async () => {
    const hour = 3_600_000;
    const short = shop.create({ SESSION_IDLE_MS: `${2 * hour}`, SESSION_MAX_MS: `${5 * hour}` });
    const idle = await shop.signUp(short.app);
    shop.parts.now.forward(2 * hour + 1);
    await shop.identity({ Cookie: idle.cookie }, 'GET', short.app).expect(401);

    const used = await shop.signUp(short.app);
    for (let i = 0; i < 3; i++) {
      shop.parts.now.forward(1.5 * hour);
      await shop.identity({ Cookie: used.cookie }, 'GET', short.app).expect(200);
    }
    shop.parts.now.forward(hour);
    await shop.identity({ Cookie: used.cookie }, 'GET', short.app).expect(401);
  });
});
