import { randomBytes } from 'node:crypto';
import { LinkRequested } from '@box-office/common/contracts/people';
import { createRelay } from '@box-office/common/messaging/relay/relay';
import { announced } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import { newId } from '@box-office/common/testing/parts';
import request from 'supertest';
import { type AuthUnderTest, authUnderTest, cookieOf, fast, origin, type Person } from '../auth-under-test.ts';
import { createLinks } from '../links/links.ts';
import { authenticator } from '../passkeys/authenticator-under-test.ts';
import { argon2id, createPasswords } from '../password.ts';
import { createAccounts } from '../people/accounts.ts';
import { createTallies } from '../tallies.ts';

let shop: AuthUnderTest;
beforeAll(async () => {
  shop = await authUnderTest();
});
afterAll(() => shop.parts.end());

/** The identity that the gateway has got for a request which is still on its way to its route. */
const identityOf = async ({ cookie }: Pick<Person, 'cookie'>) =>
  (await shop.identity({ Cookie: cookie }).expect(200)).headers.authorization ?? '';
const send = (identity: string, method: 'post' | 'put' | 'delete', path: string, body: object) =>
  request(shop.auth.app)[method](`/api/auth/${path}`).set('Authorization', identity).send(body);

/** The link that the owner of the address gets, whom somebody has opened this account for. */
async function linkFor({ email }: Pick<Person, 'email'>): Promise<string> {
  await shop.post('links', { purpose: 'verify', email }).expect(202);
  return eventually(async () => {
    const link = (await announced(shop.parts.bus, LinkRequested)).find((it) => it.email === email);
    if (!link) throw new Error('there is no mail yet');
    return link.token;
  });
}

/** @returns the owner's session */
async function takeBack(mallory: Person): Promise<Pick<Person, 'cookie'>> {
  const answer = await shop.post('links/use', { token: await linkFor(mallory) }).expect(200);
  return { cookie: cookieOf(answer) };
}

/** The same in a process that dies once the account is proved, before it has removed anything. */
async function takeBackAndDie(mallory: Person): Promise<void> {
  const token = await linkFor(mallory);
  const { bus, connection, stream, logger, now } = shop.parts;
  const relay = createRelay({ bus, connection, announcer: 'auth', stream, logger, now });
  const options = { connection, relay, now, newId, logger };
  const tallies = createTallies({ now, windowMs: 60_000, atMost: 10 });
  const accounts = createAccounts(options);
  const links = createLinks({ ...options, accounts, tallies, randomBytes, perAccount: 5 });
  const { isTakenBack } = await links.use({ token, password: null, signedInAs: null });
  expect(isTakenBack).toBe(true);
}

async function withPasskey() {
  const mallory = await shop.signUp();
  const [identity, device] = [await identityOf(mallory), authenticator(origin)];
  const { password } = mallory;
  const { body } = await send(identity, 'post', 'passkeys/options', { password }).expect(200);
  const response = device.make({ challenge: body.challenge });
  await send(identity, 'post', 'passkeys', { response }).expect(201);
  return { mallory, device };
}

async function signInWith(device: ReturnType<typeof authenticator>) {
  const { challenge } = (await shop.post('passkeys/sign-in/options', {}).expect(200)).body;
  return shop.post('passkeys/sign-in', { response: device.sign({ challenge }) });
}

const passkeys = () => shop.parts.connection.collection<{ _id: string; userId: string }>('passkeys');

