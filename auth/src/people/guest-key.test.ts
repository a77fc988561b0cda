import { LinkRequested } from '@box-office/common/contracts/people';
import { announced } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import { decodeJwt } from 'jose';
import request from 'supertest';
import { type AuthUnderTest, authUnderTest, cookieOf, origin, somebody } from '../auth-under-test.ts';

let shop: AuthUnderTest;
beforeAll(async () => {
  shop = await authUnderTest();
});
afterAll(() => shop.parts.end());

const claimsOf = async (cookie: string) => {
  const { headers } = await shop.identity({ Cookie: cookie }).expect(200);
  return decodeJwt(headers.authorization?.replace('Bearer ', '') ?? '');
};
/** A person who has proved the address. */
const verified = async () => {
  const { email, cookie } = await shop.signUp();
  await shop.post('links', { purpose: 'verify', email }).expect(202);
  const { token } = await eventually(async () => {
    const link = (await announced(shop.parts.bus, LinkRequested)).find((it) => it.email === email);
    if (!link) throw new Error('there is no mail yet');
    return link;
  });
  return { email, cookie: cookieOf(await shop.post('links/use', { token }).set('Cookie', cookie).expect(200)) };
};

describe('the key in the mails to a guest', () => {
  const open = (key: string) => shop.post('guest/open', { key });
  /** A guest deletes their data, as the gateway forwards it. */
  const deleteAs = async (cookie: string) => {
    const { headers } = await shop.identity({ Cookie: cookie }).expect(200);
    return request(shop.auth.app)
      .delete('/api/auth/account')
      .set('Authorization', headers.authorization ?? '')
      .send({});
  };

  it('opens what this guest bought in any browser, again and again', async () => {
    const { email } = somebody();
    const [mine, other] = [await shop.guest(email), await shop.guest(email)];
    const key = await shop.guestKey(mine.id);
    for (let i = 0; i < 2; i++) {
      const answer = await open(key).expect(200);
      expect(answer.body).toMatchObject({ id: mine.id, kind: 'guest', verified: false });
      const claims = await claimsOf(cookieOf(answer));
      expect(claims.sub).toBe(mine.id);
      expect(JSON.stringify(claims)).not.toContain(other.id);
    }
  });

  it('is not valid after half a year, nor if it is another', async () => {
    const { id } = await shop.guest();
    const key = await shop.guestKey(id);
    await open(`${key}x`).expect(410);
    await open('').expect(410);
    shop.parts.now.forward(180 * 24 * 3_600_000 + 1_000);
    expect((await open(key).expect(410)).body.code).toBe('link-not-valid');
  });

  it('changes nothing for the person who has the orders anyway, and does not sign anybody else out', async () => {
    const { email, cookie } = await verified();
    const key = await shop.guestKey((await shop.guest(email)).id);
    const mine = await open(key).set('Cookie', cookie).expect(200);
    expect(mine.body).toMatchObject({ email, kind: 'person' });
    expect(mine.headers['set-cookie']).toBeUndefined();
    const stranger = await shop.signUp();
    const { body } = await open(key).set('Cookie', stranger.cookie).expect(409);
    expect(body.code).toBe('already-signed-in');
    await shop.identity({ Cookie: stranger.cookie }).expect(200);
  });

  it('cannot be used by a form of another site', async () => {
    const key = await shop.guestKey((await shop.guest()).id);
    await open(key).set('Origin', 'https://evil.example').expect(403);
    await open(key).set('Origin', origin).expect(200);
  });

  it('makes nobody a guest whom another site leads there, but tells who that would be', async () => {
    const [mine, other] = [await shop.guest(), await shop.guest()];
    const key = await shop.guestKey(other.id);
    for (const cookie of ['', mine.cookie]) {
      const answer = await open(key).set({ 'Sec-Fetch-Site': 'cross-site', Cookie: cookie }).expect(403);
      expect(answer.body).toMatchObject({
        code: 'cross-origin',
        detail: `You are about to open the orders of Gerda, ${other.email}.`,
      });
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
    await shop.identity({ Cookie: mine.cookie }).expect(200);
    await open(`${key}x`).set('Sec-Fetch-Site', 'cross-site').expect(410);
    await open(key).set({ 'Sec-Fetch-Site': 'cross-site', Cookie: other.cookie }).expect(200);
    await open(key).set({ 'Sec-Fetch-Site': 'same-origin', Cookie: mine.cookie }).expect(200);
  });

  it('signs the guest in anew, so that what needs a recent sign-in can be done', async () => {
    const { id, cookie } = await shop.guest();
    const key = await shop.guestKey(id);
    shop.parts.now.forward(11 * 60_000);
    const late = await deleteAs(cookie);
    expect([late.status, late.body.code]).toEqual([403, 'sign-in-again']);
    expect(late.body.detail).toMatch(/^Open the link in the mail about your order/);
    const again = cookieOf(await open(key).set('Cookie', cookie).expect(200));
    await shop.identity({ Cookie: cookie }).expect(401);
    expect((await deleteAs(again)).status).toBe(204);
  });
});
