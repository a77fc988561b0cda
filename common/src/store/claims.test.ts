import pino from 'pino';
import { z } from 'zod';
import { type TestDatabase, testDatabase } from '../testing/engines.ts';
import { newId } from '../testing/parts.ts';
import { type Aggregates, aggregates } from './aggregates.ts';
import { changed } from './change.ts';
import { isDuplicateKey } from './duplicate-key.ts';

/** Holds seats until it has left. */
const Guest = z.object({ id: z.string(), version: z.int(), seats: z.array(z.string()), left: z.boolean() });
type Guest = z.infer<typeof Guest>;

let database: TestDatabase;
let guests: Aggregates<Guest>;

beforeAll(async () => {
  database = await testDatabase();
});

beforeEach(async () => {
  guests = aggregates(
    {
      collection: `guests-${newId()}`,
      state: Guest,
      snapshot: (it) => it,
      current: () => [],
      lookup: ({ seats, left }) => ({ claims: left || seats.length === 0 ? undefined : seats }),
      indexes: [{ keys: { claims: 1 }, unique: true, sparse: true }],
    },
    {
      connection: database.connection,
      relay: { offer: () => false, watch: async () => undefined },
      now: () => new Date(),
      newId,
      logger: pino({ level: 'silent' }),
    },
  );
  await guests.prepare();
});

afterAll(() => database.drop());

const seat = (...seats: string[]) => guests.add(changed({ id: newId(), version: 0, seats, left: false }));
const take = ({ id }: Guest, more: string) =>
  guests.change(id, (guest) => changed({ ...guest, seats: [...guest.seats, more] }));
const leave = ({ id }: Guest) => guests.change(id, (guest) => changed({ ...guest, left: true }));
const refused = (adding: Promise<Guest>) => expect(adding.then(() => 'added', isDuplicateKey)).resolves.toBe(true);

describe('a unique sparse index on an array', () => {
  it('refuses a second document with one of the elements, as a whole', async () => {
    await seat('A1', 'A2', 'A3');
    await refused(seat('B1', 'A3'));
    await refused(seat('A2'));
    await seat('B1', 'B2');
  });

  it('lets one of several concurrent documents through whose elements overlap', async () => {
    for (let round = 0; round < 10; round++) {
      const wanted = [
        [`${round}-1`, `${round}-2`],
        [`${round}-2`, `${round}-3`],
        [`${round}-3`, `${round}-2`, `${round}-4`],
        [`${round}-2`],
      ];
      const added = await Promise.allSettled([...wanted, ...wanted].map((seats) => seat(...seats)));
      expect(added.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    }
  });

  it('allows any number of documents without elements, which lack the field', async () => {
    await Promise.all([seat(), seat(), seat()]);
    expect(await guests.query({ claims: { $exists: true } })).toEqual([]);
  });

  it('frees the elements of a document whose field becomes undefined', async () => {
    const guest = await seat('A1', 'A2');
    await leave(guest);
    await seat('A2');
    await Promise.all([leave(await seat('C1')), leave(await seat('C2'))]);
    expect(await guests.query({ left: true, claims: { $exists: true } })).toEqual([]);
  });

  it('refuses a change by which a document would have an element of another one, and leaves it as it was', async () => {
    const [one, other] = [await seat('A1'), await seat('A2')];
    await refused(take(one, 'A2'));
    expect(await guests.get(one.id)).toMatchObject({ seats: ['A1'] });
    await take(one, 'A3');
    await refused(take(other, 'A3'));
    await refused(seat('A1'));
  });

  it('lets either a change or a new document have an element, if both come at once', async () => {
    for (let round = 0; round < 20; round++) {
      const [one, other] = [await seat(`${round}-1`), await seat(`${round}-2`)];
      const wanted = `${round}-3`;
      const done = await Promise.allSettled([seat(wanted), take(one, wanted), seat(wanted), take(other, wanted)]);
      expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    }
  });

  it('contains no barred id', async () => {
    await seat('A1');
    await Promise.all([guests.bar(newId()), guests.bar(newId())]);
    await refused(seat('A1'));
  });
});
