import { createHash, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jwksIdentity } from '@box-office/common/http/identity';
import type { Service } from '@box-office/common/messaging/service';
import { testDatabase } from '@box-office/common/testing/engines';
import { eventually } from '@box-office/common/testing/eventually';
import { type TestParts, testParts } from '@box-office/common/testing/parts';
import jwt from 'jsonwebtoken';
import type { Connection } from 'mongoose';
import request from 'supertest';
import { loadConfig } from './config.ts';
import { createPasswords } from './password.ts';
import { createAuth } from './service.ts';

const newKey = (kid: string) => ({
  ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }),
  kid,
});
const [first, second] = [newKey('first'), newKey('second')];
const origin = 'http://localhost:8080';
const fast = { memoryKiB: 64, passes: 1, parallelism: 1 };
const settings = {
  MONGO_URL: 'mongodb://unused',
  PUBLIC_ORIGIN: origin,
  SIGNING_KEYS: JSON.stringify([first]),
  SIGNUPS_PER_ADDRESS: '10000',
  SIGNIN_FAILURES_PER_ADDRESS: '10000',
  SIGNIN_FAILURES_PER_ACCOUNT: '5',
};

let parts: TestParts;
let auth: Service;

const create = (env: Partial<typeof settings> & Record<string, string> = {}, more = {}) =>
  createAuth({
    ...parts,
    metrics: new (parts.metrics.constructor as typeof import('prom-client').Registry)(),
    config: loadConfig({ ...settings, ...env }),
    randomBytes,
    passwords: createPasswords({ randomBytes, parameters: fast }),
    ...more,
  });

beforeAll(async () => {
  parts = await testParts();
  auth = create();
  await auth.start();
});

afterAll(() => parts.end());

let people = 0;
const somebody = () => ({ email: `person-${++people}@example.com`, password: 'correct horse' });
const post = (path: string, body: object, app = auth.app) => request(app).post(`/api/auth/${path}`).send(body);
const cookieOf = (answer: request.Response) => answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
const identity = (headers: Record<string, string>, method = 'GET', app = auth.app) =>
  request(app)
    .get('/identity')
    .set({ 'X-Forwarded-Method': method, ...headers });
const currentUser = async (headers: Record<string, string>) =>
  (await request(auth.app).get('/api/auth/currentuser').set(headers).expect(200)).body.currentUser;

async function signUp(app = auth.app) {
  const person = somebody();
  const answer = await post('signup', person, app).expect(201);
  return { ...person, id: String(answer.body.id), cookie: cookieOf(answer) };
}

/** The same database, on a slow line: what it finds is on its way until `arrives`. */
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
          'findOne',
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

describe('signing up', () => {
  it('opens an account and a session that only the browser holds', async () => {
    const person = somebody();
    const answer = await post('signup', { ...person, email: ` ${person.email.toUpperCase()} ` }).expect(201);
    expect(answer.body).toEqual({ id: expect.stringMatching(/^[0-9a-f]{24}$/), email: person.email });
    expect(answer.headers['set-cookie']?.[0]).toMatch(
      /^session=[\w-]{43}; Max-Age=\d+; Path=\/; .*HttpOnly; SameSite=Lax$/,
    );
    expect(await currentUser({ Cookie: cookieOf(answer) })).toEqual(answer.body);
  });

  it('lets one of ten through who use one e-mail at once', async () => {
    const person = somebody();
    const answers = await Promise.all(Array.from({ length: 10 }, () => post('signup', person)));
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
    expect(answers.filter((answer) => answer.status === 409 && answer.body.code === 'email-in-use')).toHaveLength(9);
  });

  it.each([
    ['no e-mail', { email: 'nobody', password: 'long enough' }, 'email'],
    ['a password of 7 characters', { email: 'a@example.com', password: '1234567' }, 'password'],
    ['a password of 129 characters', { email: 'a@example.com', password: 'x'.repeat(129) }, 'password'],
    ['an unknown field', { email: 'a@example.com', password: 'long enough', admin: true }, 'admin'],
    ['an object for a password', { email: 'a@example.com', password: { $ne: '' } }, 'password'],
  ])('refuses %s and names the field', async (_, body, field) => {
    const answer = await post('signup', body).expect(400);
    expect(answer.body.errors).toEqual([{ field, message: expect.any(String) }]);
  });

  it('keeps neither password nor token', async () => {
    const { email, password, cookie } = await signUp();
    const account = await parts.connection.collection('accounts').findOne({ email });
    expect(account?.password).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$/);
    expect(JSON.stringify(account)).not.toContain(password);
    const token = cookie.replace('session=', '');
    const stored = createHash('sha256').update(token).digest('hex');
    const sessions = parts.connection.collection<{ _id: string }>('sessions');
    expect(await sessions.findOne({ _id: stored })).not.toBeNull();
    expect(await sessions.findOne({ _id: token })).toBeNull();
  });

  it('uses a __Host- cookie under https', async () => {
    const secure = create({ PUBLIC_ORIGIN: 'https://tickets.example' });
    const answer = await post('signup', somebody(), secure.app).expect(201);
    expect(answer.headers['set-cookie']?.[0]).toMatch(/^__Host-session=.*; Path=\/; .*HttpOnly; Secure; SameSite=Lax$/);
  });
});

