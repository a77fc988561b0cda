import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Order } from '@box-office/common/contracts/orders';
import { newObjectId } from '@box-office/common/object-id';
import { eventually } from '@box-office/common/testing/eventually';
import { tryLock } from '@box-office/local/lock.mjs';
import { databaseUrl } from '@box-office/local/service-env';
import { type Books, openBooks } from '@box-office/ops/audit/books';
import type { Fields, Stored } from '@box-office/ops/audit/view';
import { execa } from 'execa';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { serviceNames } from '../services.ts';
import { openShop, type Person, type Shop } from './support/shop.ts';

const root = join(import.meta.dirname, '..');
const audit = join(root, 'ops/audit');

let shop: Shop;
let books: Books;
let env: Record<string, string>;

beforeAll(async () => {
  shop = await openShop({ client: false });
  const url = (service: string) => databaseUrl(shop.platform.addresses.mongo ?? '', service);
  const [stripeKey, stripeUrl] = [shop.platform.stripe.secretKey, shop.platform.addresses.stripe ?? ''];
  const databases = { tickets: url('tickets'), orders: url('orders'), payments: url('payments') };
  books = await openBooks({ ...databases, stripeKey, stripeUrl });
  env = {
    TICKETS_MONGO_URL: databases.tickets,
    ORDERS_MONGO_URL: databases.orders,
    PAYMENTS_MONGO_URL: databases.payments,
    STRIPE_SECRET_KEY: stripeKey,
    STRIPE_API_URL: stripeUrl,
  };
}, 60_000);

afterAll(async () => {
  await books?.close();
  await shop?.end();
}, 30_000);

const noSettings = Object.fromEntries(
  ['TICKETS_MONGO_URL', 'ORDERS_MONGO_URL', 'PAYMENTS_MONGO_URL', 'STRIPE_SECRET_KEY'].map((name) => [name, '']),
);

/** Runs the command as npm does, by default on this test's databases. */
async function run(args: string[], settings: Record<string, string> = env) {
  const program = join(root, 'node_modules/.bin/node');
  const options = { env: { ...noSettings, ...settings }, reject: false } as const;
  const { stdout, stderr, exitCode } = await execa(program, [join(audit, 'main.ts'), ...args], options);
  return { stdout, stderr, exitCode };
}

interface Found {
  readonly compared: number;
  readonly moving: number;
  readonly mismatches: readonly { view: string; id: string; held: Fields | null; owned: Fields | null }[];
  readonly left?: readonly unknown[];
}

async function audited(...args: string[]): Promise<Found & { exitCode: number | undefined }> {
  const { stdout, stderr, exitCode } = await run(['--json', ...args]);
  expect(stderr).toBe('');
  return { ...(JSON.parse(stdout) as Found), exitCode };
}

const ordered = async (buyer: Person, ticketId: string): Promise<Order> => {
  const answer = await buyer.call<Order>('POST', '/api/orders', { ticketId });
  expect(answer.status).toBe(201);
  return answer.body;
};

/**
 * One ticket, whose fate depends on its number: on sale, edited, reserved, cancelled, ordered again, sold.
 */
async function trade(seller: Person, buyer: Person, number: number): Promise<void> {
  const ticket = await shop.sell(seller, { title: `Opera ${number}` });
  await shop.known(ticket);
  if (number % 5 === 0) {
    await seller.call('PUT', `/api/tickets/${ticket.id}`, { title: 'Operetta', price: 1000 + number });
    return;
  }
  const first = await ordered(buyer, ticket.id);
  if (number % 5 === 1) return;
  if (number % 5 < 4) {
    await buyer.call('DELETE', `/api/orders/${first.id}`);
    if (number % 5 === 3) await ordered(buyer, ticket.id);
    return;
  }
  await eventually(async () => expect((await shop.pay(buyer, first)).status).toBe(200));
}

