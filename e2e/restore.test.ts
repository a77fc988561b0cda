import { join } from 'node:path';
import type { Order } from '@box-office/common/contracts/orders';
import { eventually } from '@box-office/common/testing/eventually';
import { findSaver } from './support/backup.ts';
import { withBooks } from './support/books.ts';
import { announcing, namesOf, type Operator, operator } from './support/operator.ts';
import { openShop, type Person, type Shop } from './support/shop.ts';
import { type Trading, trading } from './support/trading.ts';

// Follows docs/operations.md, "Restore", step by step.

let shop: Shop;
let seller: Person;
let market: Trading;
let operate: Operator;

beforeAll(async () => {
  const env = { payments: { RECONCILE_EVERY_MS: '100', RECONCILE_AFTER_MS: '100' } };
  shop = await openShop({ client: false, env });
  const saver = await findSaver(shop.platform.addresses.mongo ?? '', join(shop.dir, 'backup'));
  console.info(`Databases are saved and brought back by ${saver.how}.`);
  let buyer: Person;
  [seller, buyer] = await Promise.all([shop.person(), shop.person()]);
  market = trading(shop, seller, buyer);
  operate = operator(shop, saver);
});

afterAll(() => shop?.end());

describe('a backup', () => {
  it('is all that is needed: from it and an empty JetStream everything comes back, and selling goes on', async () => {
    await market.everything();
    await operate.untilAllAgree();
    const backup = await operate.saved(['auth', ...announcing]);
    const before = await market.seen();

    await operate.stopServices('auth');
    await operate.loseDatabases();
    await operate.putBack(backup);
    await operate.replaceJetStream();
    await operate.startServices('auth');

    await operate.untilAllAgree();
    expect(await market.seen()).toEqual(before);
    const open = before.orders.filter(({ status }) => status === 'created').map(({ id }) => id);
    expect(open.length).toBeGreaterThan(0);
    await eventually(async () => expect(await operate.timers()).toEqual(expect.arrayContaining(open)));
    await market.sold(await market.listed());
    await operate.untilAllAgree();
  });

  it('does as well with a JetStream that is older than itself', async () => {
    const older = join(shop.dir, 'jetstream-older');
    await operate.replaceJetStream({ keepIn: older });
    await market.sold(await market.listed());
    await operate.untilAllAgree();
    const backup = await operate.saved(announcing);
    const before = await market.seen();

    await operate.stopServices();
    await operate.putBack(backup);
    await operate.replaceJetStream({ by: older });
    await operate.startServices();

    await operate.untilAllAgree();
    expect(await market.seen()).toEqual(before);
    await market.sold(await market.listed());
    await operate.untilAllAgree();
  });

  it('keeps a sale that was paid after it, and names the money of one that it knows nothing of', async () => {
    const [known, unknown] = [await market.listed(), await market.listed()];
    const order = await market.ordered(known);
    await market.begun(order);
    const backup = await operate.saved(announcing);
    await market.paid(order);
    const lost = await market.sold(unknown);

    await operate.stopServices();
    await operate.putBack(backup);
    await operate.longAgo(order);
    await operate.replaceJetStream();
    // Payments checks Stripe before orders checks deadlines, and orders receives the result before expiration
    // publishes.
    const payments = shop.platform.restart('payments');
    const status = async (service: string) => (await shop.stored(service, service, { _id: order.id }))[0]?.status;
    await eventually(async () => expect(await status('payments')).toBe('captured'));
    const orders = shop.platform.restart('orders');
    await eventually(async () => expect(await status('orders')).toBe('complete'));
    await Promise.all([payments, orders, ...['tickets', 'expiration'].map((name) => shop.platform.restart(name))]);

    await eventually(async () => expect((await market.ticketNow(known)).body.state).toBe('sold'));
    expect((await market.ticketNow(unknown)).body.state).toBe('on-sale');
    const found = await eventually(async () => {
      const mismatches = await operate.audited();
      expect(mismatches).toHaveLength(1);
      return mismatches[0];
    });
    expect(found).toMatchObject({
      view: { name: 'payments’ money at Stripe' },
      held: null,
      owned: { order: lost.id, taken: 1500 },
    });

    // By a person, in Stripe's dashboard.
    await withBooks(shop, ({ stripe }) => stripe.refunds.create({ payment_intent: found?.id ?? '' }));
    await operate.untilAllAgree();
    await market.sold(unknown);
    await operate.untilAllAgree();
  });
});

