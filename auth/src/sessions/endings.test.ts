import type { AnnouncingService } from '@box-office/common/announcing-service';
import { type Bus, connectBus } from '@box-office/common/messaging/bus';
import { type Cable, cable } from '@box-office/common/testing/cable';
import { testBusUrl } from '@box-office/common/testing/engines';
import { eventually } from '@box-office/common/testing/eventually';
import { type AuthUnderTest, authUnderTest, origin, type Person } from '../auth-under-test.ts';

/** Two replicas, each with a connection to NATS that the test can cut. */
interface Replica {
  readonly auth: AnnouncingService;
  readonly wire: Cable;
  readonly bus: Bus;
}

let shop: AuthUnderTest;
let near: Replica;
let far: Replica;
beforeAll(async () => {
  const natsUrl = await testBusUrl();
  const first = await connectBus(natsUrl, 'test');
  shop = await authUnderTest({ bus: first });
  const replica = async (): Promise<Replica> => {
    const wire = await cable(natsUrl);
    const bus = await connectBus(wire.url, 'test');
    const auth = shop.create({}, { bus });
    await auth.start();
    return { auth, wire, bus };
  };
  [near, far] = [await replica(), await replica()];
});
afterAll(async () => {
  for (const { auth, wire, bus } of [near, far]) {
    await auth.stop();
    await bus.close();
    await wire.close();
  }
  await shop.parts.end();
  await shop.parts.bus.close();
});

const seenBy = async ({ auth }: Replica, cookie: string) =>
  (await shop.identity({ Cookie: cookie }, 'GET', auth.app)).status;

/** Signed in, and answered from memory by both: the document is gone and comes back as it was. */
async function remembered(): Promise<Person> {
  const sessions = shop.parts.connection.collection<{ _id: string; userId: string }>('sessions');
  const person = await shop.signUp(near.auth.app);
  await eventually(async () => {
    for (const replica of [near, far]) expect(await seenBy(replica, person.cookie)).toBe(200);
    const stored = await sessions.findOneAndDelete({ userId: person.id });
    if (!stored) throw new Error('there is no session');
    const answers = [await seenBy(near, person.cookie), await seenBy(far, person.cookie)];
    await sessions.insertOne(stored);
    expect(answers).toEqual([200, 200]);
  });
  return person;
}

const signOut = ({ cookie }: Person) => shop.signOut({ Cookie: cookie, Origin: origin }, near.auth.app).expect(204);

/** Holds however slow the machine is: it is about what is asked later than that. */
async function aSecondSince(endedAt: number): Promise<void> {
  await eventually(() => expect(performance.now() - endedAt).toBeGreaterThan(1_000));
}

describe('a session that has ended on one replica', () => {
  afterEach(() => {
    for (const { wire } of [near, far]) wire.plug();
  });

  it('is refused by the other as soon as NATS has told it, although it answered from memory', async () => {
    const person = await remembered();
    await signOut(person);
    // NATS answers after all that it has sent before.
    await far.bus.connection.flush();
    expect(await seenBy(far, person.cookie)).toBe(401);
  });

  it.each(['pull', 'hold'] as const)('is refused a second later by a replica that hears nothing (%s)', async (how) => {
    const person = await remembered();
    far.wire[how]();
    await signOut(person);
    await aSecondSince(performance.now());
    expect(await seenBy(far, person.cookie)).toBe(401);
  });

  it('is refused by a replica that hears again and was not told meanwhile', async () => {
    const person = await remembered();
    far.wire.pull();
    await signOut(person);
    far.wire.plug();
    await aSecondSince(performance.now());
    // It answers others from memory again, and had remembered this one for longer than this took.
    await remembered();
    expect(await seenBy(far, person.cookie)).toBe(401);
  });

  it('is refused by the others once it was answered, by a replica that could not tell them', async () => {
    const person = await remembered();
    near.wire.pull();
    await signOut(person);
    expect(await seenBy(far, person.cookie)).toBe(401);
  });
});
