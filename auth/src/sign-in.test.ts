import { randomBytes } from 'node:crypto';
import type { Claimant } from '@box-office/common/fair-clocks';
import { problem } from '@box-office/common/problem';
import { type AuthUnderTest, authUnderTest, browserOf, cookieOf, fast, somebody } from './auth-under-test.ts';
import { createPasswords } from './password.ts';

let shop: AuthUnderTest;
beforeAll(async () => {
  shop = await authUnderTest();
});
afterAll(() => shop.parts.end());

describe('signing in', () => {
  it('replaces the browser’s previous session', async () => {
    const person = await shop.signUp();
    const answer = await shop
      .post('signin', { email: person.email, password: person.password })
      .set('Cookie', person.cookie)
      .expect(200);
    expect(answer.body).toEqual({ id: person.id, email: person.email, kind: 'person', verified: false });
    expect(await shop.currentUser({ Cookie: person.cookie })).toBeNull();
    expect(await shop.currentUser({ Cookie: cookieOf(answer) })).toEqual(answer.body);
  });

  it('gives the same answer after the same work for an unknown e-mail and a wrong password', async () => {
    const { email } = await shop.signUp();
    const wrong = await shop.post('signin', { email, password: 'wrong password' }).expect(401);
    const unknown = await shop.post('signin', { ...somebody() }).expect(401);
    expect(wrong.body).toEqual(unknown.body);
    expect(wrong.body.code).toBe('invalid-credentials');
  });

  it('hashes once for each attempt, whether the e-mail is known or not', async () => {
    const real = createPasswords({ randomBytes, parameters: fast });
    const verified: (string | null)[] = [];
    const counted = shop.create(
      {},
      {
        passwords: {
          ...real,
          verify(password, stored, claimant) {
            verified.push(stored);
            return real.verify(password, stored, claimant);
          },
        },
      },
    );
    const { email } = await shop.signUp(counted.app);
    await shop.post('signin', { email, password: 'wrong password' }, counted.app).expect(401);
    await shop.post('signin', somebody(), counted.app).expect(401);
    expect(verified).toEqual([expect.stringMatching(/^\$argon2id\$/), null]);
  });

  it.each([
    ['null', { $set: { password: null } }],
    ['missing', { $unset: { password: '' } }],
    ['a number', { $set: { password: 5 } }],
    ['no hash', { $set: { password: 'junk' } }],
  ])('is an error on our side if the stored password is %s, and not a wrong password', async (_, change) => {
    const [{ email, password }, other] = [await shop.signUp(), await shop.signUp()];
    await shop.parts.connection.collection('accounts').updateOne({ email }, change);
    for (const path of ['signin', 'token']) {
      const { body } = await shop.post(path, { email, password }).expect(500);
      expect(body.code).toBe('internal');
      expect(shop.parts.logged.find((line) => line.includes(body.errorId))).toContain('unexpected error');
    }
    await shop.post('signin', { email: other.email, password: other.password }).expect(200);
  });

  it('looks nothing up for an attempt that a full queue refuses, unless its browser may be known', async () => {
    const { email, password } = await shop.signUp();
    const mark = browserOf(await shop.post('signin', { email, password }).expect(200));
    await shop.parts.connection.collection('accounts').updateOne({ email }, { $set: { password: 'junk' } });
    const full = createPasswords({ randomBytes, parameters: fast });
    const asked: Claimant[] = [];
    const mustHaveRoom = (claimant: Claimant) => {
      asked.push(claimant);
      if (claimant.account !== email) return;
      throw problem('too-busy', 'Too many people are signing in right now.', { retryAfterSeconds: 5 });
    };
    const { app } = shop.create({}, { passwords: { ...full, mustHaveRoom } });
    const before = shop.parts.logged.length;
    const signIn = () => shop.post('signin', { email: ` ${email.toUpperCase()}`, password }, app);
    await signIn().set('X-Forwarded-For', '203.0.113.9').expect(503);
    expect(asked).toEqual([{ account: email, address: expect.stringContaining('203.0.113') }]);
    const logged = shop.parts.logged.slice(before).find((line) => line.includes('sign-in failed'));
    expect(logged).toMatch(/"accountId":null,.*"code":"too-busy"/);
    // Whoever looks the account up stumbles over its password.
    await signIn().set('Cookie', mark).expect(500);
    expect(asked.map(({ account }) => account)).toEqual([email, mark.split('=')[1]]);
  });

  it('accepts an address in capitals with spaces around it', async () => {
    const { email, password } = await shop.signUp();
    await shop.post('signin', { email: `  ${email.toUpperCase()} `, password }).expect(200);
  });

  it('allows a limited number of new accounts per address', async () => {
    const narrow = shop.create({ SIGNUPS_PER_ADDRESS: '2' });
    for (let i = 0; i < 2; i++) await shop.signUp(narrow.app);
    const answer = await shop.post('signup', somebody(), narrow.app).expect(429);
    expect(answer.body.code).toBe('too-many-requests');
  });

  it('rehashes the password if the parameters have become stronger', async () => {
    const person = await shop.signUp();
    const stronger = shop.create(
      {},
      { passwords: createPasswords({ randomBytes, parameters: { ...fast, passes: 2 } }) },
    );
    await shop.post('signin', { email: person.email, password: person.password }, stronger.app).expect(200);
    const account = await shop.parts.connection.collection('accounts').findOne({ email: person.email });
    expect(account?.password).toContain('m=64,t=2,p=1');
    await shop.post('signin', { email: person.email, password: person.password }).expect(200);
  });

  it('gives programs a token', async () => {
    const person = await shop.signUp();
    const { body } = await shop.post('token', { email: person.email, password: person.password }).expect(200);
    expect(Date.parse(body.expiresAt)).toBeGreaterThan(Date.now());
    expect(await shop.currentUser({ Authorization: `Bearer ${body.token}` })).toEqual({
      id: person.id,
      email: person.email,
      kind: 'person',
      verified: false,
    });
  });

  it.each([
    ['jörg@münchen.de', 'JO\u0308RG@xn--mnchen-3ya.DE'],
    ['a&b@example.com', ' A&B@EXAMPLE.com'],
    ['用户@例子.广告', '用户@例子\u3002广告'],
  ])('finds the account of %s in any spelling of the address', async (email, otherwise) => {
    const password = 'correct horse';
    const { body } = await shop.post('signup', { email, password }).expect(201);
    expect((await shop.post('signin', { email: otherwise, password }).expect(200)).body).toEqual(body);
    expect((await shop.post('signup', { email: otherwise, password }).expect(200)).body.id).toBe(body.id);
  });

  it('accepts a long password in another Unicode normalization form', async () => {
    const { email } = somebody();
    await shop.post('signup', { email, password: 'äö'.repeat(64) }).expect(201);
    for (const form of ['NFC', 'NFD']) {
      await shop.post('signin', { email, password: 'äö'.repeat(64).normalize(form) }).expect(200);
    }
    await shop.post('signin', { email, password: 'äö'.repeat(63) }).expect(401);
  });

  it('accepts a password that is older than the current rules', async () => {
    const { id, email } = await shop.signUp();
    const anna = { account: 'anna', address: 'anywhere' };
    for (const old of ['\ufdfa'.repeat(128), '🎫'.repeat(4), 'short']) {
      const password = await createPasswords({ randomBytes, parameters: fast }).hash(old, anna);
      const accounts = shop.parts.connection.collection<{ _id: string }>('accounts');
      await accounts.updateOne({ _id: id }, { $set: { password } });
      await shop.post('signin', { email, password: old }).expect(200);
    }
  });
});
