import { type Order, ticketsOf } from '@box-office/common/contracts/orders';
import type { ShowAnswer } from '@box-office/common/contracts/shows';
import { eventually } from '@box-office/common/testing/eventually';
import { openShop, ordersWithoutLimits, type Person, type Shop } from './support/shop.ts';

/** How many tickets there are, and how often somebody wants some: `SHOW_SALE=5000/20000` for a large sale. */
const [units = 0, buyers = 0] = (process.env.SHOW_SALE ?? '300/1200').split('/').map(Number);
/** Accounts that the buyers share, because signing up costs far more than an order. */
const accounts = 30;
const atOnce = 100;
/** How many of those who hold tickets pay, and how many give them back. */
const [paying, leaving] = [20, 30];

let shop: Shop;
let organiser: Person;
let people: readonly Person[];

beforeAll(async () => {
  const orders = { ...ordersWithoutLimits, WRITES_PER_MINUTE: '1000000' };
  shop = await openShop({ client: false, replicas: { orders: 2 }, env: { orders } });
  organiser = await shop.person();
  people = await Promise.all(Array.from({ length: accounts }, () => shop.person()));
}, 120_000);

afterAll(() => shop?.end(), 30_000);

async function showOf(quantities: readonly number[]): Promise<ShowAnswer> {
  const { status, body } = await organiser.call<ShowAnswer>('POST', '/api/shows', {
    ...{ title: 'Hamlet', venue: { name: 'The Globe' }, timeZone: 'Europe/London' },
    startsAt: '2099-06-01T19:00:00Z',
    kinds: quantities.map((quantity, kind) => ({ name: `Kind ${kind}`, price: 1_500 + 500 * kind, quantity })),
  });
  expect(status).toBe(201);
  await eventually(async () => {
    const known = await shop.stored('orders', 'known-shows', { _id: body.id, state: 'on-sale' });
    expect(known).toHaveLength(1);
  });
  return body;
}

interface Answer {
  readonly who: Person;
  readonly status: number;
  readonly body: Order & { readonly code?: string };
}

async function ask(show: ShowAnswer, n: number, quantity: number): Promise<Answer> {
  const who = people[n % accounts] ?? organiser;
  const kind = show.kinds[n % show.kinds.length];
  const lines = [{ kindId: kind?.id, quantity }];
  const { status, body } = await who.call('POST', '/api/orders', { showId: show.id, lines });
  return { who, status, body };
}

/** Does it for each, a hundred at once. */
async function inCrowd<Item, Result>(items: Iterable<Item>, task: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = Iterator.from(items);
  const worker = async () => {
    for (const item of waiting) results.push(await task(item));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

describe('a show that more people want to see than can', () => {
  it('is sold to the last ticket, none of them twice, and everybody is answered', async () => {
    const half = Math.floor(units / 2);
    const show = await showOf([half, units - half]);

    const first = await inCrowd(numbers(buyers), (n) => ask(show, n, 1 + (n % 4)));
    const made = first.filter(({ status }) => status === 201);
    const back = made.slice(0, leaving);
    const gone = await inCrowd(back, ({ who, body }) => who.call('DELETE', `/api/orders/${body.id}`));
    const paid = await inCrowd(made.slice(leaving, leaving + paying), async ({ who, body }) => {
      await eventually(async () => expect((await shop.pay(who, body)).status).toBe(200));
      return body;
    });
    // One by one, so that no ticket remains because nobody wants so few.
    const freed = back.reduce((sum, { body }) => sum + ticketsOf(body).length, 0);
    const rest = await inCrowd(numbers(freed + 2 * atOnce), (n) => ask(show, n, 1));

    const answers = [...first, ...rest];
    expect(gone.every(({ status }) => status === 200)).toBe(true);
    expect(new Set(answers.map(({ status, body }) => body.code ?? status))).toEqual(new Set([201, 'sold-out']));
    expect(answers).toHaveLength(buyers + freed + 2 * atOnce);

    const stored = await shop.stored('orders', 'orders', { showId: show.id, status: { $ne: 'cancelled' } });
    const held = stored.flatMap((order) => order.tickets.map(({ id }: { id: string }) => id));
    expect([held.length, new Set(held).size]).toEqual([units, units]);
    await eventually(async () => {
      const { body } = await organiser.call<ShowAnswer>('GET', `/api/shows/${show.id}`);
      expect(body.kinds.map(({ left }) => left)).toEqual([0, 0]);
      const sold = await shop.stored('tickets', 'units', { showId: show.id, state: 'sold' });
      expect(sold).toHaveLength(paid.reduce((sum, order) => sum + ticketsOf(order).length, 0));
      const reserved = await shop.stored('tickets', 'units', { showId: show.id, state: 'live' });
      expect(reserved).toHaveLength(units - sold.length);
    });
  }, 600_000);
});
