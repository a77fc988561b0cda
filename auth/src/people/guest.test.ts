import { PersonKnown } from '@box-office/common/contracts/people';
import { announced } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import { type AuthUnderTest, authUnderTest, browserOf, cookieOf, somebody } from '../auth-under-test.ts';
import { hashOf } from './account.ts';

let shop: AuthUnderTest;
beforeAll(async () => {
  shop = await authUnderTest();
});
afterAll(() => shop.parts.end());

const newGuest = () => ({ email: somebody().email, name: 'Gerda' });
const known = async (id: string) => (await announced(shop.parts.bus, PersonKnown)).filter((person) => person.id === id);

interface Stored {
  _id: string;
  email: string;
  password: string;
  createdAt: Date;
  keys: { hash: string }[];
  outbox: unknown[];
}
const accounts = () => shop.parts.connection.collection<Stored>('accounts');
const stored = async (id: string) => {
  const found = await accounts().findOne({ _id: id });
  if (!found) throw new Error('there is no such account');
  return found;
};

describe('a guest', () => {
  it('gives an address and a name, and is signed in with them', async () => {
    const guest = newGuest();
    const answer = await shop.post('guest', guest).expect(201);
    const body = { id: expect.stringMatching(/^[0-9a-f]{24}$/), ...guest, kind: 'guest', verified: false };
    expect(answer.body).toEqual(body);
    expect(await shop.currentUser({ Cookie: cookieOf(answer) })).toEqual(answer.body);
    await shop.identity({ Cookie: cookieOf(answer) }).expect(200);
    // A mark protects against guessed passwords, and a guest has none.
    expect(browserOf(answer)).toBe('');
  });

  it('is told to mail with a key of which only the hash is stored', async () => {
    const answer = await shop.post('guest', newGuest()).set('Accept-Language', 'de-AT,en;q=0.5').expect(201);
    const { id, email, name } = answer.body;
    const [person] = await eventually(async () => {
      const people = await known(id);
      expect(people).toHaveLength(1);
      return people;
    });
    const key = expect.stringMatching(/^[\w-]{43}$/);
    expect(person).toEqual({ id, version: 0, kind: 'guest', email, name, language: 'de', verified: false, key });
    await eventually(async () => {
      const document = await stored(id);
      expect(document.outbox).toEqual([]);
      expect(document.keys[0]?.hash).toBe(hashOf(person?.key ?? ''));
      expect(JSON.stringify(document)).not.toContain(person?.key);
    });
  });

  it('stays the same in the same browser, whatever the name', async () => {
    const guest = newGuest();
    const first = await shop.post('guest', guest).expect(201);
    const { id } = first.body;
    const cookie = cookieOf(first);
    const again = await shop.post('guest', { ...guest, email: ` ${guest.email.toUpperCase()}` }).set('Cookie', cookie);
    expect([again.status, again.body]).toEqual([200, first.body]);
    const renamed = await shop
      .post('guest', { ...guest, name: 'Gerda Maier' })
      .set('Cookie', cookie)
      .expect(200);
    expect(renamed.body).toEqual({ ...first.body, name: 'Gerda Maier' });
    await eventually(async () => {
      const people = await known(id);
      expect(people.map(({ version, name }) => ({ version, name }))).toEqual([
        { version: 0, name: 'Gerda' },
        { version: 1, name: 'Gerda Maier' },
      ]);
      // The key of earlier mails stays valid beside the new one.
      const document = await stored(id);
      expect(document.keys.map(({ hash }) => hash)).toEqual(people.map(({ key }) => hashOf(key ?? '')).reverse());
    });
  });

  it('who was deleted while on the way to buying again is another one', async () => {
    const guest = newGuest();
    const first = await shop.post('guest', guest).expect(201);
    await shop.identity({ Cookie: cookieOf(first) }).expect(200);
    const gone = { email: '', name: null, keys: [], usedAt: null, forgottenAt: new Date() };
    await accounts().updateOne({ _id: first.body.id }, { $set: gone, $unset: { guestUsedAt: '', keyOf: '' } });
    const again = await shop.post('guest', guest).set('Cookie', cookieOf(first)).expect(201);
    expect(again.body.id).not.toBe(first.body.id);
    expect(await stored(first.body.id)).toMatchObject({ name: null, keys: [] });
    await shop.identity({ Cookie: cookieOf(again) }).expect(200);
  });

  it('who opened an account while on the way to buying again gets no key', async () => {
    const guest = { ...newGuest(), name: 'Gerda Maier' };
    const first = await shop.post('guest', { ...guest, name: 'Gerda' }).expect(201);
    await shop.identity({ Cookie: cookieOf(first) }).expect(200);
    const opened = { kind: 'person', personOf: guest.email, keys: [], usedAt: null, era: 1 };
    await accounts().updateOne({ _id: first.body.id }, { $set: opened, $unset: { guestUsedAt: '', keyOf: '' } });
    const { body } = await shop.post('guest', guest).set('Cookie', cookieOf(first)).expect(409);
    expect(body.code).toBe('already-signed-in');
    expect(await stored(first.body.id)).toMatchObject({ name: 'Gerda', keys: [], usedAt: null });
  });

  it('is another one in another browser, because the address is not proved', async () => {
    const guest = newGuest();
    const [first, second] = [await shop.post('guest', guest).expect(201), await shop.post('guest', guest).expect(201)];
    expect(second.body.id).not.toBe(first.body.id);
  });

  it('may have the address of a person, and does not become that person', async () => {
    const person = await shop.signUp();
    const { body } = await shop.post('guest', { email: person.email, name: 'Mallory' }).expect(201);
    expect(body).toMatchObject({ kind: 'guest', verified: false });
    expect(body.id).not.toBe(person.id);
    await shop.post('signin', { email: person.email, password: person.password }).expect(200);
  });

  it('may give an address that later becomes that of an account', async () => {
    const { email } = (await shop.post('guest', newGuest()).expect(201)).body;
    await shop.post('signup', { email, password: 'correct horse' }).expect(201);
  });

  it('cannot sign in with a password', async () => {
    const { email } = (await shop.post('guest', newGuest()).expect(201)).body;
    for (const password of ['', 'none', 'correct horse']) {
      const { body } = await shop.post('signin', { email, password }).expect(401);
      expect(body.code).toBe('invalid-credentials');
    }
  });

  it('is nobody who is signed in as a person', async () => {
    const { cookie } = await shop.signUp();
    const { body } = await shop.post('guest', newGuest()).set('Cookie', cookie).expect(409);
    expect(body.code).toBe('already-signed-in');
  });

  it.each([
    ['no address', { email: 'nobody', name: 'Gerda' }, 'email'],
    ['no name', { email: 'a@example.com', name: ' ' }, 'name'],
    ['a name of 101 characters', { email: 'a@example.com', name: 'x'.repeat(101) }, 'name'],
    ['a password', { email: 'a@example.com', name: 'Gerda', password: 'correct horse' }, 'password'],
  ])('is refused with %s', async (_, body, field) => {
    const answer = await shop.post('guest', body).expect(400);
    expect(answer.body.errors).toEqual([{ field, message: expect.any(String) }]);
  });

  it('is not made by another site, and only so often from one network', async () => {
    await shop.post('guest', newGuest()).set('Sec-Fetch-Site', 'cross-site').expect(403);
    const narrow = shop.create({ GUESTS_PER_ADDRESS: '2' });
    for (let i = 0; i < 2; i++) await shop.post('guest', newGuest(), narrow.app).expect(201);
    await shop.post('guest', newGuest(), narrow.app).expect(429);
  });

  it('is made only so often with one address from one network, which keeps nobody elsewhere from buying', async () => {
    const narrow = shop.create({ GUESTS_PER_ACCOUNT: '2' });
    const guest = newGuest();
    const from = (network: string, email = guest.email) =>
      shop.post('guest', { ...guest, email }, narrow.app).set('X-Forwarded-For', network);
    for (const email of [guest.email, ` ${guest.email.toUpperCase()}`]) await from('198.51.100.7', email).expect(201);
    const { body } = await from('198.51.100.7').expect(429);
    expect(body.detail).toMatch(/^Too many guests with this e-mail address have begun to buy from your network/);
    await from('198.51.100.7', newGuest().email).expect(201);
    await from('203.0.113.9').expect(201);
  });
});

