import type { Order } from '@box-office/common/contracts/orders';
import type { Ticket } from '@box-office/common/contracts/tickets';
import { eventually } from '@box-office/common/testing/eventually';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { openCompletions } from './bench/completions.ts';
import { costOf, eachOf, settleMs, wanted, wantedOfMail } from './bench/cost.ts';
import { openCounter, totalOf } from './bench/counts.ts';
import { openShop, type Person, type Shop } from './support/shop.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await openShop({ client: false });
});

afterAll(() => shop?.end());

const purchasesEach = 6;
/** What clearing outboxes may take of the writes of a purchase where nothing is slow. */
const ofClearing = 0.5;
/** Not the relay's own number: more often would cost more. */
const clearedEveryMs = 3_000;

it('one purchase takes at most 12 commands that write, 12 that read, and 7 messages', async () => {
  const { addresses, operator, pids } = shop.platform;
  const counter = await openCounter(addresses.mongo ?? '', operator, pids);
  const completions = await openCompletions(operator);
  const broker = await connect(operator);
  const jsm = await jetstreamManager(broker);
  const [seller, ...buyers] = await Promise.all(Array.from({ length: 5 }, () => shop.person()));
  if (!seller) throw new Error('there is a seller');
  const sell = async (): Promise<Ticket> => {
    const ticket = await shop.sell(seller);
    await shop.known(ticket);
    return ticket;
  };
  const stock = await Promise.all(buyers.map(() => Promise.all(Array.from({ length: purchasesEach }, sell))));

  /** Asked of the broker: a payment that comes before its order's event looks for it again and again. */
  const isPayable = async (id: string) => {
    const event = await jsm.streams.getMessage('orders', { last_by_subj: `orders.${id}.created` });
    const { ack_floor: handled } = await jsm.consumers.info('orders', 'payments');
    expect(handled.stream_seq).toBeGreaterThanOrEqual(event?.seq ?? Number.POSITIVE_INFINITY);
  };
  const buy = async (buyer: Person, ticket: Ticket) => {
    const { status, body: order } = await buyer.call<Order>('POST', '/api/orders', { ticketId: ticket.id });
    expect(status).toBe(201);
    await eventually(() => isPayable(order.id));
    expect((await shop.pay(buyer, order)).status).toBe(200);
    await completions.of(order.id);
  };
  let rounds = 0;
  const cost = await costOf(counter.read, async () => {
    const from = performance.now();
    await Promise.all(
      buyers.map(async (buyer, index) => {
        for (const ticket of stock[index] ?? []) await buy(buyer, ticket);
      }),
    );
    rounds = (performance.now() - from + settleMs) / clearedEveryMs + 1;
  });
  await Promise.all([counter.close(), completions.close(), broker.close()]);

  const purchases = buyers.length * purchasesEach;
  const each = eachOf(cost, purchases);
  // Outboxes are cleared every 3 s, with a bookmark and a bulk write for all that was bought meanwhile: on a slow
  // machine more often for as many purchases. Only what the clock accounts for is left out.
  const bookmarks = [...cost.writes].filter(([name]) => name.endsWith('.bookmarks'));
  const clearings = totalOf(new Map(bookmarks.map(([name, count]) => [name, Math.min(Math.max(count, 0), rounds)])));
  const steady = { ...each.sale, writes: each.sale.writes + ofClearing - (2 * clearings) / purchases };
  const kinds = ['writes', 'reads', 'messages'] as const;
  const tooMuch = kinds.filter((kind) => steady[kind] > wanted[kind] || each.mail[kind] > wantedOfMail[kind]);
  // What it was, only where it was too much.
  expect({ tooMuch, ...(tooMuch.length > 0 && { steady, each, cost }) }).toEqual({ tooMuch: [] });
});
