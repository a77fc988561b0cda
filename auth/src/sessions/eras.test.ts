import { LinkRequested } from '@box-office/common/contracts/people';
import { announced } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import request from 'supertest';
import { type AuthUnderTest, authUnderTest, cookieOf, fast, origin, type Person } from '../auth-under-test.ts';
import { authenticator } from '../passkeys/authenticator-under-test.ts';
import { argon2id, createPasswords } from '../password.ts';

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

/** The owner of the address comes, whom somebody has opened this account for. */
async function takeBack({ email }: Pick<Person, 'email'>): Promise<void> {
  await shop.post('links', { purpose: 'verify', email }).expect(202);
  const token = await eventually(async () => {
    const link = (await announced(shop.parts.bus, LinkRequested)).find((it) => it.email === email);
    if (!link) throw new Error('there is no mail yet');
    return link.token;
  });
  await shop.post('links/use', { token }).expect(200);
}

describe('once all sessions of an account have ended', () => {
  it('a sign-in with the old password that was on its way opens none', async () => {
    const { cookie, email, password } = await shop.signUp();
    const [asked, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const randomBytes = (size: number) => Buffer.alloc(size, 7);
    const slow = createPasswords({
      ...{ randomBytes, parameters: fast },
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
    const { challenge } = (await shop.post('passkeys/sign-in/options', {}).expect(200)).body;
    await shop.post('passkeys/sign-in', { response: device.sign({ challenge }) }).expect(401);
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
