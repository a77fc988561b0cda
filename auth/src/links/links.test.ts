import { LinkRequested, PersonKnown, type RequestedLink, SecurityNoticed } from '@box-office/common/contracts/people';
import { mostGuests } from '@box-office/common/http/identity';
import { announced } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import { decodeJwt } from 'jose';
import request from 'supertest';
import { type AuthUnderTest, authUnderTest, cookieOf, somebody } from '../auth-under-test.ts';
import { hashOf } from '../people/account.ts';

let shop: AuthUnderTest;
beforeAll(async () => {
  shop = await authUnderTest();
});
afterAll(() => shop.parts.end());

const ask = (purpose: string, email: string, app = shop.auth.app) =>
  shop.post('links', { purpose, email }, app).expect(202);
const use = (token: string, more: object = {}) => shop.post('links/use', { token, ...more });
const mailedTo = async (email: string) =>
  (await announced(shop.parts.bus, LinkRequested)).filter((link) => link.email === email.toLowerCase());

/** The link in the mail that somebody gets. */
async function linkFor(purpose: string, email: string): Promise<RequestedLink> {
  const before = (await mailedTo(email)).length;
  await ask(purpose, email);
  return eventually(async () => {
    const link = (await mailedTo(email))[before];
    if (!link) throw new Error('there is no mail yet');
    return link;
  });
}

const claimsOf = async (cookie: string) => {
  const { headers } = await shop.identity({ Cookie: cookie }).expect(200);
  return decodeJwt(headers.authorization?.replace('Bearer ', '') ?? '');
};

describe('asking for a link', () => {
  it('is answered the same whether there is anybody to mail it to, after the same writes', async () => {
    const { email } = await shop.signUp();
    const nobody = somebody().email;
    const links = shop.parts.connection.collection('links');
    for (const purpose of ['verify', 'sign-in', 'reset']) {
      const [known, unknown] = [await ask(purpose, email), await ask(purpose, nobody)];
      const shape = ({ status, text, headers }: typeof known) => ({ status, text, names: Object.keys(headers).sort() });
      expect(shape(unknown)).toEqual(shape(known));
    }
    expect(await links.countDocuments({ email })).toBe(3);
    expect(await links.countDocuments({ email: nobody })).toBe(3);
    await eventually(async () => expect(await mailedTo(email)).toHaveLength(3));
    expect(await mailedTo(nobody)).toEqual([]);
  });

  it('mails a token of which only the hash is stored, in the language of the account', async () => {
    const person = somebody();
    await shop.post('signup', person).set('Accept-Language', 'de').expect(201);
    const { token, ...link } = await linkFor('reset', person.email.toUpperCase());
    expect(link).toMatchObject({ email: person.email, purpose: 'reset', language: 'de', version: 0 });
    await eventually(async () => {
      const stored = await shop.parts.connection.collection<{ _id: string }>('links').findOne({ _id: link.id });
      expect(stored).toMatchObject({ hash: hashOf(token), outbox: [] });
      expect(JSON.stringify(stored)).not.toContain(token);
    });
  });

  it('mails a guest only a link to sign in', async () => {
    const { email } = somebody();
    await shop.guest(email);
    await ask('reset', email);
    await ask('verify', email);
    const link = await linkFor('sign-in', email);
    expect(await mailedTo(email)).toEqual([link]);
    expect(link).not.toHaveProperty('personId');
  });

  it('mails an account only so many, and answers as always', async () => {
    const narrow = shop.create({ LINKS_PER_ACCOUNT: '2' });
    const { email } = await shop.signUp();
    for (let i = 0; i < 5; i++) await ask('sign-in', email, narrow.app);
    const other = await linkFor('sign-in', (await shop.signUp()).email);
    await eventually(async () => expect((await mailedTo(other.email)).length).toBe(1));
    // Those of `narrow` wait in the outboxes for the sweep of the other process.
    await eventually(async () => expect(await mailedTo(email)).toHaveLength(2));
    shop.parts.now.forward(16 * 60_000);
    await linkFor('sign-in', email);
  });

  it('mails another one in any case when those before can be used no longer', async () => {
    const { email } = await shop.signUp();
    for (let i = 0; i < 7; i++) await ask('sign-in', email);
    // All of them, so that the next one is the one asked for next.
    await eventually(async () => expect(await mailedTo(email)).toHaveLength(5));
    shop.parts.now.forward(10 * 60_000);
    const { token } = await linkFor('sign-in', email);
    expect((await mailedTo(email)).length).toBe(6);
    await use(token).expect(200);
  });

  it('is refused to another site, and to a network that asks for too many', async () => {
    const { email } = somebody();
    await shop.post('links', { purpose: 'reset', email }).set('Sec-Fetch-Site', 'cross-site').expect(403);
    const narrow = shop.create({ LINKS_PER_ADDRESS: '1' });
    await ask('reset', email, narrow.app);
    await shop.post('links', { purpose: 'reset', email: somebody().email }, narrow.app).expect(429);
  });
});