describe('signing in', () => {
  it('replaces the session the browser had', async () => {
    const person = await signUp();
    const answer = await post('signin', { email: person.email, password: person.password })
      .set('Cookie', person.cookie)
      .expect(200);
    expect(answer.body).toEqual({ id: person.id, email: person.email });
    expect(await currentUser({ Cookie: person.cookie })).toBeNull();
    expect(await currentUser({ Cookie: cookieOf(answer) })).toEqual(answer.body);
  });

  it('says the same, after the same work, for an unknown e-mail and a wrong password', async () => {
    const { email } = await signUp();
    const wrong = await post('signin', { email, password: 'wrong password' }).expect(401);
    const unknown = await post('signin', { ...somebody() }).expect(401);
    expect(wrong.body).toEqual(unknown.body);
    expect(wrong.body.code).toBe('invalid-credentials');
  });

  it('hashes once for each attempt, whether the e-mail is known or not', async () => {
    const real = createPasswords({ randomBytes, parameters: fast });
    const verified: (string | null)[] = [];
    const counted = create(
      {},
      {
        passwords: {
          ...real,
          verify(password: string, stored: string | null) {
            verified.push(stored);
            return real.verify(password, stored);
          },
        },
      },
    );
    const { email } = await signUp(counted.app);
    await post('signin', { email, password: 'wrong password' }, counted.app).expect(401);
    await post('signin', somebody(), counted.app).expect(401);
    expect(verified).toEqual([expect.stringMatching(/^\$argon2id\$/), null]);
  });

  it('may be tried with an address in capitals and blanks around it', async () => {
    const { email, password } = await signUp();
    await post('signin', { email: `  ${email.toUpperCase()} `, password }).expect(200);
  });

  it('stops guessing at one account, and tells when to come back', async () => {
    const person = await signUp();
    const guess = () => post('signin', { email: person.email.toUpperCase(), password: 'wrong password' });
    for (let i = 0; i < 5; i++) await guess().expect(401);
    const answer = await guess().expect(429);
    expect(answer.body.code).toBe('too-many-requests');
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    await post('signin', await signUp().then(({ email, password }) => ({ email, password }))).expect(200);
  });

  it('counts guesses at one account wherever they come from, by page and by program', async () => {
    const { email, password } = await signUp();
    for (let i = 0; i < 5; i++) {
      await post(i % 2 ? 'signin' : 'token', { email, password: 'wrong password' })
        .set('X-Forwarded-For', `198.51.100.${i}`)
        .expect(401);
    }
    await post('signin', { email, password }).set('X-Forwarded-For', '198.51.100.9').expect(429);
  });

  it('counts no success and no fault of ours as a guess', async () => {
    const { email, password } = await signUp();
    for (let i = 0; i < 6; i++) await post('signin', { email, password }).expect(200);

    const busy = create(
      {},
      { passwords: createPasswords({ randomBytes, parameters: fast, atOnce: 1, waitingAtMost: 0 }) },
    );
    const crowd = await Promise.all(Array.from({ length: 5 }, () => post('signin', { email, password }, busy.app)));
    const refused = crowd.filter(({ status }) => status === 503);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.headers['retry-after']).toBe('5');
    expect(refused[0]?.body.code).toBe('too-busy');
    await post('signin', { email, password }, busy.app).expect(200);
  });

  it('stops guessing from one address, whatever that says of itself, and no other address', async () => {
    const narrow = create({ SIGNIN_FAILURES_PER_ADDRESS: '3', LIMIT_WINDOW_MS: '60000' });
    const person = await signUp(narrow.app);
    // The gateway appends the address that it sees; what stands before that is the caller's own invention.
    const guess = (invented: string, address: string) =>
      post('signin', somebody(), narrow.app).set('X-Forwarded-For', `${invented}, ${address}`);
    for (let i = 0; i < 3; i++) await guess(`10.0.0.${i}`, '203.0.113.1').expect(401);
    const { headers } = await guess('10.0.0.9', '203.0.113.1').expect(429);
    expect(Number(headers['retry-after'])).toBeLessThanOrEqual(60);
    await post('signin', { email: person.email, password: person.password }, narrow.app)
      .set('X-Forwarded-For', '203.0.113.2')
      .expect(200);
  });

  it('is limited to so many new accounts from one address', async () => {
    const narrow = create({ SIGNUPS_PER_ADDRESS: '2' });
    for (let i = 0; i < 2; i++) await signUp(narrow.app);
    const answer = await post('signup', somebody(), narrow.app).expect(429);
    expect(answer.body.code).toBe('too-many-requests');
  });

  it('hashes a password anew when the parameters have risen', async () => {
    const person = await signUp();
    const stronger = create({}, { passwords: createPasswords({ randomBytes, parameters: { ...fast, passes: 2 } }) });
    await post('signin', { email: person.email, password: person.password }, stronger.app).expect(200);
    const account = await parts.connection.collection('accounts').findOne({ email: person.email });
    expect(account?.password).toContain('m=64,t=2,p=1');
    await post('signin', { email: person.email, password: person.password }).expect(200);
  });

  it('gives programs a token', async () => {
    const person = await signUp();
    const { body } = await post('token', { email: person.email, password: person.password }).expect(200);
    expect(Date.parse(body.expiresAt)).toBeGreaterThan(Date.now());
    expect(await currentUser({ Authorization: `Bearer ${body.token}` })).toEqual({
      id: person.id,
      email: person.email,
    });
  });
});

