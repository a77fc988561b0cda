import { PersonForgotten } from '@box-office/common/contracts/people';
import { createRelay } from '@box-office/common/messaging/relay/relay';
import { announced } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import { newId } from '@box-office/common/testing/parts';
import { type AuthUnderTest, authUnderTest } from '../auth-under-test.ts';
import { forget } from './account.ts';
import { createAccounts } from './accounts.ts';
import { createForgetAccount } from './forget-account.ts';

let shop: AuthUnderTest;
beforeAll(async () => {
  shop = await authUnderTest();
});
afterAll(() => shop.parts.end());

const documents = (name: string) => shop.parts.connection.collection<{ _id: string; userId?: string }>(name);
const belongings = ['sessions', 'known-browsers', 'passkeys'];
const left = async (userId: string) =>
  (await Promise.all(belongings.map((name) => documents(name).countDocuments({ userId })))).reduce((a, b) => a + b);

async function somebodyWithPasskey(): Promise<string> {
  const { id } = await shop.signUp();
  await documents('passkeys').insertOne({
    ...{ _id: newId(), userId: id, credentialId: id, publicKey: 'a public key', counter: 0, transports: [] },
    ...{ name: 'Firefox', createdAt: new Date(), usedAt: new Date() },
  } as { _id: string });
  expect(await left(id)).toBe(3);
  return id;
}

/** Deletes an account in a process that dies once the account itself is deleted. */
async function deleteHalf(id: string): Promise<void> {
  const { bus, connection, stream, logger, now } = shop.parts;
  const relay = createRelay({ bus, connection, announcer: 'auth', stream, logger, now });
  const accounts = createAccounts({ connection, relay, now, newId, logger });
  const closeAll = () => Promise.reject(new Error('the process dies here'));
  const ofMongo = () => Promise.resolve();
  const dying = createForgetAccount({
    accounts,
    sessions: { closeAll },
    browsers: { forget: ofMongo },
    passkeyStore: { forget: ofMongo },
  });
  await expect(dying(id, (it) => forget(it, now()))).rejects.toThrow('the process dies here');
  expect(await left(id)).toBe(3);
}

/** A replica that starts. */
async function anotherProcess(): Promise<void> {
  const replica = shop.create();
  await replica.start();
  await eventually(async () => expect(await documents('accounts').countDocuments({ hasLeftovers: true })).toBe(0));
  await replica.stop();
}

describe('a deletion that was interrupted', () => {
  it('is finished by the next process that starts', async () => {
    const [id, other] = [await somebodyWithPasskey(), await somebodyWithPasskey()];
    await deleteHalf(id);
    await anotherProcess();
    expect(await left(id)).toBe(0);
    expect(await left(other)).toBe(3);
    const forgotten = (await announced(shop.parts.bus, PersonForgotten)).filter((it) => it.id === id);
    expect(forgotten).toHaveLength(1);
  });

  it('in a release that did not note it is finished as well', async () => {
    const id = await somebodyWithPasskey();
    await deleteHalf(id);
    await documents('accounts').updateOne({ _id: id }, { $unset: { leftovers: '', hasLeftovers: '' } });
    await anotherProcess();
    expect(await left(id)).toBe(0);
  });
});
