import { cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Order } from '@box-office/common/contracts/orders';
import type { Ticket } from '@box-office/common/contracts/tickets';
import { eventually } from '@box-office/common/testing/eventually';
import { databaseUrl } from '@box-office/local/service-env';
import { audit, type Mismatch, repair } from '@box-office/ops/audit/audit';
import { type Books, openBooks } from '@box-office/ops/audit/books';
import { everything } from '@box-office/ops/audit/everything';
import { asJson } from '@box-office/ops/audit/print';
import type { Stored } from '@box-office/ops/audit/view';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { findSaver, type Saved, type Saver } from './support/backup.ts';
import { openShop, type Person, type Shop } from './support/shop.ts';

// Follows docs/operations.md, "Restore", step by step.

/** The services that publish events; auth does not. */
const announcing = ['tickets', 'orders', 'payments'] as const;
type Database = (typeof announcing)[number] | 'auth';
type Backup = Partial<Record<Database, Saved>>;

/** How long a difference must last before the audit counts it. */
const steadyMs = 800;

let shop: Shop;
let saver: Saver;
let seller: Person;
let buyer: Person;

beforeAll(async () => {
  const env = { payments: { RECONCILE_EVERY_MS: '100', RECONCILE_AFTER_MS: '100' } };
  shop = await openShop({ client: false, env });
  saver = await findSaver(shop.platform.addresses.mongo ?? '', join(shop.dir, 'backup'));
  console.info(`Databases are saved and brought back by ${saver.how}.`);
  [seller, buyer] = await Promise.all([shop.person(), shop.person()]);
}, 60_000);

afterAll(() => shop?.end(), 30_000);

describe('a backup', () => {
  it('is all that is needed: from it and an empty JetStream everything comes back, and selling goes on', async () => {
    await trade();
    await untilAllAgree();
    const backup = await saved(['auth', ...announcing]);
    const before = await seen();

    await stopServices('auth');
    await loseDatabases();
    await putBack(backup);
    await replaceJetStream();
    await startServices('auth');

    await untilAllAgree();
    expect(await seen()).toEqual(before);
    const open = before.orders.filter(({ status }) => status === 'created').map(({ id }) => id);
    expect(open.length).toBeGreaterThan(0);
    await eventually(async () => expect(await timers()).toEqual(expect.arrayContaining(open)));
    await sold(await listed());
    await untilAllAgree();
  }, 120_000);

  it('does as well with a JetStream that is older than itself', async () => {
    const older = join(shop.dir, 'jetstream-older');
    await replaceJetStream({ keepIn: older });
    await sold(await listed());
    await untilAllAgree();
    const backup = await saved(announcing);
    const before = await seen();

    await stopServices();
    await putBack(backup);
    await replaceJetStream({ by: older });
    await startServices();

    await untilAllAgree();
    expect(await seen()).toEqual(before);
    await sold(await listed());
    await untilAllAgree();
  }, 120_000);

  it('keeps a sale that was paid after it, and names the money of one that it knows nothing of', async () => {
    const [known, unknown] = [await listed(), await listed()];
    const order = await ordered(known);
    await begun(order);
    const backup = await saved(announcing);
    await paid(order);
    const lost = await sold(unknown);

    await stopServices();
    await putBack(backup);
    await longAgo(order);
    await replaceJetStream();
    // Payments checks Stripe before orders checks deadlines, and orders receives the result before expiration
    // publishes.
    const payments = shop.platform.restart('payments');
    const status = async (service: string) => (await shop.stored(service, service, { _id: order.id }))[0]?.status;
    await eventually(async () => expect(await status('payments')).toBe('captured'));
    const orders = shop.platform.restart('orders');
    await eventually(async () => expect(await status('orders')).toBe('complete'));
    await Promise.all([payments, orders, ...['tickets', 'expiration'].map(shop.platform.restart)]);

    await eventually(async () => expect((await ticketNow(known)).body.state).toBe('sold'));
    expect((await ticketNow(unknown)).body.state).toBe('on-sale');
    const found = await eventually(async () => {
      const mismatches = await audited();
      expect(mismatches).toHaveLength(1);
      return mismatches[0];
    });
    expect(found).toMatchObject({
      view: { name: 'payments’ money at Stripe' },
      held: null,
      owned: { order: lost.id, taken: 1500 },
    });

    // By a person, in Stripe's dashboard.
    await withBooks(({ stripe }) => stripe.refunds.create({ payment_intent: found?.id ?? '' }));
    await untilAllAgree();
    await sold(unknown);
    await untilAllAgree();
  }, 120_000);
});