/** A paid order, recorded everywhere. Returns its id. */
async function soldOrder(seller: Person, buyer: Person): Promise<string> {
  const ticket = await shop.sell(seller);
  await shop.known(ticket);
  const order = await ordered(buyer, ticket.id);
  await eventually(async () => expect((await shop.pay(buyer, order)).status).toBe(200));
  const payments = () => shop.stored('payments', 'payments', { _id: order.id });
  await eventually(async () => expect(await payments()).toMatchObject([{ status: 'captured' }]));
  await eventually(async () =>
    expect(await shop.stored('tickets', 'tickets', { _id: ticket.id })).toMatchObject([{ hold: { status: 'sold' } }]),
  );
  return order.id;
}

describe('npm run audit', () => {
  it('knows of every collection of copies in the sources', async () => {
    const known = await readFile(join(audit, 'copies.ts'), 'utf8');
    const found: string[] = [];
    for (const service of serviceNames) {
      for (const file of await readdir(join(root, service, 'src'))) {
        if (file.endsWith('.test.ts')) continue;
        const source = await readFile(join(root, service, 'src', file), 'utf8');
        for (const [, name] of source.matchAll(/copies\(\s*\{\s*collection: '([^']+)'/g)) found.push(name ?? '');
      }
    }
    expect(found.length).toBeGreaterThan(1);
    expect(found.filter((name) => !known.includes(`collection('${name}')`))).toEqual([]);
  });

  it('reports nothing on a healthy platform under load', async () => {
    const [seller, buyer] = [await shop.person(), await shop.person()];
    let [number, open] = [0, true];
    const traders = Array.from({ length: 4 }, async () => {
      while (open) await trade(seller, buyer, number++);
    });
    try {
      for (const least of [8, 16]) {
        await eventually(() => expect(number).toBeGreaterThan(least), 30_000);
        const { compared, ...findings } = await audited();
        expect(findings).toEqual({ mismatches: [], moving: 0, exitCode: 0 });
        expect(compared).toBeGreaterThan(least);
      }
    } finally {
      open = false;
      await Promise.all(traders);
    }
  }, 120_000);

  it('finds all of 100 random documents of copies that are corrupt, and repairs them', async () => {
    const [seller, buyer] = [await shop.person(), await shop.person()];
    for (let from = 0; from < 48; from += 8) {
      await Promise.all(Array.from({ length: 8 }, (_, n) => trade(seller, buyer, from + n)));
    }
    expect(await audited()).toMatchObject({ mismatches: [], exitCode: 0 });

    const corrupt = await corruptCopies(100, 20261121);
    const found = await audited('--wait', '3');
    expect(found.exitCode).toBe(1);
    const names = found.mismatches.map(({ view, id }) => `${view}/${id}`);
    expect(corrupt.filter((name) => !names.includes(name))).toEqual([]);
    // A ticket with a wrong hold also differs from its own announcement.
    const held = corrupt.map((name) => name.replace('tickets’ view of orders/', 'orders’ copy of tickets/'));
    expect(names.filter((name) => !corrupt.includes(name) && !held.includes(name))).toEqual([]);

    const repaired = await audited('--wait', '3', '--repair');
    expect(repaired).toMatchObject({ left: [], exitCode: 0 });
    expect(repaired.mismatches).toHaveLength(names.length);
    expect(await audited('--wait', '3')).toMatchObject({ mismatches: [], exitCode: 0 });
  }, 240_000);

  it('repairs a copy that is ahead of an owner who has to be repaired first', async () => {
    const [seller, buyer] = [await shop.person(), await shop.person()];
    const ticket = await shop.sell(seller);
    await shop.known(ticket);
    const order = await ordered(buyer, ticket.id);
    await eventually(async () =>
      expect(await shop.stored('orders', 'known-tickets', { _id: ticket.id })).toMatchObject([{ orderId: order.id }]),
    );
    await books.tickets.documents.updateOne({ _id: ticket.id }, { $set: { 'hold.status': 'nonsense' } });
    await books.orders.collection('known-tickets').updateOne({ _id: ticket.id }, { $inc: { version: 7 } });

    const { mismatches, left } = await audited('--wait', '1', '--repair');
    expect(mismatches).toHaveLength(2);
    expect(left).toEqual([]);
  }, 120_000);

  it('finds an order whose ticket is gone, and leaves it to people', async () => {
    const [seller, buyer] = [await shop.person(), await shop.person()];
    const ticket = await shop.sell(seller);
    await shop.known(ticket);
    const first = await ordered(buyer, ticket.id);
    await buyer.call('DELETE', `/api/orders/${first.id}`);
    const order = await eventually(() => ordered(buyer, ticket.id));
    const kept = await eventually(async () => {
      const [state] = await shop.stored('tickets', 'tickets', { _id: ticket.id });
      expect(state).toMatchObject({ hold: { orderId: order.id }, outbox: [] });
      return state;
    });
    await books.tickets.documents.deleteOne({ _id: ticket.id });

    const { mismatches, left } = await audited('--wait', '1', '--repair');
    const lost = {
      view: 'tickets’ view of orders',
      id: ticket.id,
      held: null,
      owned: { orderId: order.id, attempt: 2, status: 'live' },
    };
    expect(mismatches.filter(({ view }) => view === lost.view)).toMatchObject([lost]);
    expect(left).toMatchObject([{ ...lost, reason: 'the ticket itself is gone' }]);

    await books.tickets.documents.insertOne(kept);
    expect(await audited('--wait', '1', '--repair')).toMatchObject({ left: [], exitCode: 0 });
  }, 120_000);

  it('shows both sides, in words', async () => {
    const [seller] = [await shop.person()];
    const ticket = await shop.sell(seller);
    await shop.known(ticket);
    const copies = books.orders.collection('known-tickets');
    await copies.updateOne({ _id: ticket.id }, { $set: { price: 1, title: 'Opera\u009b31m' } });

    const { stdout, exitCode } = await run(['--wait', '1']);
    expect(exitCode).toBe(1);
    expect(stdout).toContain(`orders’ copy of tickets, ${ticket.id}\n`);
    expect(stdout).toContain('  price: orders 1, tickets 1500\n');
    expect(stdout).not.toContain('\u009b');
    expect(stdout).toMatch(/\d+ compared: 1 mismatch \(1 in orders’ copy of tickets\)\.$/);
    const repair = await run(['--wait', '1', '--repair']);
    expect(repair).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('1 of 1 mismatch repaired') });
  }, 120_000);

  it('reports money that is wrong with both sides, has heard again what can be, and leaves the rest to people', async () => {
    const [seller, buyer] = [await shop.person(), await shop.person()];
    const sold = () => soldOrder(seller, buyer);
    const [cheap, unpaid, unheard, givenBack] = [await sold(), await sold(), await sold(), await sold()];
    await books.payments.documents.updateOne({ _id: cheap }, { $set: { amount: 15 } });
    const lost = await books.payments.documents.findOneAndDelete({ _id: unpaid });
    // The order has not received the capture.
    await books.orders.documents.updateOne({ _id: unheard }, { $set: { status: 'awaiting:payment' } });

    // For a lost order nothing is owed after a refund.
    expect((await seller.call('POST', `/api/payments/${givenBack}/refund`)).status).toBeLessThan(300);
    await eventually(async () =>
      expect(await shop.stored('orders', 'orders', { _id: givenBack })).toMatchObject([
        { refundedAt: expect.anything() },
      ]),
    );
    await books.orders.documents.deleteOne({ _id: givenBack });

    // Stripe lists the newest first, a hundred per page: the wanted one is on a later page.
    const nobodys = { amount: 1500, currency: 'eur', capture_method: 'manual' } as const;
    await Promise.all(Array.from({ length: 110 }, () => books.stripe.paymentIntents.create(nobodys)));

    const { mismatches, left, exitCode } = await audited('--wait', '2', '--repair');
    const money = mismatches.filter(({ view }) => view.includes('money'));
    const about = (view: string, id: string) => money.find((it) => it.view === view && it.id === id);
    expect(about('payments’ money at Stripe', cheap)).toMatchObject({
      held: { amount: 15, status: 'captured', taken: 15 },
      owned: { amount: 1500, status: 'captured', taken: 1500 },
      differing: ['amount', 'taken'],
    });
    expect(about('orders’ money in payments', unpaid)).toMatchObject({
      held: { payment: 'captured or refunded, for the order is complete' },
      owned: { payment: 'none' },
    });
    expect(about('payments’ money at Stripe', lost?.stripeId)).toMatchObject({
      held: null,
      owned: { order: unpaid, taken: 1500 },
    });
    expect(about('orders’ money in payments', unheard)).toMatchObject({
      held: { payment: 'authorized, for the order is awaiting:payment' },
      owned: { payment: 'captured' },
    });
    expect(mismatches.map(({ view, id }) => `${view}/${id}`)).toContain(`payments’ copy of orders/${givenBack}`);
    expect(money.filter(({ id }) => id === givenBack)).toEqual([]);
    expect(exitCode).toBe(1);
    const ids = left?.map((it) => (it as { id: string }).id);
    expect(new Set(ids)).toEqual(new Set([cheap, unpaid, lost?.stripeId]));
    expect(await shop.stored('orders', 'orders', { _id: unheard })).toMatchObject([{ status: 'complete' }]);

    await books.payments.documents.updateOne({ _id: cheap }, { $set: { amount: 1500 } });
    if (lost) await books.payments.documents.insertOne(lost);
    expect(await audited('--wait', '2')).toMatchObject({ mismatches: [] });
  }, 240_000);

  it('says what is missing when it cannot be run, and exits with 2', async () => {
    const state = join(shop.dir, 'elsewhere');
    const refused = async (args: string[], settings: Record<string, string> = {}) => {
      const { stdout, stderr, exitCode } = await run(args, settings);
      expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 });
      expect(stderr).not.toContain('    at ');
      return stderr;
    };
    expect(await refused(['--state', state])).toContain('No platform is running here. Run npm start first');
    expect(await refused(['--everything'], env)).toContain('--everything');
    expect(await refused(['--wait', 'long'], env)).toContain('--wait takes a number above 0');
    expect(await refused([], { ...env, ORDERS_MONGO_URL: '' })).toContain('ORDERS_MONGO_URL: is not set');
    expect(await refused([], { ...env, STRIPE_SECRET_KEY: 'sk_test_wrong' })).toContain('could not be finished');
    expect(await refused([], { ...env, ORDERS_MONGO_URL: 'mongodb://127.0.0.1:1/orders' })).toContain(
      'the database of orders does not answer',
    );
  }, 120_000);

  it('finds the platform that runs', async () => {
    const lock = tryLock(`${shop.dir}.lock`);
    if (!lock.taken) throw new Error('the lock is taken');
    try {
      expect((await run(['--state', shop.dir], {})).stderr).toContain('is only being started');
      const { mongo, stripe } = shop.platform.addresses;
      lock.note({ mongoUrl: mongo, stripeUrl: stripe });
      expect(await run(['--state', shop.dir], {})).toMatchObject({ exitCode: 0, stderr: '' });
    } finally {
      lock.release();
    }
  }, 120_000);

  it('agrees after a refund, and tells of part refunds, refunds that failed and disputes in sentences', async () => {
    const [seller, buyer] = [await shop.person(), await shop.person()];
    const [whole, part, failing, disputed, asked, byHand] = await Promise.all(
      Array.from({ length: 6 }, () => soldOrder(seller, buyer)),
    );
    const intentOf = async (order = '') => String((await books.payments.documents.findOne({ _id: order }))?.stripeId);
    const sandbox = async (method: string, path: string, body: object) => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${env.STRIPE_API_URL}/sandbox/${path}`, {
        method,
        headers,
        body: JSON.stringify(body),
      });
      expect(answer.ok).toBe(true);
    };
    const refund = async (order: string | undefined) => {
      expect((await seller.call('POST', `/api/payments/${order}/refund`)).status).toBe(200);
      await eventually(async () =>
        expect(await shop.stored('orders', 'orders', { _id: order })).toMatchObject([
          { refundedAt: expect.anything() },
        ]),
      );
    };
    await Promise.all([refund(whole), refund(failing)]);
    expect(await audited('--wait', '3')).toMatchObject({ mismatches: [], exitCode: 0 });

    await books.stripe.refunds.create({ payment_intent: await intentOf(part), amount: 500 });
    const failed = (await books.stripe.refunds.list({ payment_intent: await intentOf(failing) })).data[0]?.id;
    await sandbox('POST', `refunds/${failed}`, { outcome: 'failed' });
    await sandbox('POST', 'disputes', { payment_intent: await intentOf(disputed) });
    await sandbox('POST', 'disputes', { payment_intent: await intentOf(asked), reason: 'inquiry' });
    await sandbox('PUT', 'faults', { loseWebhooks: { probability: 1 } });
    await books.stripe.refunds.create({ payment_intent: await intentOf(byHand) });

    const { stdout, exitCode } = await run(['--wait', '2']);
    expect(exitCode).toBe(1);
    const about = (order = '') => stdout.slice(stdout.indexOf(order)).split('\npayments’ ')[0];
    expect(about(part)).toContain('Only a part, €5.00 of €15.00, was given back at Stripe');
    expect(about(failing)).toContain(
      `The refund ${failed} of €15.00 failed (unknown): the buyer did not get this money`,
    );
    expect(about(disputed)).toMatch(/The buyer disputes €15.00 \(du_\w+, fraudulent\): the bank has taken this money/);
    expect(about(asked)).toMatch(/The buyer’s bank asks about €15.00 \(du_\w+, general\)/);
    expect(about(byHand)).toContain('All of €15.00 was given back at Stripe; payments has not heard of it.');
    expect(stdout).not.toContain(whole);
    expect(stdout).toContain('5 in payments’ money at Stripe');
  }, 240_000);
});

/** Corrupts so many random copies, each in one random way. Returns their names. */
async function corruptCopies(count: number, seed: number): Promise<string[]> {
  const random = xoroshiro128plus(seed);
  const below = (limit: number) => uniformInt(random, 0, limit - 1);
  const collections = {
    'orders’ copy of tickets': books.orders.collection('known-tickets'),
    'payments’ copy of orders': books.payments.collection('payable-orders'),
    'tickets’ view of orders': books.tickets.documents,
  };
  const all: { view: keyof typeof collections; document: Stored }[] = [];
  for (const view of Object.keys(collections) as (keyof typeof collections)[]) {
    for (const document of await collections[view].find().sort({ _id: 1 }).toArray()) all.push({ view, document });
  }
  const corrupt: string[] = [];
  while (corrupt.length < count) {
    const [chosen] = all.splice(below(all.length), 1);
    if (!chosen) throw new Error(`there are no ${count} copies`);
    const { view, document } = chosen;
    const [documents, _id, way] = [collections[view], document._id, below(5)];
    if (view === 'tickets’ view of orders') {
      const holds = { orderId: newObjectId(), attempt: 1, version: 0, status: 'live' };
      const hold = document.hold ? spoilt(document.hold, way, 'status', 'nonsense') : holds;
      await documents.updateOne({ _id }, { $set: { hold } });
      corrupt.push(`${view}/${_id}`);
      continue;
    }
    const superfluous = newObjectId();
    if (way === 4) await documents.insertOne({ ...document, _id: superfluous });
    else if (way === 3) await documents.deleteOne({ _id });
    else {
      const field = (['userId', 'title', 'ticket', 'state', 'stray'] as const)[below(5)] ?? 'userId';
      await documents.replaceOne({ _id }, spoilt(document, way, field, 'wrong') ?? {});
    }
    corrupt.push(`${view}/${way === 4 ? superfluous : _id}`);
  }
  return corrupt;
}

/** A wrong field; a version too low, or too high; nothing at all. */
function spoilt(document: Fields, way: number, field: string, value: unknown): Fields | null {
  const version = Number(document.version);
  if (way === 0) return { ...document, [field]: value };
  if (way === 1) return { ...document, version: version - 1 };
  return way === 2 ? { ...document, version: version + 7 } : null;
}
