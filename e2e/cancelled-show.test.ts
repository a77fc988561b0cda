import { setTimeout as sleep } from 'node:timers/promises';
import type { Order } from '@box-office/common/contracts/orders';
import type { ShowAnswer } from '@box-office/common/contracts/shows';
import { eventually } from '@box-office/common/testing/eventually';
import { audit } from '@box-office/ops/audit/audit';
import { everything } from '@box-office/ops/audit/everything';
import { withBooks } from './support/books.ts';
import { paid } from './support/paid.ts';
import { openShop, ordersWithoutLimits, type Person, type Shop } from './support/shop.ts';

const buyersCount = 5;
const ordersEach = 4;
/** What is killed, one after the other, from the cancellation on. */
const killed = ['orders-1', 'payments-1', 'nats', 'payments-2', 'orders-2'];

let shop: Shop;
let organiser: Person;
let buyers: readonly Person[];

beforeAll(async () => {
  shop = await openShop({
    client: false,
    replicas: { orders: 2, payments: 2 },
    env: {
      orders: { ...ordersWithoutLimits, SWEEP_EVERY_MS: '200' },
      payments: { RECONCILE_EVERY_MS: '500', RECONCILE_AFTER_MS: '2000' },
    },
  });
  [organiser, ...buyers] = await Promise.all([
    shop.person(),
    ...Array.from({ length: buyersCount }, () => shop.person()),
  ]);
});

afterAll(() => shop?.end());

async function bought(show: ShowAnswer, buyer: Person, n: number): Promise<Order> {
  const kind = show.kinds[n % 3 === 2 ? 1 : 0];
  const lines = [{ kindId: kind?.id, quantity: 1 + (n % 3) }];
  const { status, body } = await buyer.call<Order>('POST', '/api/orders', { showId: show.id, lines });
  expect(status).toBe(201);
  if (kind?.price) await paid(shop, buyer, body);
  return body;
}

const isOver = (stored: { status: string; tickets: { ended: string | null }[] }) =>
  stored.status === 'complete' && stored.tickets.every(({ ended }) => ended === 'show-cancelled');

interface AtStripe {
  readonly paid: number;
  readonly refunds: readonly number[];
}

/** What Stripe has refunded for each order. */
const refundedAtStripe = () =>
  withBooks(shop, async ({ stripe }) => {
    const found = new Map<string | undefined, AtStripe>();
    for await (const { id, amount_received: paid, metadata } of stripe.paymentIntents.list({ limit: 100 })) {
      const refunds = await stripe.refunds.list({ payment_intent: id, limit: 100 });
      found.set(metadata.orderId, { paid, refunds: refunds.data.map(({ amount }) => amount) });
    }
    return found;
  });

it('a cancelled show refunds every buyer in full and once, while processes are killed', async () => {
  const show = await shop.announce(organiser, {
    kinds: [
      { name: 'Stalls', price: 1500, quantity: 100 },
      { name: 'Friends', price: 0, quantity: 100 },
    ],
  });
  await eventually(async () => {
    expect(await shop.stored('orders', 'known-shows', { _id: show.id, state: 'on-sale' })).toHaveLength(1);
  });
  const orders = await Promise.all(
    buyers.flatMap((buyer) => Array.from({ length: ordersEach }, (_, n) => bought(show, buyer, n))),
  );
  const complete = () => shop.stored('orders', 'orders', { showId: show.id, status: 'complete' });
  await eventually(async () => expect(await complete()).toHaveLength(orders.length), 120_000);
  // One of them was refunded a ticket before, and another an amount.
  const [first, second] = orders.filter(({ total }) => total === 3_000);
  const [ticket] = first?.tickets ?? [];
  const refund = (of: Order | undefined, body: object) =>
    organiser.call('POST', `/api/payments/${of?.id}/refund`, body);
  expect((await refund(first, { tickets: [ticket?.id] })).status).toBe(200);
  expect((await refund(second, { amount: 700 })).status).toBe(200);

  expect((await organiser.call('POST', `/api/shows/${show.id}/cancel`)).status).toBe(200);
  for (const name of killed) {
    await sleep(Math.random() * 300);
    await shop.platform.kill(name);
    await shop.platform.restart(name);
  }

  await eventually(async () => expect((await complete()).filter(isOver)).toHaveLength(orders.length), 120_000);
  await eventually(async () => {
    const paid = orders.filter(({ total }) => total !== 0).map(({ id }) => id);
    const refunded = await shop.stored('orders', 'orders', { showId: show.id, refundedAt: { $ne: null } });
    expect(refunded.map(({ _id }) => _id).sort()).toEqual(paid.toSorted());
  }, 90_000);
  const atStripe = await refundedAtStripe();
  for (const { id, total, tickets } of orders.filter((it) => it.total !== 0)) {
    const { paid, refunds = [] } = atStripe.get(id) ?? {};
    expect([id, paid, refunds.reduce((sum, it) => sum + it, 0)]).toEqual([id, total, total]);
    expect(refunds).toHaveLength((tickets?.length ?? 0) + (id === second?.id ? 1 : 0));
  }
  // What was on its way when a process was killed comes again after ten seconds.
  const mismatches = () => withBooks(shop, async (books) => (await audit(everything(books), 3_000)).mismatches);
  await eventually(async () => expect(await mismatches()).toEqual([]));
});