describe('the stream of auth', () => {
  it('is a work queue, so that nothing told to mail is told twice', async () => {
    const { config } = await shop.parts.bus.jsm.streams.info('auth');
    expect(config.retention).toBe('workqueue');
  });

  it('brings back the address book if it was lost, without the keys', async () => {
    const { id } = (await shop.post('guest', newGuest()).expect(201)).body;
    await eventually(async () => expect(await known(id)).toHaveLength(1));
    await shop.auth.republish();
    const [told, again, ...others] = await known(id);
    expect(others).toEqual([]);
    const { key, ...person } = told ?? {};
    expect(key).toBeDefined();
    expect(again).toEqual(person);
  });
});

describe('an account of an early release', () => {
  it('is known by its address and password as before, and its address is still unique', async () => {
    const person = await shop.signUp();
    const { password, email, createdAt } = await stored(person.id);
    await accounts().deleteOne({ _id: person.id });
    const earlier: Partial<Stored> & { _id: string } = { _id: person.id, email, password, createdAt };
    await shop.parts.connection.collection<Partial<Stored> & { _id: string }>('accounts').insertOne(earlier);
    await accounts()
      .createIndex({ email: 1 }, { unique: true, name: 'email_1' })
      .catch(() => undefined);
    const later = shop.create();
    await later.start();
    await later.stop();
    const answer = await shop.post('signin', { email: person.email, password: person.password }).expect(200);
    expect(answer.body).toEqual({ id: person.id, email: person.email, kind: 'person', verified: false });
    await shop.post('signup', { email: person.email, password: 'another password' }).expect(401);
    expect(await accounts().indexes()).not.toContainEqual(expect.objectContaining({ name: 'email_1' }));
  });
});
