import { LinkRequested, PersonForgotten, SecurityNoticed } from '@box-office/common/contracts/people';
import { announced } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import request from 'supertest';
import { type AuthUnderTest, authUnderTest, browserOf, cookieOf, somebody } from '../auth-under-test.ts';

let shop: AuthUnderTest;
beforeAll(async () => {
  shop = await authUnderTest();
});
afterAll(() => shop.parts.end());

const firefox = 'Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0';

/** A request of somebody who is signed in, as the gateway forwards it. */
async function as(cookie: string, method: 'get' | 'post' | 'put' | 'delete', path: string, body?: object) {
  const { headers } = await shop.identity({ Cookie: cookie }).expect(200);
  const sent = request(shop.auth.app)
    [method](`/api/auth/${path}`)
    .set('Authorization', headers.authorization ?? '');
  return body ? sent.send(body) : sent;
}
const noticesTo = async (id: string) =>
  (await announced(shop.parts.bus, SecurityNoticed)).filter((it) => it.id === id).map(({ what }) => what);
const tokenFor = (purpose: string, email: string) => {
  const mailed = async () => (await announced(shop.parts.bus, LinkRequested)).filter((it) => it.email === email);
  return mailed().then(async ({ length }) => {
    await shop.post('links', { purpose, email }).expect(202);
    return eventually(async () => {
      const token = (await mailed())[length]?.token;
      if (!token) throw new Error('there is no mail yet');
      return token;
    });
  });
};
const verified = async () => {
  const person = await shop.signUp();
  const token = await tokenFor('verify', person.email);
  const answer = await shop.post('links/use', { token }).set('Cookie', person.cookie).expect(200);
  return { ...person, cookie: cookieOf(answer) };
};
const signInFrom = (address: string, credentials: { email: string; password: string }) =>
  shop.post('signin', credentials).set('X-Forwarded-For', address);

describe('a password', () => {
  it.each(['password', 'PASSWORD', 'iloveyou', '12345678', '        ', 'aaaaaaaaaa'])(
    'like %j is refused wherever one is set, because it is guessed first',
    async (password) => {
      const person = await shop.signUp();
      const { cookie } = await shop.guest();
      const token = await tokenFor('reset', person.email);
      for (const answer of [
        await shop.post('signup', { email: somebody().email, password }),
        await as(person.cookie, 'put', 'password', { current: person.password, password }),
        await as(cookie, 'post', 'account', { password }),
        await shop.post('links/use', { token, password }),
      ]) {
        expect(answer.status).toBe(400);
        expect(answer.body.errors).toEqual([
          { field: 'password', message: 'is too common: it would be guessed at once' },
        ]);
      }
      await shop.post('links/use', { token, password: 'another password' }).expect(200);
    },
  );

  it('is not the address either, and need not be of any composition', async () => {
    const { email } = somebody();
    await shop.post('signup', { email, password: email.toUpperCase() }).expect(400);
    await shop.post('signup', { email, password: 'onlysmallletters' }).expect(201);
    const token = await tokenFor('reset', email);
    await shop.post('links/use', { token, password: email }).expect(400);
  });

  it('is changed with the present one, which ends all other sessions and is told to the owner', async () => {
    const { id, email, password, cookie } = await shop.signUp();
    const other = cookieOf(await shop.post('signin', { email, password }).expect(200));
    const refused = await as(cookie, 'put', 'password', { current: 'wrong password', password: 'another password' });
    expect([refused.status, refused.body.code]).toEqual([403, 'wrong-password']);
    expect((await as(cookie, 'put', 'password', { password: 'another password' })).body.code).toBe('wrong-password');
    expect((await as(cookie, 'put', 'password', { current: password, password: 'another password' })).status).toBe(204);
    await shop.identity({ Cookie: cookie }).expect(200);
    await shop.identity({ Cookie: other }).expect(401);
    await shop.post('signin', { email, password }).expect(401);
    await shop.post('signin', { email, password: 'another password' }).expect(200);
    await eventually(async () => expect(await noticesTo(id)).toContain('password-changed'));
  });

  it('cannot be guessed by somebody who has found a signed-in browser', async () => {
    const { cookie, email, password } = await shop.signUp();
    const change = () => as(cookie, 'put', 'password', { current: 'wrong password', password: 'another password' });
    for (let i = 0; i < 5; i++) expect((await change()).status).toBe(403);
    expect((await change()).body.code).toBe('too-many-requests');
    await shop.post('signin', { email, password }).expect(200);
  });

  it('is set without one only after a recent sign-in', async () => {
    const { email } = await shop.guest();
    const token = await tokenFor('sign-in', email);
    const cookie = cookieOf(await shop.post('links/use', { token }).expect(200));
    expect((await as(cookie, 'get', 'account')).body).toMatchObject({ hasPassword: false });
    shop.parts.now.forward(11 * 60_000);
    const late = await as(cookie, 'put', 'password', { password: 'my first password' });
    expect([late.status, late.body.code]).toEqual([403, 'sign-in-again']);
    const again = cookieOf(await shop.post('links/use', { token: await tokenFor('sign-in', email) }).expect(200));
    expect((await as(again, 'put', 'password', { password: 'my first password' })).status).toBe(204);
    await shop.post('signin', { email, password: 'my first password' }).expect(200);
  });
});