describe('a session', () => {
  it('is dead at once when its owner signs out', async () => {
    const { cookie } = await signUp();
    await identity({ Cookie: cookie }).expect(200);
    await request(auth.app).post('/api/auth/signout').set({ Cookie: cookie, Origin: origin }).expect(204);
    await identity({ Cookie: cookie }).expect(401);
  });

  it('does not come back to life when a look-up is under way while its owner signs out', async () => {
    const [found, gone] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const replica = create({}, { connection: late(parts.connection, found.resolve, gone.promise) });
    const { cookie } = await signUp();
    const lookUp = identity({ Cookie: cookie }, 'GET', replica.app).then(({ status }) => status);
    await found.promise;
    await request(replica.app).post('/api/auth/signout').set({ Cookie: cookie, Origin: origin }).expect(204);
    gone.resolve();
    // It was asked before the sign-out and may be answered so; whoever asks afterwards may not.
    expect(await lookUp).toBe(200);
    await identity({ Cookie: cookie }, 'GET', replica.app).expect(401);
  });

  it('of a program ends by its token, from anywhere', async () => {
    const { email, password } = await signUp();
    const { token } = (await post('token', { email, password }).expect(200)).body;
    const headers = { Authorization: `Bearer ${token}` };
    await request(auth.app).post('/api/auth/signout').set(headers).expect(204);
    await identity(headers).expect(401);
  });

  it('need not be there to be signed out of, and its cookie goes', async () => {
    const answer = await request(auth.app).post('/api/auth/signout').expect(204);
    expect(answer.headers['set-cookie']?.[0]).toMatch(/^session=; Path=\/; Expires=Thu, 01 Jan 1970/);
  });

  it('stays good for its owner’s other browser when one signs out', async () => {
    const one = await signUp();
    const other = cookieOf(await post('signin', { email: one.email, password: one.password }).expect(200));
    await request(auth.app).post('/api/auth/signout').set({ Cookie: one.cookie, Origin: origin }).expect(204);
    await identity({ Cookie: other }).expect(200);
  });

  it('is taken from our own cookie alone', async () => {
    const { cookie } = await signUp();
    const token = cookie.replace('session=', '');
    await identity({ Cookie: `theme=dark; ${cookie}; lang=en` }).expect(200);
    for (const other of [`xsession=${token}`, `SESSION=${token}`, `session="${token}"`, `session=${token}x`, token]) {
      await identity({ Cookie: other }).expect(401);
    }
    const secure = create({ PUBLIC_ORIGIN: 'https://tickets.example' });
    // Under https only the __Host- cookie counts: a sibling domain can set any other.
    await identity({ Cookie: cookie }, 'GET', secure.app).expect(401);
    await identity({ Cookie: `__Host-session=${token}` }, 'GET', secure.app).expect(200);
  });

  it('is removed by the database some time after its end', async () => {
    const indexes = await parts.connection.collection('sessions').indexes();
    expect(indexes).toContainEqual(expect.objectContaining({ key: { expiresAt: 1 }, expireAfterSeconds: 0 }));
  });

  it('is dead within 5 s on another replica', async () => {
    const replica = create();
    const { cookie } = await signUp();
    await identity({ Cookie: cookie }, 'GET', replica.app).expect(200);
    await request(auth.app).post('/api/auth/signout').set({ Cookie: cookie, Origin: origin }).expect(204);
    parts.now.forward(5_001);
    await identity({ Cookie: cookie }, 'GET', replica.app).expect(401);
  });

  it('ends when it is not used, goes on while it is, and ends for good after its longest time', async () => {
    const hour = 3_600_000;
    const short = create({ SESSION_IDLE_MS: `${2 * hour}`, SESSION_MAX_MS: `${5 * hour}` });
    const idle = await signUp(short.app);
    parts.now.forward(2 * hour + 1);
    await identity({ Cookie: idle.cookie }, 'GET', short.app).expect(401);

    const used = await signUp(short.app);
    for (let i = 0; i < 3; i++) {
      parts.now.forward(1.5 * hour);
      await identity({ Cookie: used.cookie }, 'GET', short.app).expect(200);
    }
    parts.now.forward(hour);
    await identity({ Cookie: used.cookie }, 'GET', short.app).expect(401);
  });
});

