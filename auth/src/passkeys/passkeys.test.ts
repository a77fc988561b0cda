import { LinkRequested, SecurityNoticed } from '@box-office/common/contracts/people';
import { announced } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import { newId } from '@box-office/common/testing/parts';
import request from 'supertest';
import { type AuthUnderTest, authUnderTest, cookieOf, origin, somebody } from '../auth-under-test.ts';
import { authenticator } from './authenticator-under-test.ts';

let shop: AuthUnderTest;
beforeAll(async () => {
  shop = await authUnderTest();
});
afterAll(() => shop.parts.end());

/** A request of somebody who is signed in, as the gateway forwards it. */
async function as(cookie: string, method: 'get' | 'post' | 'delete', path: string, body?: object) {
  const { headers } = await shop.identity({ Cookie: cookie }).expect(200);
  const sent = request(shop.auth.app)
    [method](`/api/auth/${path}`)
    .set('Authorization', headers.authorization ?? '');
  return body ? sent.send(body) : sent;
}
const begin = async (cookie: string, more: object = {}): Promise<string> =>
  (await as(cookie, 'post', 'passkeys/options', more)).body.challenge;
const add = (cookie: string, response: object) => as(cookie, 'post', 'passkeys', { response });
const challenge = async (): Promise<string> =>
  (await shop.post('passkeys/sign-in/options', {}).expect(200)).body.challenge;
const signIn = (response: object) => shop.post('passkeys/sign-in', { response });

const remove = (cookie: string, { id }: { id: string }, more: object) => as(cookie, 'delete', `passkeys/${id}`, more);

/** A person with a passkey on a device. */
async function withPasskey() {
  const person = await shop.signUp();
  const device = authenticator(origin);
  const made = device.make({ challenge: await begin(person.cookie, { password: person.password }) });
  const answer = await add(person.cookie, made);
  expect(answer.status).toBe(201);
  return { ...person, device, passkey: answer.body.passkey as { id: string } };
}
const noticesTo = async (id: string) =>
  (await announced(shop.parts.bus, SecurityNoticed)).filter((it) => it.id === id).map(({ what }) => what);

