import { setTimeout as sleep } from 'node:timers/promises';
import { type Order, ticketsOf } from '@box-office/common/contracts/orders';
import type { ShowAnswer } from '@box-office/common/contracts/shows';
import { eventually } from '@box-office/common/testing/eventually';
import { serviceNames } from '../services.ts';
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
  const unlimited = { WRITES_PER_MINUTE: '1000000' };
  shop = await openShop({
    client: false,
    replicas: Object.fromEntries(serviceNames.map((name) => [name, 2])),
    env: { orders: { ...ordersWithoutLimits, ...unlimited }, payments: unlimited },
  });
  organiser = await shop.person();
  people = await Promise.all(Array.from({ length: accounts }, () => shop.person()));
});

afterAll(() => shop?.end());

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

type Ask = (show: ShowAnswer, n: number, quantity: number) => Promise<Answer>;

const ask: Ask = async (show, n, quantity) => {
  const who = people[n % accounts] ?? organiser;
  const kind = show.kinds[n % show.kinds.length];
  const lines = [{ kindId: kind?.id, quantity }];
  const headers = { 'Idempotency-Key': `${show.id}-${quantity}-${n}` };
  const { status, body } = await who.call('POST', '/api/orders', { showId: show.id, lines }, headers);
  return { who, status, body };
};

/** How long somebody goes on asking. */
const patienceMs = 60_000;

/** Asks again, under the same key, as long as no service has decided. */
const until =
  (isDecided: (answer: Answer) => boolean, once: Ask): Ask =>
  async (show, n, quantity) => {
    for (const end = Date.now() + patienceMs; ; await sleep(50 + Math.random() * 200)) {
      const answer = await once(show, n, quantity);
      if (isDecided(answer)) return answer;
      if (Date.now() > end) throw new Error(`request ${n} was never answered: ${JSON.stringify(answer.body)}`);
    }
  };

/** Of a database that a slow machine keeps from answering in time, the answer says to try again in a moment. */
const askUntilAvailable = until(
  ({ body }) => !['unavailable', 'idempotency-key-in-use'].includes(body.code ?? ''),
  ask,
);

/** While processes are killed. */
const askUntilAnswered = until(
  ({ status, body }) => status < 500 && !['busy', 'idempotency-key-in-use'].includes(body.code ?? ''),
  (show, n, quantity) => ask(show, n, quantity).catch(() => ({ who: organiser, status: 599, body: {} as Order })),
);

/** Kills one process after the other, services and engines, and starts it again. @returns how many times */
async function killInTurn(signal: AbortSignal): Promise<number> {
  const names = Object.keys(shop.platform.pids()).filter((name) => name !== 'traefik' && name !== 'stripe');
  for (let kills = 0; ; kills++) {
    await sleep(500, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return kills;
    const name = names[(kills * 7) % names.length] ?? '';
    await shop.platform.kill(name);
    await shop.platform.restart(name);
  }
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

/** Who holds how many tickets in the end: as orders has it, and as tickets shows it. */
async function mustBeSoldOut(show: ShowAnswer, paid: readonly Order[]): Promise<void> {
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
}

describe('a show that more people want to see than can', () => {
  it('is sold to the last ticket, none of them twice, and everybody is answered', async () => {
    const half = Math.floor(units / 2);
    const show = await showOf([half, units - half]);

    const first = await inCrowd(numbers(buyers), (n) => askUntilAvailable(show, n, 1 + (n % 4)));
    const made = first.filter(({ status }) => status === 201);
    const back = made.slice(0, leaving);
    const gone = await inCrowd(back, ({ who, body }) => who.call('DELETE', `/api/orders/${body.id}`));
    const paid = await inCrowd(made.slice(leaving, leaving + paying), async ({ who, body }) => {
      await eventually(async () => expect((await shop.pay(who, body)).status).toBe(200));
      return body;
    });
    // One by one, so that no ticket remains because nobody wants so few.
    const freed = back.reduce((sum, { body }) => sum + ticketsOf(body).length, 0);
    const rest = await inCrowd(numbers(freed + 2 * atOnce), (n) => askUntilAvailable(show, n, 1));

    const answers = [...first, ...rest];
    expect(gone.every(({ status }) => status === 200)).toBe(true);
    expect(new Set(answers.map(({ status, body }) => body.code ?? status))).toEqual(new Set([201, 'sold-out']));
    expect(answers).toHaveLength(buyers + freed + 2 * atOnce);

    await mustBeSoldOut(show, paid);
  }, 600_000);

  it('is sold to the last ticket, none of them twice, while processes are killed', async () => {
    const half = Math.floor(units / 2);
    const show = await showOf([half, units - half]);

    const selling = new AbortController();
    const killing = killInTurn(selling.signal);
    const first = await inCrowd(numbers(buyers), (n) => askUntilAnswered(show, n, 1 + (n % 4)));
    const rest = await inCrowd(numbers(2 * atOnce), (n) => askUntilAnswered(show, buyers + n, 1));
    selling.abort();
    const kills = await killing;

    const answers = [...first, ...rest];
    expect(new Set(answers.map(({ status, body }) => body.code ?? status))).toEqual(new Set([201, 'sold-out']));
    const made = answers.filter(({ status }) => status === 201);
    expect(new Set(made.map(({ body }) => body.id)).size).toBe(made.length);
    expect(kills).toBeGreaterThan(2);
    await mustBeSoldOut(show, []);
  }, 900_000);
});