describe('a link', () => {
  it('signs in and proves the address, once', async () => {
    const { id, email, cookie } = await shop.signUp();
    const { token } = await linkFor('verify', email);
    const answer = await use(token).set('Cookie', cookie).expect(200);
    expect(answer.body).toEqual({ id, email, kind: 'person', verified: true });
    expect(await shop.currentUser({ Cookie: cookieOf(answer) })).toEqual(answer.body);
    await shop.identity({ Cookie: cookie }).expect(401);
    const { body } = await use(token).expect(410);
    expect(body.code).toBe('link-not-valid');
    await eventually(async () => {
      const people = (await announced(shop.parts.bus, PersonKnown)).filter((person) => person.id === id);
      expect(people.map(({ version, verified }) => [version, verified])).toEqual([
        [0, false],
        [1, true],
      ]);
    });
  });

  it('is used by one of ten who use it at once', async () => {
    const { token } = await linkFor('sign-in', (await shop.signUp()).email);
    const answers = await Promise.all(Array.from({ length: 10 }, () => use(token)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(410)]);
  });

  it('is too old after ten minutes, and no other token is one', async () => {
    const { token } = await linkFor('sign-in', (await shop.signUp()).email);
    await use(`${token}x`).expect(410);
    await use('').expect(410);
    shop.parts.now.forward(10 * 60_000);
    await use(token).expect(410);
  });

  it('is for its own purpose: only a reset sets a password, and only with one', async () => {
    const { email } = await shop.signUp();
    const [reset, signIn] = [await linkFor('reset', email), await linkFor('sign-in', email)];
    for (const answer of [await use(reset.token), await use(signIn.token, { password: 'another password' })]) {
      expect(answer.status).toBe(400);
      expect(answer.body.errors).toEqual([{ field: 'password', message: expect.any(String) }]);
    }
    // Neither was used up.
    await use(signIn.token).expect(200);
    await use(reset.token, { password: 'another password' }).expect(200);
  });

  it('resets a password, ends every other session and tells the owner', async () => {
    const { id, email, password, cookie } = await shop.signUp();
    const { token } = await linkFor('reset', email);
    const answer = await use(token, { password: 'another password' }).expect(200);
    await shop.identity({ Cookie: cookie }).expect(401);
    await shop.identity({ Cookie: cookieOf(answer) }).expect(200);
    await shop.post('signin', { email, password }).expect(401);
    await shop.post('signin', { email, password: 'another password' }).expect(200);
    await eventually(async () => {
      const notices = (await announced(shop.parts.bus, SecurityNoticed)).filter((notice) => notice.id === id);
      expect(notices).toEqual([expect.objectContaining({ what: 'password-changed', email })]);
    });
  });

  it('takes the account from somebody who opened it with the address of another', async () => {
    const victim = somebody();
    const opened = await shop.post('signup', { ...victim, password: 'known to mallory' }).expect(201);
    const { token } = await linkFor('verify', victim.email);
    const answer = await use(token).expect(200);
    expect(answer.body.verified).toBe(true);
    await shop.identity({ Cookie: cookieOf(opened) }).expect(401);
    // Nor does that browser try passwords apart from all others.
    const known = shop.parts.connection.collection('known-browsers');
    expect(await known.countDocuments({ userId: opened.body.id })).toBe(1);
    await shop.post('signin', { email: victim.email, password: 'known to mallory' }).expect(401);
  });

  it('makes a person of somebody who was only a guest, with what was bought', async () => {
    const { email } = somebody();
    const [first, second] = [await shop.guest(email), await shop.guest(email)];
    const { token } = await linkFor('sign-in', email);
    const answer = await use(token).expect(200);
    expect(answer.body).toMatchObject({ email, kind: 'person', name: 'Gerda', verified: true });
    const { sub, also } = await claimsOf(cookieOf(answer));
    expect(sub).toBe(answer.body.id);
    expect(also).toEqual(expect.arrayContaining([first.id, second.id]));
    // The guest can still see what that guest bought, and nothing else.
    expect(await claimsOf(first.cookie)).not.toHaveProperty('also');
  });
});