describe('once all sessions of an account have ended', () => {
  it('a sign-in with the old password that was on its way opens none', async () => {
    const { cookie, email, password } = await shop.signUp();
    const [asked, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const slow = createPasswords({
      ...{ randomBytes: (size: number) => Buffer.alloc(size, 7), parameters: fast },
      async derive(...input) {
        asked.resolve();
        await released.promise;
        return argon2id(...input);
      },
    });
    const replica = shop.create({}, { passwords: slow });
    const signIn = shop.post('signin', { email, password }, replica.app).then((answer) => answer);
    await asked.promise;
    const change = { current: password, password: 'another password' };
    await send(await identityOf({ cookie }), 'put', 'password', change).expect(204);
    released.resolve();
    await shop.identity({ Cookie: cookieOf(await signIn) }).expect(401);
    await shop.identity({ Cookie: cookie }).expect(200);
  });

  it('is none of them good, even if the process died that was to remove them', async () => {
    const { id, cookie } = await shop.signUp();
    await shop.identity({ Cookie: cookie }).expect(200);
    await shop.parts.connection.collection<{ _id: string }>('accounts').updateOne({ _id: id }, { $inc: { era: 1 } });
    shop.parts.now.forward(5_001);
    await shop.identity({ Cookie: cookie }).expect(401);
  });

  it('whoever had it before adds no passkey that was begun before', async () => {
    const mallory = await shop.signUp();
    const identity = await identityOf(mallory);
    const { password } = mallory;
    const { body } = await send(identity, 'post', 'passkeys/options', { password }).expect(200);
    await takeBack(mallory);
    const device = authenticator(origin);
    await send(identity, 'post', 'passkeys', { response: device.make({ challenge: body.challenge }) }).expect(401);
    expect((await signInWith(device)).status).toBe(401);
  });

  it('a passkey of whoever had it before opens nothing, even if the process died that was to remove it', async () => {
    const { mallory, device } = await withPasskey();
    await takeBackAndDie(mallory);
    expect(await passkeys().countDocuments({ userId: mallory.id })).toBe(1);
    const { status, body } = await signInWith(device);
    expect([status, body.code]).toEqual([401, 'invalid-credentials']);
  });

  it('a passkey of whoever had it before opens nothing, even if it was stored late and stayed', async () => {
    const { mallory, device } = await withPasskey();
    const stored = await passkeys().findOne({ userId: mallory.id });
    const owner = await takeBack(mallory);
    if (!stored) throw new Error('there is no passkey');
    await passkeys().insertOne(stored);
    expect((await signInWith(device)).status).toBe(401);
    // Nor does the owner see it, who has not added it, nor have to keep it.
    const headers = { Authorization: await identityOf(owner) };
    const get = (path: string) => request(shop.auth.app).get(`/api/auth/${path}`).set(headers).expect(200);
    expect((await get('passkeys')).body).toEqual([]);
    expect((await get('account')).body).toMatchObject({ passkeys: 0 });
    expect((await get('data')).body).toMatchObject({ passkeys: [] });
    // The owner's own opens it.
    const own = authenticator(origin);
    const { body } = await send(headers.Authorization, 'post', 'passkeys/options', {}).expect(200);
    expect(body.excludeCredentials).toEqual([]);
    const response = own.make({ challenge: body.challenge });
    await send(headers.Authorization, 'post', 'passkeys', { response }).expect(201);
    expect((await signInWith(own)).status).toBe(200);
  });

  it('no sign-in of an earlier owner is a recent one, even if the process died that was to end it', async () => {
    const mallory = await shop.signUp();
    const identity = await identityOf(mallory);
    await takeBackAndDie(mallory);
    for (const [method, path, more] of [
      ['post', 'passkeys/options', {}],
      ['put', 'password', { password: 'another password' }],
      ['delete', 'account', {}],
    ] as const) {
      const { status, body } = await send(identity, method, path, more);
      expect([path, status, body.code]).toEqual([path, 403, 'sign-in-again']);
    }
  });

  it('whoever had it before changes and deletes nothing any more', async () => {
    const mallory = await shop.signUp();
    const identity = await identityOf(mallory);
    await takeBack(mallory);
    const { password } = mallory;
    await send(identity, 'put', 'password', { current: password, password: 'another password' }).expect(403);
    await send(identity, 'delete', 'account', { password }).expect(403);
    await shop.post('signin', { email: mallory.email, password: 'another password' }).expect(401);
  });
});