describe('databases that are older than the others', () => {
  it('are those of tickets and payments: the audit repairs the copies, and from what it says the payments are put back', async () => {
    const [edited, bought, paying] = [await market.listed(), await market.listed(), await market.listed()];
    const order = await market.ordered(paying);
    await market.begun(order);
    const refunded = await market.sold(await market.listed());
    await operate.untilAllAgree();
    const backup = await operate.saved(['tickets', 'payments']);
    for (const sum of [300, 200]) await refund(refunded, sum);
    await seller.call('PUT', `/api/tickets/${edited.id}`, { title: 'Operetta', price: 1800 });
    await market.paid(order);
    const unknown = await market.sold(bought);
    const lost = await market.listed();
    await operate.untilAllAgree();

    await operate.stopServices();
    await operate.putBack(backup);
    await operate.replaceJetStream();
    await operate.startServices();

    // Orders announces its sales again, and payments reads the known ones from Stripe.
    for (const it of [bought, paying])
      await eventually(async () => expect((await market.ticketNow(it)).body.state).toBe('sold'));
    // A hold is no change of a ticket: of those that were only sold, the copies are as before.
    const ahead = [edited, lost].map(({ id }) => `orders’ copy of tickets ${id}`).toSorted();
    const findings = await eventually(async () => {
      const found = await operate.audited();
      expect(namesOf(found)).toEqual([
        ...ahead,
        `orders’ money in payments ${unknown.id}`,
        // Of two refunds payments has seen the sum, so its next version is one that the order takes for known.
        `orders’ view of payments ${refunded.id}`,
        expect.stringMatching(/^payments’ money at Stripe pi_/),
      ]);
      return found;
    });
    expect(namesOf(await operate.repaired()).filter((it) => !it.includes('money'))).toEqual([]);
    expect((await market.ticketNow(edited)).body).toMatchObject({ title: 'Opera', price: 1500 });
    expect((await market.ticketNow(lost)).status).toBe(404);

    await operate.asTheGuideSays('db.payments.insertOne', 'payments', findings);
    await operate.untilAllAgree();
    await refund(refunded, 400);
    await market.sold(edited);
    await operate.untilAllAgree();
  });

  it('is that of orders: what payments know of them is put back, or else the tickets are free and the money is left to people', async () => {
    const [kept, freed] = [await market.listed(), await market.listed()];
    const [show, guest] = [await oneFreeTicket(), await shop.person()];
    const another = () => guest.call<Order>('POST', '/api/orders', show.wanted);
    await operate.untilAllAgree();
    const backup = await operate.saved(['orders']);
    const [putBackLater, lost] = [await market.sold(kept), await market.sold(freed)];
    const { body: forShow } = await another();
    await operate.untilAllAgree();

    await operate.stopServices();
    await operate.putBack(backup);
    await operate.replaceJetStream();
    await operate.startServices();

    const money = [putBackLater, lost].map(({ id }) => `orders’ money in payments ${id}`).toSorted();
    const findings = await eventually(async () => {
      const found = await operate.audited();
      expect(namesOf(found)).toEqual([
        ...money,
        ...[putBackLater, lost, forShow].map(({ id }) => `payments’ copy of orders ${id}`).toSorted(),
        ...[kept, freed].map(({ id }) => `tickets’ view of orders ${id}`).toSorted(),
        `tickets’ view of orders for shows ${forShow.ticket.id}`,
      ]);
      return found;
    });
    await operate.asTheGuideSays(
      'db.orders.insertOne',
      'orders',
      findings.filter(({ id }) => id === putBackLater.id || id === forShow.id),
    );
    expect(namesOf(await operate.repaired())).toEqual([`orders’ money in payments ${lost.id}`]);
    expect(await another()).toMatchObject({ status: 409, body: { code: 'sold-out' } });
    expect((await market.ticketNow(kept)).body.state).toBe('sold');
    expect((await market.orderNow(putBackLater)).body).toMatchObject({ status: 'complete', ticket: { id: kept.id } });
    expect((await market.ticketNow(freed)).body.state).toBe('on-sale');

    // By a person: the refund, and then the removal of the payment, which belongs to no order.
    const [{ stripeId }] = await shop.stored('payments', 'payments', { _id: lost.id });
    await withBooks(shop, ({ stripe }) => stripe.refunds.create({ payment_intent: stripeId }));
    await eventually(async () =>
      expect(await shop.stored('payments', 'payments', { _id: lost.id })).toMatchObject([{ status: 'refunded' }]),
    );
    await withBooks(shop, ({ payments }) => payments.documents.deleteOne({ _id: lost.id }));
    await operate.untilAllAgree();
    await market.sold(freed);
    await operate.untilAllAgree();
  });
});

/** The seller refunds this part of an order; resolves once the buyer sees it. */
async function refund(order: Order, amount: number): Promise<void> {
  const before = (await market.orderNow(order)).body.refunded ?? 0;
  expect((await seller.call('POST', `/api/payments/${order.id}/refund`, { amount })).status).toBe(200);
  await eventually(async () => expect((await market.orderNow(order)).body.refunded).toBe(before + amount));
}

/** A show with a single ticket, which is free, and the body that orders it. */
async function oneFreeTicket() {
  const { id, kinds } = await shop.announce(seller, { kinds: [{ name: 'Stalls', price: 0, quantity: 1 }] });
  await eventually(async () =>
    expect(await shop.stored('orders', 'known-shows', { _id: id })).toMatchObject([{ state: 'on-sale' }]),
  );
  return { wanted: { showId: id, lines: [{ kindId: kinds[0]?.id ?? '', quantity: 1 }] } };
}