describe('the identity for the gateway', () => {
  it('is a signed token of a minute for who is signed in, and 401 for who is not', async () => {
    const { id, cookie } = await signUp();
    const { headers } = await identity({ Cookie: cookie }).expect(200);
    const claims = jwt.decode(headers.authorization?.replace('Bearer ', '') ?? '', { complete: true });
    expect(claims?.header).toMatchObject({ alg: 'ES256', kid: 'first' });
    expect(claims?.payload).toMatchObject({ sub: id, iss: 'box-office/auth', aud: 'box-office' });
    const { exp = 0, iat = 0 } = jwt.decode(headers.authorization?.replace('Bearer ', '') ?? '', { json: true }) ?? {};
    expect(exp - iat).toBe(60);
    expect((await identity({}).expect(401)).body.code).toBe('not-signed-in');
    await identity({ Cookie: `session=${'A'.repeat(43)}` }).expect(401);
    await identity({ Authorization: headers.authorization ?? '' }).expect(401);
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
    const { cookie } = await signUp();
    const answer = await identity({ Cookie: cookie, ...headers } as Record<string, string>, 'POST');
    expect(answer.status).toBe(status);
    if (status === 403) expect(answer.body.code).toBe('cross-origin');
  });

  it.each(['GET', 'HEAD', 'OPTIONS'])('asks nobody who only reads where they come from: %s', async (method) => {
    const { cookie } = await signUp();
    await identity({ Cookie: cookie, 'Sec-Fetch-Site': 'cross-site' }, method).expect(200);
  });

  it('takes a request for a change when the gateway does not say what it is', async () => {
    const { cookie } = await signUp();
    await request(auth.app).get('/identity').set('Cookie', cookie).expect(403);
    await identity({ Cookie: cookie }, 'get').expect(403);
  });

  it('is asked of the cookie too when a token comes that is none', async () => {
    const { cookie } = await signUp();
    const both = { Cookie: cookie, Authorization: 'Bearer nonsense' };
    await identity({ ...both, 'Sec-Fetch-Site': 'cross-site' }, 'POST').expect(403);
    await identity({ ...both, Authorization: `Bearer ${'A'.repeat(43)}` }, 'POST').expect(401);
  });

  it('asks programs with a token for no origin', async () => {
    const person = await signUp();
    const { body } = await post('token', { email: person.email, password: person.password });
    await identity({ Authorization: `Bearer ${body.token}` }, 'DELETE').expect(200);
  });

  it('refuses to sign a browser in or out for another site', async () => {
    const person = await signUp();
    const evil = { 'Sec-Fetch-Site': 'cross-site' };
    await post('signin', { email: person.email, password: person.password }).set(evil).expect(403);
    await post('signup', somebody()).set(evil).expect(403);
    await post('signup', somebody()).set({ Origin: 'https://evil.example' }).expect(403);
    await request(auth.app)
      .post('/api/auth/signout')
      .set({ Cookie: person.cookie, ...evil })
      .expect(403);
  });
});