describe('signing up with an address that has an account', () => {
  it('is answered as a wrong sign-in, and its owner is told once', async () => {
    const { id, email } = await shop.signUp();
    for (let i = 0; i < 3; i++) {
      const { body } = await shop.post('signup', { email, password: 'another password' }).expect(401);
      expect(body.code).toBe('invalid-credentials');
    }
    await eventually(async () => expect(await noticesTo(id)).toEqual(['sign-up-tried']));
  });

  it('is slowed down like guessing, because it is', async () => {
    const { email } = await shop.signUp();
    for (let i = 0; i < 5; i++) await shop.post('signup', { email, password: 'another password' }).expect(401);
    await shop.post('signup', { email, password: 'another password' }).expect(429);
  });

  it('is a sign-in with its password', async () => {
    const { id, email, password } = await shop.signUp();
    const answer = await shop.post('signup', { email, password }).expect(200);
    expect(answer.body.id).toBe(id);
    await shop.identity({ Cookie: cookieOf(answer) }).expect(200);
  });

  it('is told to its owner as every sign-in from elsewhere is', async () => {
    const { id, email, password } = await shop.signUp();
    await shop.post('signup', { email, password }).set('X-Forwarded-For', '198.51.100.7').expect(200);
    await eventually(async () => expect(await noticesTo(id)).toEqual(['signed-in-elsewhere']));
  });
});

describe('the owner of an account', () => {
  it('is told of a sign-in from a new browser in a new network, and of no other', async () => {
    const { id, email, password } = await shop.signUp();
    await shop.post('signin', { email, password }).expect(200);
    const elsewhere = await signInFrom('198.51.100.7', { email, password }).set('User-Agent', firefox).expect(200);
    await signInFrom('198.51.100.8', { email, password }).expect(200);
    await signInFrom('203.0.113.9', { email, password }).set('Cookie', browserOf(elsewhere)).expect(200);
    await shop.post('token', { email, password }).set('X-Forwarded-For', '192.0.2.1').expect(200);
    await eventually(async () => {
      const notices = (await announced(shop.parts.bus, SecurityNoticed)).filter((it) => it.id === id);
      expect(notices.map(({ what, device }) => [what, device])).toEqual([
        ['signed-in-elsewhere', 'Firefox on Android'],
        ['signed-in-elsewhere', 'Another program'],
      ]);
    });
  });

  it('is told once of guesses from many networks, and is not locked out by them', async () => {
    const { id, email, password } = await shop.signUp();
    for (let n = 0; n < 10; n++) await signInFrom(`198.51.${n}.1`, { email, password: 'wrong password' }).expect(401);
    await signInFrom('192.0.2.77', { email, password }).expect(200);
    await eventually(async () => expect(await noticesTo(id)).toContain('guesses'));
    expect((await noticesTo(id)).filter((what) => what === 'guesses')).toHaveLength(1);
  });
});

describe('a guest who opens an account', () => {
  it('keeps the id, and with it everything that was bought', async () => {
    const { id, email, cookie } = await shop.guest();
    const answer = await as(cookie, 'post', 'account', { password: 'my first password' });
    expect([answer.status, answer.body]).toEqual([200, { id, email, name: 'Gerda', kind: 'person', verified: false }]);
    await shop.identity({ Cookie: cookie }).expect(401);
    await shop.identity({ Cookie: cookieOf(answer) }).expect(200);
    expect((await shop.post('signin', { email, password: 'my first password' }).expect(200)).body.id).toBe(id);
    expect((await as(cookieOf(answer), 'post', 'account', { password: 'my first password' })).body.code).toBe(
      'guest-only',
    );
  });

  it('is no longer opened by the key in the mails', async () => {
    const { id, cookie } = await shop.guest();
    const key = await shop.guestKey(id);
    await as(cookie, 'post', 'account', { password: 'my first password' });
    await shop.post('guest/open', { key }).expect(410);
  });

  it('gets a link by mail instead if the address has one', async () => {
    const { email } = await shop.signUp();
    const { cookie } = await shop.guest(email);
    const { status, body } = await as(cookie, 'post', 'account', { password: 'my first password' });
    expect([status, body.code]).toEqual([401, 'invalid-credentials']);
    await eventually(async () => {
      const links = (await announced(shop.parts.bus, LinkRequested)).filter((link) => link.email === email);
      expect(links.map(({ purpose }) => purpose)).toEqual(['sign-in']);
    });
  });
});