describe('databases that are older than the others', () => {
  it('are those of tickets and payments: the audit repairs the copies, and from what it says the payments are put back', async () => {
    const [edited, bought, paying] = [await listed(), await listed(), await listed()];
    const order = await ordered(paying);
    await begun(order);
    await untilAllAgree();
    const backup = await saved(['tickets', 'payments']);
    await seller.call('PUT', `/api/tickets/${edited.id}`, { title: 'Operetta', price: 1800 });
    await paid(order);
    const unknown = await sold(bought);
    const lost = await listed();
    await untilAllAgree();

    await stopServices();
    await putBack(backup);
    await replaceJetStream();
    await startServices();

    // Orders announces its sales again, and payments reads the known ones from Stripe.
    for (const it of [bought, paying])
      await eventually(async () => expect((await ticketNow(it)).body.state).toBe('sold'));
    const ahead = [edited, bought, paying, lost].map(({ id }) => `orders’ copy of tickets ${id}`).toSorted();
    const findings = await eventually(async () => {
      const found = await audited();
      expect(namesOf(found)).toEqual([
        ...ahead,
        `orders’ money in payments ${unknown.id}`,
        expect.stringMatching(/^payments’ money at Stripe pi_/),
      ]);
      return found;
    });
    expect(namesOf(await repaired()).filter((it) => !it.includes('money'))).toEqual([]);
    expect((await ticketNow(edited)).body).toMatchObject({ title: 'Opera', price: 1500 });
    expect((await ticketNow(lost)).status).toBe(404);

    await asTheGuideSays('db.payments.insertOne', 'payments', findings);
    await untilAllAgree();
    await sold(edited);
    await untilAllAgree();
  }, 120_000);

  it('is that of orders: what payments know of them is put back, or else the tickets are free and the money is left to people', async () => {
    const [kept, freed] = [await listed(), await listed()];
    await untilAllAgree();
    const backup = await saved(['orders']);
    const [putBackLater, lost] = [await sold(kept), await sold(freed)];
    await untilAllAgree();

    await stopServices();
    await putBack(backup);
    await replaceJetStream();
    await startServices();

    const money = [putBackLater, lost].map(({ id }) => `orders’ money in payments ${id}`).toSorted();
    const findings = await eventually(async () => {
      const found = await audited();
      expect(namesOf(found)).toEqual([
        ...money,
        ...[putBackLater, lost].map(({ id }) => `payments’ copy of orders ${id}`).toSorted(),
        ...[kept, freed].map(({ id }) => `tickets’ view of orders ${id}`).toSorted(),
      ]);
      return found;
    });
    await asTheGuideSays(
      'db.orders.insertOne',
      'orders',
      findings.filter(({ id }) => id === putBackLater.id),
    );
    expect(namesOf(await repaired())).toEqual([`orders’ money in payments ${lost.id}`]);
    expect((await ticketNow(kept)).body.state).toBe('sold');
    expect((await orderNow(putBackLater)).body).toMatchObject({ status: 'complete', ticket: { id: kept.id } });
    expect((await ticketNow(freed)).body.state).toBe('on-sale');

    // By a person: the refund, and then the removal of the payment, which belongs to no order.
    const [{ stripeId }] = await shop.stored('payments', 'payments', { _id: lost.id });
    await withBooks(({ stripe }) => stripe.refunds.create({ payment_intent: stripeId }));
    await eventually(async () =>
      expect(await shop.stored('payments', 'payments', { _id: lost.id })).toMatchObject([{ status: 'refunded' }]),
    );
    await withBooks(({ payments }) => payments.documents.deleteOne({ _id: lost.id }));
    await untilAllAgree();
    await sold(freed);
    await untilAllAgree();
  }, 120_000);
});

/** One ticket in each state. */
async function trade(): Promise<void> {
  const [edited, reserved, cancelled, bought, withdrawn] = await Promise.all(Array.from({ length: 5 }, listed));
  if (!edited || !reserved || !cancelled || !bought || !withdrawn) throw new Error('five were listed');
  await seller.call('PUT', `/api/tickets/${edited.id}`, { title: 'Operetta', price: 1800 });
  await seller.call('DELETE', `/api/tickets/${withdrawn.id}`);
  await ordered(reserved);
  const { id } = await ordered(cancelled);
  await buyer.call('DELETE', `/api/orders/${id}`);
  await sold(bought);
}

async function listed(): Promise<Ticket> {
  const ticket = await shop.sell(seller);
  await shop.known(ticket);
  return ticket;
}

async function ordered(ticket: Ticket): Promise<Order> {
  return eventually(async () => {
    const { status, body } = await buyer.call<Order>('POST', '/api/orders', { ticketId: ticket.id });
    expect(status).toBe(201);
    return body;
  });
}

/** The buyer has opened the payment form. */
async function begun({ id }: Order): Promise<void> {
  await eventually(async () =>
    expect((await buyer.call('POST', '/api/payments', { orderId: id })).status).toBeLessThan(300),
  );
}

async function paid(order: Order): Promise<void> {
  await eventually(async () => expect((await shop.pay(buyer, order)).status).toBe(200));
  await eventually(async () => expect((await orderNow(order)).body.status).toBe('complete'));
}

async function sold(ticket: Ticket): Promise<Order> {
  const order = await ordered(ticket);
  await paid(order);
  await eventually(async () => expect((await ticketNow(ticket)).body.state).toBe('sold'));
  return order;
}

