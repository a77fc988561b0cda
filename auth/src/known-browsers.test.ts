import { createHash, randomBytes } from 'node:crypto';
import { type TestParts, testParts } from '@box-office/common/testing/parts';
import { createKnownBrowsers, type KnownBrowsers, knownForMs } from './known-browsers.ts';

let parts: TestParts;
let browsers: KnownBrowsers;
beforeAll(async () => {
  parts = await testParts();
  browsers = createKnownBrowsers({ ...parts, randomBytes });
  await browsers.prepare();
});
afterAll(() => parts.end());

const accountsOf = async (cookie: string) => (await browsers.find(cookie)).map(({ userId }) => userId).sort();
const stored = () => parts.connection.collection<{ _id: string; userId: string }>('known-browsers');

describe('a browser that has signed in before', () => {
  it('is recognized by a mark of which only the SHA-256 is stored', async () => {
    const mark = await browsers.remember(undefined, 'anna');
    expect(mark).toMatch(/^[\w-]{43}$/);
    expect(await browsers.find(mark)).toEqual([
      { id: createHash('sha256').update(mark).digest('hex'), userId: 'anna' },
    ]);
    expect(await stored().findOne({ _id: mark })).toBeNull();
  });

  it('keeps its mark when it signs in again, and has marks of up to five accounts', async () => {
    const people = ['bea', 'cem', 'dan', 'eve', 'fay'];
    let cookie = '';
    for (const person of people) cookie = await browsers.remember(cookie, person);
    expect(await accountsOf(cookie)).toEqual(people);
    const again = await browsers.remember(cookie, 'bea');
    expect(again.split('.').sort()).toEqual(cookie.split('.').sort());
    expect(await accountsOf(await browsers.remember(again, 'gus'))).toEqual(['bea', 'dan', 'eve', 'fay', 'gus']);
  });

  it('gets its own mark even if somebody has planted another one', async () => {
    const planted = await browsers.remember(undefined, 'mallory');
    const cookie = await browsers.remember(planted, 'hal');
    expect(await accountsOf(planted)).toEqual(['mallory']);
    expect(await accountsOf(cookie)).toEqual(['hal', 'mallory']);
  });

  it.each(['', '.', '....', 'nonsense', 'A'.repeat(43), `${'A'.repeat(43)}.`.repeat(6)])(
    'is not known by %j',
    async (cookie) => {
      expect(await browsers.find(cookie)).toEqual([]);
    },
  );

  it.each([
    ['nobody', { $unset: 'userId' }],
    ['a number', { $set: { userId: 5 } }],
  ])('keeps its other marks if one that belongs to %s cannot be read, which is logged', async (_, change) => {
    const broken = await browsers.remember(undefined, 'kim');
    const cookie = await browsers.remember(broken, 'lee');
    const _id = createHash('sha256').update(broken).digest('hex');
    await stored().updateOne({ _id }, [change]);
    expect(await accountsOf(cookie)).toEqual(['lee']);
    expect(parts.logged.find((line) => line.includes(_id))).toContain('cannot be read');
  });

  it('is forgotten half a year after it last signed in', async () => {
    const used = await browsers.remember(undefined, 'ida');
    parts.now.forward(knownForMs - 1_000_000);
    await browsers.remember(used, 'ida');
    parts.now.forward(knownForMs - 1_000_000);
    expect(await accountsOf(used)).toEqual(['ida']);
    parts.now.forward(1_000_001);
    expect(await accountsOf(used)).toEqual([]);
    expect(await stored().indexes()).toContainEqual(
      expect.objectContaining({ key: { expiresAt: 1 }, expireAfterSeconds: 0 }),
    );
  });

  it('is one of at most twenty per account', async () => {
    const first = await browsers.remember(undefined, 'jo');
    for (let i = 0; i < 20; i++) {
      parts.now.forward(1_000);
      await browsers.remember(undefined, 'jo');
    }
    expect(await stored().countDocuments({ userId: 'jo' })).toBe(20);
    expect(await accountsOf(first)).toEqual([]);
  });
});
