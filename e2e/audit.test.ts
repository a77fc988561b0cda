import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@box-office/common/testing/eventually';
import { tryLock } from '@box-office/local/lock.mjs';
import { type Books, openBooks } from '@box-office/ops/audit/books';
import { serviceNames } from '../services.ts';
import { auditAsJson, runAudit, type Settings, settingsOf } from './support/audit-command.ts';
import { booksOf } from './support/books.ts';
import { corruptCopies } from './support/corrupt-copies.ts';
import { openShop, ordersWithoutLimits, type Shop } from './support/shop.ts';
import { ordered, soldOrder, trade } from './support/trades.ts';

const root = join(import.meta.dirname, '..');

let shop: Shop;
let books: Books;
let env: Settings;

beforeAll(async () => {
  // What the tests break must stay broken, however long the audit takes.
  const payments = { RECONCILE_AFTER_MS: '86400000' };
  shop = await openShop({ client: false, env: { orders: ordersWithoutLimits, payments } });
  books = await openBooks(booksOf(shop));
  env = settingsOf(shop);
});

afterAll(async () => {
  await books?.close();
  await shop?.end();
});

/** By default on this test's databases. */
const run = (args: string[], settings: Settings = env) => runAudit(args, settings);
const audited = (...args: string[]) => auditAsJson(args, env);