const orderNow = ({ id }: Order) => buyer.call<Order>('GET', `/api/orders/${id}`);
const ticketNow = ({ id }: Ticket) => seller.call<Ticket>('GET', `/api/tickets/${id}`);

/** What both people see with their existing sessions. */
async function seen(): Promise<{ tickets: Ticket[]; orders: Order[] }> {
  const [tickets, orders] = await Promise.all([
    seller.call<Ticket[]>('GET', '/api/tickets/mine'),
    buyer.call<Order[]>('GET', '/api/orders'),
  ]);
  expect([tickets.status, orders.status]).toEqual([200, 200]);
  expect(Math.min(tickets.body.length, orders.body.length)).toBeGreaterThan(0);
  return { tickets: tickets.body, orders: orders.body };
}

async function saved(names: readonly Database[]): Promise<Backup> {
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await saver.save(name)] as const)));
}

async function putBack(backup: Backup): Promise<void> {
  for (const it of Object.values(backup)) await it.bringBack();
}

const services = [...announcing, 'expiration'];
const stopServices = (...more: string[]) => Promise.all([...services, ...more].map(shop.platform.stopOne));
const startServices = (...more: string[]) => Promise.all([...services, ...more].map(shop.platform.restart));

async function loseDatabases(): Promise<void> {
  await shop.platform.stopOne('mongo');
  await rm(join(shop.dir, 'mongo'), { recursive: true });
  await shop.platform.restart('mongo');
}

/** Replaced by nothing, or by an earlier backup. */
async function replaceJetStream({ keepIn, by }: { keepIn?: string; by?: string } = {}): Promise<void> {
  const store = join(shop.dir, 'nats', 'jetstream');
  await shop.platform.stopOne('nats');
  if (keepIn) await cp(store, keepIn, { recursive: true });
  else {
    await rm(store, { recursive: true });
    if (by) await cp(by, store, { recursive: true });
  }
  await shop.platform.restart('nats');
}

/** Hours have passed since the backup. */
async function longAgo({ id }: Order): Promise<void> {
  const expiresAt = new Date(Date.now() - 3_600_000).toISOString();
  await withBooks(async ({ orders, payments }) => {
    await orders.documents.updateOne({ _id: id }, { $set: { expiresAt } });
    await payments.collection('payable-orders').updateOne({ _id: id }, { $set: { expiresAt } });
  });
}

/** The orders with a timer in JetStream. */
async function timers(): Promise<string[]> {
  const connection = await connect({ servers: shop.platform.addresses.nats ?? '' });
  try {
    const manager = await jetstreamManager(connection);
    const { state } = await manager.streams.info('expiration', { subjects_filter: 'expiration.*.timer' });
    return Object.keys(state.subjects ?? {}).map((subject) => subject.split('.')[1] ?? '');
  } finally {
    await connection.close();
  }
}

async function withBooks<Result>(use: (books: Books) => Promise<Result>): Promise<Result> {
  const url = (service: string) => databaseUrl(shop.platform.addresses.mongo ?? '', service);
  const books = await openBooks({
    tickets: url('tickets'),
    orders: url('orders'),
    payments: url('payments'),
    stripeKey: shop.platform.stripe.secretKey,
    stripeUrl: shop.platform.addresses.stripe,
  });
  try {
    return await use(books);
  } finally {
    await books.close();
  }
}

/**
 * Runs this block of the guide in a service's database, with the findings of the audit. mongosh awaits promises by
 * itself; here it must be explicit.
 */
async function asTheGuideSays(does: string, service: 'orders' | 'payments', found: readonly Mismatch[]): Promise<void> {
  const guide = await readFile(join(import.meta.dirname, '../docs/operations.md'), 'utf8');
  const block = [...guide.matchAll(/^ *```js\n([\s\S]*?)^ *```$/gm)].find(([, code = '']) => code.includes(does))?.[1];
  if (!block) throw new Error(`the guide has no block with ${does}`);
  const fs = { readFileSync: () => asJson({ compared: 0, moving: 0, mismatches: found }) };
  await withBooks(async (books) => {
    const written: Promise<unknown>[] = [];
    const db = new Proxy(books[service].collection, {
      get: (collection, name) => ({
        insertOne: (document: Stored) => written.push(collection(String(name)).insertOne(document)),
      }),
    });
    new Function('db', 'fs', block)(db, fs);
    expect(written.length).toBeGreaterThan(0);
    await Promise.all(written);
  });
}

/** `npm run audit`: everything that differs between two places. */
const audited = () =>
  withBooks(async (books) => {
    const { compared, mismatches } = await audit(everything(books), steadyMs);
    expect(compared).toBeGreaterThan(0);
    return mismatches;
  });

/** `npm run audit -- --repair`: what still differs. */
const repaired = () =>
  withBooks(async (books) => {
    const { mismatches } = await audit(everything(books), steadyMs);
    return repair(mismatches, 3_000);
  });

const namesOf = (some: readonly Mismatch[]) => some.map(({ view, id }) => `${view.name} ${id}`).toSorted();

const untilAllAgree = () => eventually(async () => expect(namesOf(await audited())).toEqual([]));
