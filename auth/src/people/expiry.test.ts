import { LinkRequested, PersonForgotten } from '@box-office/common/contracts/people';
import { announced } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import { type AuthUnderTest, authUnderTest } from '../auth-under-test.ts';

const day = 24 * 3_600_000;

let shop: AuthUnderTest;
beforeAll(async () => {
  shop = await authUnderTest();
});
afterAll(() => shop.parts.end());

const forgotten = async () => (await announced(shop.parts.bus, PersonForgotten)).map(({ id }) => id);
const stored = async (id: string) =>
  JSON.stringify(await shop.parts.connection.collection<{ _id: string }>('accounts').findOne({ _id: id }));

/** A process that starts looks for guests to forget at once. */
async function laterOn(days: number): Promise<void> {
  shop.parts.now.forward(days * day);
  const witness = await shop.guest();
  const witnessed = { $set: { usedAt: new Date(0), guestUsedAt: new Date(0) } };
  const accounts = shop.parts.connection.collection<{ _id: string }>('accounts');
  await accounts.updateOne({ _id: witness.id }, witnessed);
  const replica = shop.create();
  await replica.start();
  // The last to be looked at would be one of the others: this one has not been here for longest.
  await eventually(async () => expect(await forgotten()).toContain(witness.id));
  await eventually(async () => {
    const since = new Date(shop.parts.now().getTime() - 540 * day);
    expect(await accounts.countDocuments({ guestUsedAt: { $lt: since } })).toBe(0);
  });
  await replica.stop();
}

describe('a guest', () => {
  it('who does not come back is forgotten after a year and a half, and mail is told', async () => {
    const { id, email, cookie } = await shop.guest();
    await laterOn(539);
    expect(await forgotten()).not.toContain(id);
    await laterOn(2);
    await eventually(async () => expect(await forgotten()).toContain(id));
    expect(await stored(id)).not.toContain(email);
    await shop.identity({ Cookie: cookie }).expect(401);
  });

  it('who opened an order meanwhile is remembered from then on', async () => {
    const { id } = await shop.guest();
    const key = await shop.guestKey(id);
    shop.parts.now.forward(170 * day);
    await shop.post('guest/open', { key }).expect(200);
    await laterOn(400);
    expect(await forgotten()).not.toContain(id);
    await laterOn(150);
    await eventually(async () => expect(await forgotten()).toContain(id));
  });

  it('whose address somebody has proved is remembered for as long as that person', async () => {
    const { id, email } = await shop.guest();
    await shop.post('links', { purpose: 'sign-in', email }).expect(202);
    const token = await eventually(async () => {
      const link = (await announced(shop.parts.bus, LinkRequested)).find((it) => it.email === email);
      if (!link) throw new Error('there is no mail yet');
      return link.token;
    });
    const person = await shop.post('links/use', { token }).expect(200);
    await laterOn(541);
    expect(await forgotten()).not.toContain(id);
    expect(await forgotten()).not.toContain(person.body.id);
    expect(await stored(id)).toContain(email);
  });

  it('of a release that did not note when guests come is not forgotten at once', async () => {
    const { id } = await shop.guest();
    const accounts = shop.parts.connection.collection<{ _id: string }>('accounts');
    await accounts.updateOne({ _id: id }, { $unset: { usedAt: '', guestUsedAt: '' } });
    await laterOn(1);
    expect(await forgotten()).not.toContain(id);
    await laterOn(540);
    await eventually(async () => expect(await forgotten()).toContain(id));
  });

  it('who may be of a person who cannot be read stays, and the others are forgotten all the same', async () => {
    const person = await shop.signUp();
    const [kept, other] = [await shop.guest(person.email), await shop.guest()];
    const accounts = shop.parts.connection.collection<{ _id: string }>('accounts');
    const { password } = (await accounts.findOne({ _id: person.id })) as unknown as { password: string };
    await accounts.updateOne({ _id: person.id }, { $set: { password: null } });
    shop.parts.now.forward(541 * day);
    const replica = shop.create();
    await replica.start();
    await eventually(async () => expect(await forgotten()).toContain(other.id));
    await replica.stop();
    expect(await stored(kept.id)).toContain(kept.email);
    expect(shop.parts.logged.filter((line) => line.includes('kept a guest who may be of'))).toEqual([
      expect.stringContaining(kept.id),
    ]);
    await accounts.updateOne({ _id: person.id }, { $set: { password } });
    await laterOn(0);
    await eventually(async () => expect(await forgotten()).toContain(kept.id));
  });

  it('is not forgotten while the key in the mails is valid, whatever is set', () => {
    expect(() => shop.create({ GUEST_KEPT_MS: String(179 * day) })).toThrow(/180 days/);
  });
});