describe('npm run audit', () => {
  it('knows of every collection of copies in the sources', async () => {
    const known = await readFile(join(root, 'ops/audit/copies.ts'), 'utf8');
    const found: string[] = [];
    // What mail remembers of orders decides over no ticket and no money: an older copy only words a mail.
    for (const service of serviceNames.filter((name) => name !== 'mail')) {
      for (const file of await readdir(join(root, service, 'src'), { recursive: true })) {
        if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
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
      while (open) await trade(shop, seller, buyer, number++);
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
  });

  it('finds all of 100 random documents of copies that are corrupt, and repairs them', async () => {
    const [seller, buyer] = [await shop.person(), await shop.person()];
    for (let from = 0; from < 48; from += 8) {
      await Promise.all(Array.from({ length: 8 }, (_, n) => trade(shop, seller, buyer, from + n)));
    }
    expect(await audited()).toMatchObject({ mismatches: [], exitCode: 0 });

    const corrupt = await corruptCopies(books, 100, 20261121);
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
  });

  it('repairs a copy that is ahead of an owner who has to be repaired first', async () => {
    const [seller, buyer] = [await shop.person(), await shop.person()];
    const ticket = await shop.sell(seller);
    await shop.known(ticket);
    const order = await ordered(buyer, ticket.id);
    await eventually(async () =>
      expect(await shop.stored('tickets', 'tickets', { _id: ticket.id })).toMatchObject([
        { hold: { orderId: order.id } },
      ]),
    );
    await books.tickets.documents.updateOne({ _id: ticket.id }, { $set: { 'hold.status': 'nonsense' } });
    await books.orders.collection('known-tickets').updateOne({ _id: ticket.id }, { $inc: { version: 7 } });

    const { mismatches, left } = await audited('--wait', '1', '--repair');
    expect(mismatches).toHaveLength(2);
    expect(left).toEqual([]);
  });

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
  });

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
  });

  it('reports money that is wrong with both sides, has heard again what can be, and leaves the rest to people', async () => {
    const [seller, buyer] = [await shop.person(), await shop.person()];
    const sold = () => soldOrder(shop, seller, buyer);
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
  });

  it('says what is missing when it cannot be run, and exits with 2', async () => {
    const state = join(shop.dir, 'elsewhere');
    const refused = async (says: string, args: string[], settings: Settings = {}) => {
      const { stdout, stderr, exitCode } = await run(args, settings);
      expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 });
      expect(stderr).not.toContain('    at ');
      expect(stderr).toContain(says);
    };
    await Promise.all([
      refused('No platform is running here. Run npm start first', ['--state', state]),
      refused('--everything', ['--everything'], env),
      refused('--wait takes a number above 0', ['--wait', 'long'], env),
      refused('ORDERS_MONGO_URL: is not set', [], { ...env, ORDERS_MONGO_URL: '' }),
      refused('could not be finished', [], { ...env, STRIPE_SECRET_KEY: 'sk_test_wrong' }),
      refused('the database of orders does not answer', [], {
        ...env,
        ORDERS_MONGO_URL: 'mongodb://127.0.0.1:1/orders',
      }),
    ]);
  });

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
  });

  it('agrees after a refund, and tells of part refunds, refunds that failed and disputes in sentences', async () => {
    const [seller, buyer] = [await shop.person(), await shop.person()];
    const [whole, known, returned, contested, part, failing, disputed, asked, byHand] = await Promise.all(
      Array.from({ length: 9 }, () => soldOrder(shop, seller, buyer)),
    );
    const intentOf = async (order = '') => String((await books.payments.documents.findOne({ _id: order }))?.stripeId);
    const sandbox = async (method: string, path: string, body: object) => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${env.STRIPE_SECRET_KEY}` };
      const answer = await fetch(`${env.STRIPE_API_URL}/sandbox/${path}`, {
        method,
        headers,
        body: JSON.stringify(body),
      });
      expect(answer.ok).toBe(true);
    };
    const orderHas = (order: string | undefined, field: string) =>
      eventually(async () => {
        const [stored] = await shop.stored('orders', 'orders', { _id: order });
        expect(stored?.[field]).toEqual(expect.anything());
      });
    const refund = async (order: string | undefined) => {
      expect((await seller.call('POST', `/api/payments/${order}/refund`)).status).toBe(200);
      await orderHas(order, 'refundedAt');
    };
    const fail = async (order: string | undefined) => {
      const { data } = await books.stripe.refunds.list({ payment_intent: await intentOf(order) });
      await sandbox('POST', `refunds/${data[0]?.id}`, { outcome: 'failed' });
      return data[0]?.id;
    };
    await Promise.all([refund(whole), refund(returned), refund(failing)]);
    expect((await seller.call('POST', `/api/payments/${known}/refund`, { amount: 500 })).status).toBe(200);
    expect(await audited('--wait', '3')).toMatchObject({ mismatches: [], exitCode: 0 });

    await fail(returned);
    await sandbox('POST', 'disputes', { payment_intent: await intentOf(contested) });
    await Promise.all([orderHas(returned, 'refundFailedAt'), orderHas(contested, 'dispute')]);
    await sandbox('PUT', 'faults', { loseWebhooks: { probability: 1 } });
    await sandbox('POST', 'disputes', { payment_intent: await intentOf(disputed) });
    await sandbox('POST', 'disputes', { payment_intent: await intentOf(asked), reason: 'inquiry' });
    const failed = await fail(failing);
    await books.stripe.refunds.create({ payment_intent: await intentOf(part), amount: 500 });
    await books.stripe.refunds.create({ payment_intent: await intentOf(byHand) });

    const { stdout, exitCode } = await run(['--wait', '2']);
    expect(exitCode).toBe(1);
    const about = (order = '') => stdout.slice(stdout.indexOf(order)).split('\npayments’ ')[0];
    expect(about(part)).toContain('Only a part, €5.00 of €15.00, was given back at Stripe');
    expect(about(failing)).toContain(
      `The refund ${failed} of €15.00 failed (unknown): the buyer did not get this money, although payments counts it`,
    );
    expect(about(disputed)).toMatch(/The buyer disputes €15.00 \(du_\w+, fraudulent\): the bank has taken this money/);
    expect(about(asked)).toMatch(/The buyer’s bank asks about €15.00 \(du_\w+, general\)/);
    expect(about(byHand)).toContain('All of €15.00 was given back at Stripe; payments has not heard of it.');
    for (const agreed of [whole, known, returned, contested]) expect(stdout).not.toContain(agreed);
    expect(stdout).toContain('5 in payments’ money at Stripe');
  });
});