describe('the sessions of a person', () => {
  it('are listed with device and network, and end one by one', async () => {
    const { email, password, cookie } = await shop.signUp();
    const phone = cookieOf(
      await signInFrom('198.51.100.7', { email, password }).set('User-Agent', firefox).expect(200),
    );
    const { body } = await as(cookie, 'get', 'sessions');
    expect(body).toHaveLength(2);
    const found = body.find((it: { current: boolean }) => !it.current);
    expect(found).toMatchObject({ device: 'Firefox on Android', network: '198.51.100.x', current: false });
    expect((await as(cookie, 'delete', `sessions/${found.id}`)).status).toBe(204);
    expect((await as(cookie, 'delete', `sessions/${found.id}`)).status).toBe(404);
    await shop.identity({ Cookie: phone }).expect(401);
    await shop.identity({ Cookie: cookie }).expect(200);
  });

  it('all end but the one that asks', async () => {
    const { email, password, cookie } = await shop.signUp();
    const others = await Promise.all([1, 2].map(async () => cookieOf(await shop.post('signin', { email, password }))));
    expect((await as(cookie, 'delete', 'sessions')).status).toBe(204);
    for (const other of others) await shop.identity({ Cookie: other }).expect(401);
    await shop.identity({ Cookie: cookie }).expect(200);
  });

  it('are nobody else’s to end', async () => {
    const [mine, other] = [await shop.signUp(), await shop.signUp()];
    const [session] = (await as(mine.cookie, 'get', 'sessions')).body;
    expect((await as(other.cookie, 'delete', `sessions/${session.id}`)).status).toBe(404);
    await shop.identity({ Cookie: mine.cookie }).expect(200);
  });
});

describe('somebody’s data', () => {
  it('is all in one answer, without secrets', async () => {
    const person = await verified();
    const { id } = await shop.guest(person.email);
    shop.parts.now.forward(5_001);
    const { body } = await as(person.cookie, 'get', 'data');
    expect(body).toMatchObject({
      account: { id: person.id, email: person.email, verified: true, hasPassword: true, language: 'en' },
      passkeys: [],
      guests: [{ id, email: person.email, name: 'Gerda' }],
    });
    expect(body.sessions.filter(({ current }: { current: boolean }) => current)).toHaveLength(1);
    expect(body.knownBrowsers[0]).toEqual({ usedAt: expect.any(String), expiresAt: expect.any(String) });
    expect(JSON.stringify(body)).not.toMatch(/argon2|hash|[0-9a-f]{64}/);
  });

  it('is deleted with the password: account, sessions, links, marks, and the guests of the address', async () => {
    const person = await verified();
    const buyer = await shop.guest(person.email);
    const { email, password, cookie } = person;
    shop.parts.now.forward(5_001);
    const token = await tokenFor('sign-in', email);
    expect((await as(cookie, 'delete', 'account', {})).body.code).toBe('wrong-password');
    expect((await as(cookie, 'delete', 'account', { password })).status).toBe(204);
    for (const gone of [cookie, buyer.cookie]) await shop.identity({ Cookie: gone }).expect(401);
    await shop.post('signin', { email, password }).expect(401);
    await shop.post('links/use', { token }).expect(410);
    await eventually(async () => {
      for (const name of ['accounts', 'sessions', 'links', 'known-browsers', 'keys']) {
        const stored = await shop.parts.connection.collection(name).find().toArray();
        expect(JSON.stringify(stored)).not.toContain(email);
      }
      const forgotten = (await announced(shop.parts.bus, PersonForgotten)).map(({ id }) => id);
      expect(forgotten).toEqual(expect.arrayContaining([person.id, buyer.id]));
    });
    // The address is free again, for another id.
    const again = await shop.post('signup', { email, password: 'another password' }).expect(201);
    expect(again.body.id).not.toBe(person.id);
  });

  it('of a guest is deleted by the guest, soon after the checkout', async () => {
    const { id, cookie, email } = await shop.guest();
    expect((await as(cookie, 'delete', 'account', {})).status).toBe(204);
    await shop.identity({ Cookie: cookie }).expect(401);
    await eventually(async () => {
      expect((await announced(shop.parts.bus, PersonForgotten)).map((it) => it.id)).toContain(id);
      expect(JSON.stringify(await shop.parts.connection.collection('accounts').find().toArray())).not.toContain(email);
    });
  });
});
