import { testDatabase } from '@box-office/common/testing/engines';
import { findListed, type ListedParts } from './listed.ts';
import { lookup } from './lookup.ts';
import { Ticket } from './ticket.ts';
import { createWindows } from './windows.ts';

const now = () => new Date('2026-05-01T12:00:00Z');
const count = 600;
const idOf = (number: number) => `${number}`.padStart(24, '0');

/** Titles with words that all, half, few and none of them have. */
const titleOf = (number: number) =>
  `The attacked ${number % 2 ? 'opera' : 'operetta'}${number % 50 === 7 ? ' Aida' : ''}`;

const ticketOf = (number: number): Ticket => ({
  ...{ id: idOf(number), version: 0, userId: 'seller', price: 1500, currency: 'eur', venue: null, timeZone: null },
  ...{ title: titleOf(number), startsAt: null, withdrawn: false, hold: null },
});
/** As an earlier release leaves one in the index that it holds: the newest. */
const held: Ticket = {
  ...ticketOf(count),
  hold: { orderId: idOf(count), attempt: 1, version: 0, status: 'live', refundedAt: null },
};
const tickets = Array.from({ length: count }, (_, number) => ticketOf(number));

describe('what is listed', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  /** How many tickets each command had to look at. */
  let looked: number[] = [];
  let store: ListedParts['tickets'];
  const windows = createWindows();

  beforeAll(async () => {
    database = await testDatabase();
    const documents = database.connection.collection<{ _id: string }>('tickets');
    await documents.createIndex({ listed: 1, _id: -1 });
    await documents.insertMany(
      [...tickets, held].map(({ id: _id, ...it }) => ({ _id, ...it, ...lookup({ ...it, hold: null }, now()) })),
    );
    store = {
      async query(filter, { sort = {}, limit = 0 } = {}) {
        // All that a filter matches, which the bundled database reads whatever the limit.
        const found = await documents.find(filter).sort(sort).toArray();
        looked.push(found.length);
        return found.slice(0, limit).map(({ _id: id, ...it }) => Ticket.parse({ id, ...it }));
      },
    };
  });
  afterAll(() => database.drop());

  /** The numbers of all tickets that are found, and how many pages that took. */
  async function numbers(q: string, limit: number): Promise<number[]> {
    const found: number[] = [];
    for (let cursor: string | undefined, more = true; more; ) {
      const { items, next } = await findListed({ q, limit, cursor }, { tickets: store, windows, now });
      if (next) expect(items).toHaveLength(limit);
      found.push(...items.map(({ id }) => Number(id)));
      [cursor, more] = [next, next !== undefined];
    }
    return found;
  }

  it.each(['', 'opera', 'oper', 'the', 'aida', 'operetta att', 'aida t', 'zebra', 'theatre', '?'])(
    'comes newest first and once, on pages of any size, for "%s"',
    async (q) => {
      const words = q.split(' ').filter(Boolean);
      const titles = tickets.map(({ title }) => title.toLowerCase().split(' '));
      const expected = titles.flatMap((title, number) =>
        q !== '?' && words.every((word) => title.some((it) => it.startsWith(word))) ? [number] : [],
      );
      for (const limit of [37, 100]) expect([limit, await numbers(q, limit)]).toEqual([limit, expected.toReversed()]);
    },
  );

  it('is read a few pages at a time, however many match', async () => {
    const limit = 5;
    const learned = createWindows();
    // Whoever reads first reads all.
    await findListed({ q: '', limit }, { tickets: store, windows: learned, now });
    for (const q of ['', 'the', 'opera', 'attacked', 'zebra']) {
      await findListed({ q, limit }, { tickets: store, windows: learned, now });
      looked = [];
      await findListed({ q, limit }, { tickets: store, windows: learned, now });
      expect([q, Math.max(...looked) <= 4 * (50 + 1)]).toEqual([q, true]);
    }
  });
});
