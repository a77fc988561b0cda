import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { AnnouncingService } from '@box-office/common/announcing-service';
import { PersonKnown } from '@box-office/common/contracts/people';
import type { Bus } from '@box-office/common/messaging/bus';
import { newSeed } from '@box-office/common/messaging/nkey';
import { announced } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
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
  NATS_URL: 'nats://unused',
  NATS_SEED: newSeed(),
  PUBLIC_ORIGIN: origin,
  SIGNING_KEYS: JSON.stringify([first]),
  SIGNUPS_PER_ADDRESS: '10000',
  GUESTS_PER_ADDRESS: '10000',
  GUESTS_PER_ACCOUNT: '10000',
  LINKS_PER_ADDRESS: '10000',
  PASSKEY_SIGNINS_PER_ADDRESS: '10000',
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
  readonly auth: AnnouncingService;
  /** Another replica on the same database. */
  create(env?: Record<string, string>, more?: Partial<AuthParts>): AnnouncingService;
  post(path: string, body: object, app?: AnnouncingService['app']): request.Test;
  signOut(headers: Record<string, string>, app?: AnnouncingService['app']): request.Test;
  /** The gateway's identity request for a request with this method and these headers. */
  identity(headers: Record<string, string>, method?: string, app?: AnnouncingService['app']): request.Test;
  currentUser(headers: Record<string, string>): Promise<unknown>;
  signUp(app?: AnnouncingService['app']): Promise<Person>;
  /** Somebody who begins to buy without an account. */
  guest(email?: string): Promise<{ id: string; email: string; cookie: string }>;
  /** The key in the mails to a guest. */
  guestKey(id: string): Promise<string>;
}

export async function authUnderTest(shared: { bus?: Bus } = {}): Promise<AuthUnderTest> {
  const parts = await testParts(shared);
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
  const end = async () => {
    await auth.stop();
    await parts.end();
  };
  const post: AuthUnderTest['post'] = (path, body, app = auth.app) => request(app).post(`/api/auth/${path}`).send(body);
  return {
    parts: { ...parts, end },
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
    async guest(email = somebody().email) {
      const answer = await post('guest', { email, name: 'Gerda' }).expect(201);
      return { id: String(answer.body.id), email, cookie: cookieOf(answer) };
    },
    guestKey: (id) =>
      eventually(async () => {
        const key = (await announced(parts.bus, PersonKnown)).find((person) => person.id === id)?.key;
        if (!key) throw new Error('there is no key yet');
        return key;
      }),
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
