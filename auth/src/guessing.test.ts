import { randomBytes } from 'node:crypto';
import { eventually } from '@box-office/common/testing/eventually';
import { type AuthUnderTest, authUnderTest, browserOf, fast, type Person, somebody } from './auth-under-test.ts';
import { argon2id, createPasswords, type Passwords } from './password.ts';

let shop: AuthUnderTest;
beforeAll(async () => {
  shop = await authUnderTest();
});
afterAll(() => shop.parts.end());

describe('guessing passwords', () => {
  /** A clock that stands still, so that no wait ends by itself while a slow machine is at it. */
  function stoppedClock() {
    let at = shop.parts.now().getTime();
    return Object.assign(() => new Date(at), {
      forward(ms: number) {
        at += ms;
      },
    });
  }

  const wrong = (email: string) => ({ email, password: 'wrong password' });
  const from = (address: string) => ({ 'X-Forwarded-For': address });

  it('makes the network it comes from wait, with the reason and the time in the answer', async () => {
    const now = stoppedClock();
    const { app } = shop.create({}, { now });
    const { email, password } = await shop.signUp(app);
    for (let i = 0; i < 5; i++) await shop.post('signin', wrong(email.toUpperCase()), app).expect(401);
    const answer = await shop.post('signin', { email, password }, app).expect(429);
    expect(answer.headers['retry-after']).toBe('5');
    expect(answer.body).toMatchObject({
      code: 'too-many-requests',
      detail: 'Too many wrong passwords for this account came from your network. Try again in 5 seconds.',
    });
    now.forward(5_000);
    await shop.post('token', wrong(email), app).expect(401);
    const next = await shop.post('token', wrong(email), app).expect(429);
    expect(next.headers['retry-after']).toBe('10');
    now.forward(10_000);
    await shop.post('signin', { email, password }, app).expect(200);
    // The right password begins a new count.
    for (let i = 0; i < 5; i++) await shop.post('signin', wrong(email), app).expect(401);
  });

  it('is slowed down in the same way for an account that does not exist', async () => {
    const { app } = shop.create({}, { now: stoppedClock() });
    const { email } = somebody();
    for (let i = 0; i < 5; i++) await shop.post('signin', wrong(email), app).expect(401);
    await shop.post('signin', wrong(email), app).expect(429);
  });

  it('does not affect other networks', async () => {
    const { app } = shop.create({}, { now: stoppedClock() });
    const { email, password } = await shop.signUp(app);
    for (let i = 0; i < 6; i++) await shop.post('signin', wrong(email), app).set(from('198.51.100.1'));
    await shop.post('signin', { email, password }, app).set(from('198.51.100.1')).expect(429);
    await shop.post('signin', { email, password }, app).set(from('198.51.100.2')).expect(200);
  });

  it('from many networks makes each wait from its first wrong password on, but does not affect others', async () => {
    const { app } = shop.create({}, { now: stoppedClock() });
    const { email, password } = await shop.signUp(app);
    for (let i = 0; i < 50; i++)
      await shop
        .post('signin', wrong(email), app)
        .set(from(`203.0.113.${i}`))
        .expect(401);
    await shop.post('signin', wrong(email), app).set(from('198.51.100.1')).expect(401);
    await shop.post('signin', wrong(email), app).set(from('198.51.100.1')).expect(429);
    await shop.post('signin', { email, password }, app).set(from('198.51.100.2')).expect(200);
  });

  it('never slows down a browser that has signed in before', async () => {
    const { app } = shop.create({ SIGNIN_FAILURES_PER_ADDRESS: '8' }, { now: stoppedClock() });
    const person = somebody();
    const known = browserOf(await shop.post('signup', person, app).expect(201));
    for (let i = 0; i < 12; i++) await shop.post('signin', wrong(person.email), app);
    await shop.post('signin', person, app).expect(429);
    await shop.post('signin', person, app).set('Cookie', known).expect(200);
  });

  it('in a known browser makes only that browser wait, for half a minute at most', async () => {
    const now = stoppedClock();
    const { app } = shop.create({}, { now });
    const person = somebody();
    const known = browserOf(await shop.post('signup', person, app).expect(201));
    for (let i = 0; i < 12; i++) {
      await shop.post('signin', wrong(person.email), app).set('Cookie', known).expect(401);
      if (i >= 4) now.forward(30_000);
    }
    await shop.post('signin', person, app).expect(200);
    await shop.post('signin', wrong(person.email), app).set('Cookie', known).expect(401);
    const answer = await shop.post('signin', person, app).set('Cookie', known).expect(429);
    expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(30);
    expect(answer.body.detail).toContain('Too many wrong passwords were tried in this browser.');
    now.forward(30_000);
    await shop.post('signin', person, app).set('Cookie', known).expect(200);
  });

  it('is not made easier by the mark of another account or an unknown mark', async () => {
    const { app } = shop.create({}, { now: stoppedClock() });
    const { email } = await shop.signUp(app);
    const mark = browserOf(await shop.post('signup', somebody(), app).expect(201));
    const guess = (cookie: string) => shop.post('signin', wrong(email), app).set('Cookie', cookie);
    for (let i = 0; i < 5; i++) await guess(mark).expect(401);
    for (const cookie of [mark, `known-browser-8080=${'A'.repeat(43)}`]) await guess(cookie).expect(429);
  });

  it('from one network is limited across all accounts, whatever its headers claim, without affecting other networks', async () => {
    const narrow = shop.create({ SIGNIN_FAILURES_PER_ADDRESS: '3', LIMIT_WINDOW_MS: '60000' }, { now: stoppedClock() });
    const { email, password } = await shop.signUp(narrow.app);
    // The gateway appends the address that it sees; what stands before that is the caller's own invention.
    const guess = (invented: string, address: string) =>
      shop.post('signin', somebody(), narrow.app).set(from(`${invented}, ${address}`));
    for (let i = 0; i < 3; i++) await guess(`10.0.0.${i}`, '203.0.113.1').expect(401);
    const { headers, body } = await guess('10.0.0.9', '203.0.113.1').expect(429);
    expect(headers['retry-after']).toBe('60');
    expect(body.detail).toBe('Too many wrong passwords came from your network. Try again in 1 minute.');
    await shop.post('signin', { email, password }, narrow.app).set(from('203.0.113.2')).expect(200);
  });

  it('does not include successful sign-ins, nor attempts that auth was too busy to check', async () => {
    const { email, password } = await shop.signUp();
    for (let i = 0; i < 6; i++) await shop.post('signin', { email, password }).expect(200);

    const [hashing, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const passwords = createPasswords({
      randomBytes,
      parameters: fast,
      atOnce: 1,
      waitingAtMost: 0,
      async derive(...input) {
        hashing.resolve();
        await go.promise;
        return argon2id(...input);
      },
    });
    const busy = shop.create({}, { passwords });
    const first = shop
      .post('signin', { email, password }, busy.app)
      .expect(200)
      .then(() => undefined);
    await hashing.promise;
    for (let i = 0; i < 8; i++) {
      const refused = await shop.post('signin', { email, password }, busy.app).expect(503);
      expect(refused.headers['retry-after']).toBe('5');
      expect(refused.body.code).toBe('too-busy');
    }
    go.resolve();
    await first;
    await shop.post('signin', { email, password }, busy.app).expect(200);
  });

  it('is logged with the address and the account’s id, without what was typed', async () => {
    const { id, email, password } = await shop.signUp();
    const lines = async (body: object, address: string) => {
      const before = shop.parts.logged.length;
      await shop.post('signin', body).set(from(address));
      return shop.parts.logged.slice(before).join('');
    };
    const guessed = await lines(wrong(email), '198.51.100.7');
    expect(JSON.parse(guessed.split('\n').find((line) => line.includes('sign-in failed')) ?? '')).toMatchObject({
      level: 40,
      msg: 'sign-in failed',
      address: '198.51.100.7',
      accountId: id,
      code: 'invalid-credentials',
      requestId: expect.any(String),
    });
    const unknown = await lines(wrong('nobody@example.com'), '2001:db8::7');
    expect(unknown).toContain('"address":"2001:db8::7","accountId":null');
    const right = await lines({ email, password }, '198.51.100.7');
    expect(right).toContain('"msg":"signed in"');
    const invented = await lines(wrong(email), '\x9b31mred');
    expect(invented).toContain('"address":"unknown"');
    for (const secret of ['@example.com', 'wrong password', password, '31mred']) {
      expect(guessed + unknown + right + invented).not.toContain(secret);
    }
  });
});

describe('a flood of right passwords', () => {
  it('delays somebody new only by its share of the turns', async () => {
    const flooders = [];
    for (let i = 0; i < 20; i++) flooders.push(await shop.signUp());
    const anna = await shop.signUp();
    let asked = 0;
    const [everybodyWaits, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const real = createPasswords({
      randomBytes,
      parameters: fast,
      atOnce: 1,
      async derive(...input) {
        await go.promise;
        return argon2id(...input);
      },
    });
    const verified: string[] = [];
    const passwords: Passwords = {
      ...real,
      async verify(password, stored, claimant) {
        const verdict = real.verify(password, stored, claimant);
        if (++asked === 81) everybodyWaits.resolve();
        return verdict.finally(() => verified.push(claimant.account));
      },
    };
    const { app } = shop.create({}, { passwords });
    const signIn = ({ email, password }: Person, address: string) =>
      shop
        .post('signin', { email, password }, app)
        .set('X-Forwarded-For', address)
        .expect(200)
        .then(() => undefined);
    const flood = flooders.flatMap((person) => [1, 2, 3, 4].map(() => signIn(person, '198.51.100.1')));
    await eventually(() => expect(asked).toBe(80));
    const annas = signIn(anna, '198.51.100.2');
    await everybodyWaits.promise;
    go.resolve();
    await Promise.all([...flood, annas]);
    expect(verified.indexOf(anna.email)).toBeLessThanOrEqual(2);
  });

  it('for one account is refused before any hashing', async () => {
    const anna = await shop.signUp();
    let hashed = 0;
    const go = Promise.withResolvers<void>();
    const passwords = createPasswords({
      randomBytes,
      parameters: fast,
      async derive(...input) {
        hashed++;
        await go.promise;
        return argon2id(...input);
      },
    });
    const { app } = shop.create({}, { passwords });
    const statuses: number[] = [];
    const flood = Array.from({ length: 40 }, () =>
      shop.post('signin', { email: anna.email, password: anna.password }, app).then(({ status }) => {
        statuses.push(status);
      }),
    );
    await eventually(() => expect(statuses).toHaveLength(35)).finally(go.resolve);
    await Promise.all(flood);
    expect(statuses.filter((status) => status === 429)).toHaveLength(35);
    expect(hashed).toBe(5);
  });
});