describe('what services accept', () => {
  let server: Server;
  let published: Service;

  beforeAll(async () => {
    published = auth;
    server = serve((req, res) => published.app(req, res));
  });
  afterEach(() => {
    published = auth;
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
      now: parts.now,
      refetchAfterMs,
    });

  const signedBy = (key: ReturnType<typeof newKey>, more: jwt.SignOptions = {}, claims: object = {}) => {
    const at = Math.floor(parts.now().getTime() / 1000);
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
      const next = create({ SIGNING_KEYS: JSON.stringify(keys) });
      const { id, cookie } = await signUp(next.app);
      const { headers } = await identity({ Cookie: cookie }, 'GET', next.app).expect(200);
      published = next;
      await expect(services.verify(headers.authorization)).resolves.toEqual({ id });
    }
  });

  it('ends with its minute', async () => {
    const services = verifier();
    const { id, cookie } = await signUp();
    const { authorization } = (await identity({ Cookie: cookie })).headers;
    await expect(services.verify(authorization)).resolves.toEqual({ id });
    parts.now.forward(61_000);
    await expect(services.verify(authorization)).rejects.toMatchObject({ code: 'not-signed-in' });
  });

  it('is no more what a withdrawn key has signed, within a minute', async () => {
    const services = verifier();
    published = create({ SIGNING_KEYS: JSON.stringify([first, second]) });
    await expect(services.verify(signedBy(first))).resolves.toEqual({ id: 'anna' });
    published = create({ SIGNING_KEYS: JSON.stringify([second]) });
    parts.now.forward(60_000);
    await eventually(() => expect(services.verify(signedBy(first))).rejects.toMatchObject({ code: 'not-signed-in' }));
    await expect(services.verify(signedBy(second))).resolves.toEqual({ id: 'anna' });
  });

  it('stays what it was while auth is away', async () => {
    let away = false;
    let asked = 0;
    const half = serve((req, res) => {
      asked++;
      if (away) res.writeHead(500).end();
      else auth.app(req, res);
    });
    const services = verifier(half);
    await expect(services.verify(signedBy(first))).resolves.toEqual({ id: 'anna' });
    away = true;
    parts.now.forward(3_600_000);
    await expect(services.verify(signedBy(first))).resolves.toEqual({ id: 'anna' });
    await eventually(() => expect(asked).toBe(2));
    await expect(services.verify(signedBy(first))).resolves.toEqual({ id: 'anna' });
    await expect(services.verify(signedBy(second))).rejects.toMatchObject({ code: 'identity-unavailable' });
  });

  it('costs auth one question, however many ask at once', async () => {
    let asked = 0;
    const counting = serve((req, res) => {
      asked++;
      auth.app(req, res);
    });
    const services = verifier(counting, 2_000);
    await Promise.all(Array.from({ length: 50 }, () => services.verify(signedBy(first))));
    // Nor does a flood of made-up keys.
    await Promise.allSettled(Array.from({ length: 50 }, (_, i) => services.verify(signedBy(newKey(`made-up-${i}`)))));
    expect(asked).toBe(1);
  });

  it('publishes the key that comes next', async () => {
    const next = create({ SIGNING_KEYS: JSON.stringify([first, second]) });
    const answer = await request(next.app).get('/.well-known/jwks.json').expect(200);
    expect(answer.body.keys.map(({ kid }: { kid: string }) => kid)).toEqual(['first', 'second']);
    expect(answer.headers['cache-control']).toBe('public, max-age=60');
  });

  it('publishes no private half', async () => {
    const { body } = await request(auth.app).get('/.well-known/jwks.json').expect(200);
    expect(body.keys).toEqual([
      { kty: 'EC', crv: 'P-256', x: first.x, y: first.y, kid: 'first', alg: 'ES256', use: 'sig' },
    ]);
  });

  it('is nothing else', async () => {
    const services = verifier();
    const refused = expect.objectContaining({ code: 'not-signed-in' });
    await expect(services.verify(signedBy(first))).resolves.toEqual({ id: 'anna' });
    const expired = Math.floor(parts.now().getTime() / 1000) - 1;
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
      now: parts.now,
    });
    await expect(lost.verify(signedBy(first))).rejects.toMatchObject({ code: 'identity-unavailable' });
  });

  const keyObject = (key: ReturnType<typeof newKey>) => ({ key, format: 'jwk' }) as unknown as jwt.Secret;
});

