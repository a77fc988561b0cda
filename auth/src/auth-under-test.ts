import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { Service } from '@box-office/common/service';
import { type TestParts, testParts } from '@box-office/common/testing/parts';
import { Registry } from 'prom-client';
import request from 'supertest';
import { loadConfig } from './config.ts';
import { createPasswords } from './password.ts';
import { type AuthParts, createAuth } from './service.ts';

export const newKey = (kid: string) => ({
  ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }),
  kid,
});
export const [first, second] = [newKey('first'), newKey('second')];
export const origin = 'http://localhost:8080';
/** The cheapest argon2id parameters: these tests do not depend on the strength of the hash. */
export const fast = { memoryKiB: 64, passes: 1, parallelism: 1 };

const settings = {
  MONGO_URL: 'mongodb://unused',
  PUBLIC_ORIGIN: origin,
  SIGNING_KEYS: JSON.stringify([first]),
  SIGNUPS_PER_ADDRESS: '10000',
  SIGNIN_FAILURES_PER_ADDRESS: '10000',
  SIGNIN_FAILURES_PER_ACCOUNT: '5',
};

export interface Person {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  readonly cookie: string;
}

/** One process of auth, with a database of its own. */
export interface AuthUnderTest {
  readonly parts: TestParts;
  readonly auth: Service;
  /** Another replica on the same database. */
  create(env?: Record<string, string>, more?: Partial<AuthParts>): Service;
  post(path: string, body: object, app?: Service['app']): request.Test;
  signOut(headers: Record<string, string>, app?: Service['app']): request.Test;
  /** The gateway's identity request for a request with this method and these headers. */
  identity(headers: Record<string, string>, method?: string, app?: Service['app']): request.Test;
  currentUser(headers: Record<string, string>): Promise<unknown>;
  signUp(app?: Service['app']): Promise<Person>;
}

export async function authUnderTest(): Promise<AuthUnderTest> {
  const parts = await testParts();
  const create: AuthUnderTest['create'] = (env = {}, more = {}) =>
    createAuth({
      ...parts,
      metrics: new Registry(),
      config: loadConfig({ ...settings, ...env }),
      randomBytes,
      passwords: createPasswords({ randomBytes, parameters: fast }),
      ...more,
    });
  const auth = create();
  await auth.start();
  const post: AuthUnderTest['post'] = (path, body, app = auth.app) => request(app).post(`/api/auth/${path}`).send(body);
  return {
    parts,
    auth,
    create,
    post,
    signOut: (headers, app = auth.app) => request(app).post('/api/auth/signout').set(headers),
    identity: (headers, method = 'GET', app = auth.app) =>
      request(app)
        .get('/identity')
        .set({ 'X-Forwarded-Method': method, ...headers }),
    async currentUser(headers) {
      return (await request(auth.app).get('/api/auth/currentuser').set(headers).expect(200)).body.currentUser;
    },
    async signUp(app = auth.app) {
      const person = somebody();
      const answer = await post('signup', person, app).expect(201);
      return { ...person, id: String(answer.body.id), cookie: cookieOf(answer) };
    },
  };
}

let people = 0;
export const somebody = () => ({ email: `person-${++people}@example.com`, password: 'correct horse' });

const cookieNamed = (name: RegExp) => (answer: request.Response) =>
  [answer.headers['set-cookie'] ?? []]
    .flat()
    .find((cookie) => name.test(cookie))
    ?.split(';')[0] ?? '';

/** The session's cookie, as the browser sends it back. */
export const cookieOf = cookieNamed(/session/);
/** The cookie of a browser that has signed in. */
export const browserOf = cookieNamed(/known-browser/);