describe('the links of an address', () => {
  const goodbye = async (cookie: string, more: object = {}) => {
    const { headers } = await shop.identity({ Cookie: cookie }).expect(200);
    const sent = request(shop.auth.app).delete('/api/auth/account').set('Authorization', `${headers.authorization}`);
    await sent.send(more).expect(204);
  };
  const stored = (email: string) => shop.parts.connection.collection('links').countDocuments({ email });

  it('outlive a guest who merely gave it', async () => {
    const { email, id } = await shop.signUp();
    const [signIn, reset] = [await linkFor('sign-in', email), await linkFor('reset', email)];
    const mallory = await shop.guest(email);
    await goodbye(mallory.cookie);
    expect((await use(signIn.token).expect(200)).body.id).toBe(id);
    await use(reset.token, { password: 'another password' }).expect(200);
  });

  it('outlive an account that somebody opened with it and never proved', async () => {
    const { id, email } = await shop.guest();
    const { token } = await linkFor('sign-in', email);
    const mallory = await shop.post('signup', { email, password: 'known to mallory' }).expect(201);
    const own = await linkFor('verify', email);
    await goodbye(cookieOf(mallory), { password: 'known to mallory' });
    // What was for that account goes with it.
    await use(own.token).expect(410);
    expect(await stored(email)).toBe(1);
    const answer = await use(token).expect(200);
    expect(answer.body).toMatchObject({ email, kind: 'person', verified: true });
    expect((await claimsOf(cookieOf(answer))).also).toEqual([id]);
  });

  it('open nothing once nobody has it any more', async () => {
    const { email, cookie } = await shop.guest();
    const { token } = await linkFor('sign-in', email);
    await goodbye(cookie);
    await use(token).expect(410);
    expect(await shop.parts.connection.collection('accounts').countDocuments({ email })).toBe(0);
  });
});

describe('the identity', () => {
  it('names guests of an address only once it is proved, and new ones from then on', async () => {
    const { email, cookie } = await shop.signUp();
    const before = await shop.guest(email);
    expect(await claimsOf(cookie)).not.toHaveProperty('also');
    const proved = cookieOf(
      await use((await linkFor('verify', email)).token)
        .set('Cookie', cookie)
        .expect(200),
    );
    expect((await claimsOf(proved)).also).toEqual([before.id]);
    const after = await shop.guest(email);
    shop.parts.now.forward(5_001);
    expect((await claimsOf(proved)).also).toEqual([before.id, after.id]);
  });

  it('names earlier guests even if somebody makes many of the same address later', async () => {
    const { email, cookie } = await shop.signUp();
    const bought = await shop.guest(email);
    shop.parts.now.forward(1);
    for (let n = 0; n < mostGuests; n++) await shop.guest(email);
    const { token } = await linkFor('verify', email);
    const { also } = await claimsOf(cookieOf(await use(token).set('Cookie', cookie).expect(200)));
    expect(also).toHaveLength(mostGuests);
    expect(also).toContain(bought.id);
  });

  it('has the same limit for everybody of one address, which does not tell the address', async () => {
    const { email, cookie } = await shop.signUp();
    const [one, other] = [await shop.guest(email), await shop.guest(email)];
    const stranger = await shop.guest(somebody().email);
    const limits = await Promise.all(
      [cookie, one.cookie, other.cookie, stranger.cookie].map(async (it) => (await claimsOf(it)).limit),
    );
    expect(new Set(limits).size).toBe(2);
    expect(limits[3]).not.toBe(limits[0]);
    expect(JSON.stringify(limits)).not.toContain(email);
  });
});