describe('an error that nobody foresaw', () => {
  it('is answered 500 without detail, and its id stands in the log beside what happened', async () => {
    const broken = create(
      {},
      {
        newId: () => {
          throw new Error('the secret reason');
        },
      },
    );
    const answer = await post('signup', somebody(), broken.app).expect(500);
    expect(answer.body).toEqual({
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
      code: 'internal',
      errorId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    const line = parts.logged.find((entry) => entry.includes(answer.body.errorId));
    expect(line).toContain('the secret reason');
  });
});

describe('a database that is away', () => {
  it('makes auth unready, and requests a 503 that says when to come back', async () => {
    const own = await testDatabase();
    const lonely = create({}, { connection: own.connection });
    await request(lonely.app)
      .get('/healthz/ready')
      .expect(503, { ready: false, waitingFor: ['its database'] });
    await lonely.start();
    await request(lonely.app).get('/healthz/ready').expect(200);
    await own.drop();
    await request(lonely.app).get('/healthz/ready').expect(503);
    await request(lonely.app).get('/healthz/live').expect(200);
    const answer = await post('signup', somebody(), lonely.app).expect(503);
    expect(answer.body.code).toBe('unavailable');
    expect(answer.headers['retry-after']).toBe('2');
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
    const answer = await request(auth.app).post('/api/auth/signup').set('Content-Type', type).send(body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers['content-type']).toContain('application/problem+json');
  });

  it('in the path is not found: other case, other slashes', async () => {
    for (const path of [
      '/API/auth/currentuser',
      '/api/auth/CurrentUser',
      '/api/auth/currentuser/',
      '/api//auth/currentuser',
    ]) {
      await request(auth.app).get(path).expect(404);
    }
  });
});