describe('a passkey', () => {
  it('is added with the password, told to the owner, and signs in without anything else', async () => {
    const { id, email, device } = await withPasskey();
    await eventually(async () => expect(await noticesTo(id)).toEqual(['passkey-added']));
    const answer = await signIn(device.sign({ challenge: await challenge() })).expect(200);
    expect(answer.body).toMatchObject({ id, email, kind: 'person' });
    await shop.identity({ Cookie: cookieOf(answer) }).expect(200);
    expect((await as(cookieOf(answer), 'get', 'account')).body).toMatchObject({ passkeys: 1, hasPassword: true });
  });

  it('is discoverable and bound to the shop, and no device makes a second one', async () => {
    const { cookie, password, id } = await withPasskey();
    const { body } = await as(cookie, 'post', 'passkeys/options', { password });
    expect(body).toMatchObject({
      rp: { id: 'localhost' },
      authenticatorSelection: { residentKey: 'required', userVerification: 'preferred' },
      excludeCredentials: [{ id: expect.any(String) }],
    });
    expect(Buffer.from(body.user.id, 'base64url').toString()).toBe(id);
  });

  it('is not added without the password of the account', async () => {
    const { cookie } = await shop.signUp();
    const refused = await as(cookie, 'post', 'passkeys/options', {});
    expect([refused.status, refused.body.code]).toEqual([403, 'wrong-password']);
    const device = authenticator(origin);
    expect((await add(cookie, device.make({ challenge: await challenge() }))).status).toBe(401);
  });

  it('is listed and removed, which is told to the owner; others cannot', async () => {
    const { id, cookie, device, passkey, password } = await withPasskey();
    const stranger = await shop.signUp();
    expect((await remove(stranger.cookie, passkey, { password: stranger.password })).status).toBe(404);
    expect((await as(cookie, 'get', 'passkeys')).body).toEqual([passkey]);
    expect((await remove(cookie, passkey, { password })).status).toBe(204);
    expect((await remove(cookie, passkey, { password })).status).toBe(404);
    await signIn(device.sign({ challenge: await challenge() })).expect(401);
    await eventually(async () => expect(await noticesTo(id)).toEqual(['passkey-added', 'passkey-removed']));
  });

  it('is removed by its owner alone, who gives the password', async () => {
    const { cookie, device, passkey } = await withPasskey();
    for (const more of [{}, { password: 'a wrong guess' }]) {
      const { status, body } = await remove(cookie, passkey, more);
      expect([status, body.code]).toEqual([403, 'wrong-password']);
    }
    await signIn(device.sign({ challenge: await challenge() })).expect(200);
  });

  it('is removed by its owner alone, who has just signed in if there is no password', async () => {
    const guest = await shop.post('guest', { email: somebody().email, name: 'Gerda' }).expect(201);
    const device = authenticator(origin);
    const made = device.make({ challenge: await begin(cookieOf(guest)) });
    const added = await add(cookieOf(guest), made);
    const { passkey } = added.body;
    shop.parts.now.forward(10 * 60_000 + 1);
    const stale = await remove(cookieOf(added), passkey, {});
    expect([stale.status, stale.body.code]).toEqual([403, 'sign-in-again']);
    const fresh = await signIn(device.sign({ challenge: await challenge() })).expect(200);
    expect((await remove(cookieOf(fresh), passkey, {})).status).toBe(204);
    await signIn(device.sign({ challenge: await challenge() })).expect(401);
  });

  it.each([
    ['another site', { origin: 'https://evil.example' }],
    ['another port of this host', { origin: 'http://localhost:8081' }],
    ['another host', { host: 'evil.example' }],
  ])('does not sign in with what it signed for %s', async (_, where) => {
    const { device } = await withPasskey();
    const { body } = await signIn(device.sign({ challenge: await challenge(), ...where })).expect(401);
    expect(body.code).toBe('invalid-credentials');
  });

  it('signs each challenge once, in time, and only one of ours', async () => {
    const { device, cookie, password } = await withPasskey();
    const signed = device.sign({ challenge: await challenge() });
    await signIn(signed).expect(200);
    await signIn(signed).expect(401);
    await signIn(device.sign({ challenge: 'bm90LW91cnM' })).expect(401);
    await signIn(device.sign({ challenge: await begin(cookie, { password }) })).expect(401);
    const late = await challenge();
    shop.parts.now.forward(5 * 60_000 + 1);
    await signIn(device.sign({ challenge: late })).expect(401);
  });

  it('of one device is not that of another, and nonsense is none', async () => {
    const [{ device }, other] = [await withPasskey(), authenticator(origin)];
    const forged = other.sign({ challenge: await challenge() });
    await signIn(forged).expect(401);
    const mine = device.sign({ challenge: await challenge() });
    await signIn({ ...mine, response: { ...mine.response, signature: forged.response.signature } }).expect(401);
    await signIn({ ...mine, response: { ...mine.response, authenticatorData: 'AAAA' } }).expect(401);
    await shop.post('passkeys/sign-in', { response: { id: { $ne: '' } } }).expect(400);
  });

  it('still signs in when the password is another one', async () => {
    const { cookie, password, device, passkey } = await withPasskey();
    const { headers } = await shop.identity({ Cookie: cookie }).expect(200);
    const change = request(shop.auth.app).put('/api/auth/password').set('Authorization', `${headers.authorization}`);
    await change.send({ current: password, password: 'another password' }).expect(204);
    const answer = await signIn(device.sign({ challenge: await challenge() })).expect(200);
    expect((await as(cookieOf(answer), 'get', 'passkeys')).body).toEqual([expect.objectContaining({ id: passkey.id })]);
  });

  it('of an earlier release signs in as before', async () => {
    const { id, device } = await withPasskey();
    const documents = (name: string) => shop.parts.connection.collection<{ _id: string; userId: string }>(name);
    await documents('passkeys').updateOne({ userId: id }, { $unset: { era: '' } });
    await documents('accounts').updateOne({ _id: id }, { $unset: { passkeysSince: '' } });
    const answer = await signIn(device.sign({ challenge: await challenge() })).expect(200);
    expect((await as(cookieOf(answer), 'get', 'account')).body).toMatchObject({ passkeys: 1 });
  });

  it('is not added twice', async () => {
    const { id, cookie, password, device } = await withPasskey();
    const again = await add(cookie, device.make({ challenge: await begin(cookie, { password }) }));
    expect([again.status, again.body.code]).toEqual([401, 'invalid-credentials']);
    expect((await as(cookie, 'get', 'passkeys')).body).toHaveLength(1);
    await eventually(async () => expect(await noticesTo(id)).toEqual(['passkey-added']));
  });

  it('is one of 20 at most', async () => {
    const { id, cookie, password } = await withPasskey();
    const [waiting, made] = [await begin(cookie, { password }), authenticator(origin)];
    const more = Array.from({ length: 19 }, (_, n) => ({
      ...{ _id: newId(), userId: id, credentialId: `${id} ${n}`, publicKey: '' },
      ...{ counter: 0, transports: [], name: 'Firefox', createdAt: new Date(), usedAt: new Date() },
    }));
    await shop.parts.connection.collection<{ _id: string }>('passkeys').insertMany(more);
    for (const answer of [
      await as(cookie, 'post', 'passkeys/options', { password }),
      await add(cookie, made.make({ challenge: waiting })),
    ])
      expect([answer.status, answer.body.code]).toEqual([409, 'too-many-passkeys']);
  });

  it('makes a person of a guest, who keeps the id', async () => {
    const { email } = somebody();
    const guest = await shop.post('guest', { email, name: 'Gerda' }).expect(201);
    const device = authenticator(origin);
    const cookie = cookieOf(guest);
    const answer = await add(cookie, device.make({ challenge: await begin(cookie) }));
    expect(answer.body.user).toMatchObject({ id: guest.body.id, email, kind: 'person' });
    await shop.identity({ Cookie: cookie }).expect(401);
    await shop.identity({ Cookie: cookieOf(answer) }).expect(200);
    const { body } = await signIn(device.sign({ challenge: await challenge() })).expect(200);
    expect(body.id).toBe(guest.body.id);
  });

  it('of a guest whose address has an account opens nothing', async () => {
    const { email } = await shop.signUp();
    const cookie = cookieOf(await shop.post('guest', { email, name: 'Mallory' }).expect(201));
    const device = authenticator(origin);
    expect((await add(cookie, device.make({ challenge: await begin(cookie) }))).body.code).toBe('invalid-credentials');
    await signIn(device.sign({ challenge: await challenge() })).expect(401);
  });

  it('goes when somebody proves the address that it was made with by another', async () => {
    const { email, device } = await withPasskey();
    await shop.post('links', { purpose: 'verify', email }).expect(202);
    const token = await eventually(async () => {
      const link = (await announced(shop.parts.bus, LinkRequested)).find((it) => it.email === email);
      if (!link) throw new Error('there is no mail yet');
      return link.token;
    });
    await shop.post('links/use', { token }).expect(200);
    await signIn(device.sign({ challenge: await challenge() })).expect(401);
  });

  it('goes with the account', async () => {
    const { cookie, password, device } = await withPasskey();
    const { headers } = await shop.identity({ Cookie: cookie }).expect(200);
    const goodbye = request(shop.auth.app).delete('/api/auth/account').set('Authorization', `${headers.authorization}`);
    await goodbye.send({ password }).expect(204);
    await signIn(device.sign({ challenge: await challenge() })).expect(401);
  });
});
