import type { Order } from '@box-office/common/contracts/orders';
import type { Ticket } from '@box-office/common/contracts/tickets';
import { MongoClient } from 'mongodb';
import { openShop, ordersWithoutLimits, type Person, type Shop } from '../support/shop.ts';
import { type Completions, openCompletions } from './completions.ts';
import { costOf, eachOf, pause, settleMs, wanted } from './cost.ts';
import { between, type Counted, openCounter } from './counts.ts';
import { type Sample, spread, timed } from './measure.ts';
import { printTable, printWanted } from './table.ts';

/** Purchases one after the other, of which the engines count what each costs. */
const countedPurchases = 40;
const atOnce = 16;

/** No bench is slowed down by what protects the platform from a single caller. */
const unlimited = {
  auth: { SIGNUPS_PER_ADDRESS: '100000' },
  tickets: { WRITES_PER_MINUTE: '1000000' },
  orders: { WRITES_PER_MINUTE: '1000000', ...ordersWithoutLimits },
  payments: { WRITES_PER_MINUTE: '1000000' },
};

/** What a sale costs, and how many there can be, beside a floor: minimal conditional writes by the bare driver. */
export async function benchSale(purchases: number): Promise<void> {
  const shop = await openShop({ client: false, env: unlimited });
  try {
    const { mongo = '', nats = '' } = shop.platform.addresses;
    const counter = await openCounter(mongo, nats, shop.platform.pids);
    const completions = await openCompletions(nats);
    const seller = await shop.person();
    const buyers = await Promise.all(Array.from({ length: atOnce }, () => shop.person()));
    const buyerOf = (index: number): Person => {
      const buyer = buyers[index % buyers.length];
      if (!buyer) throw new Error('there are no buyers');
      return buyer;
    };

    const counted = await forSale(shop, seller, countedPurchases);
    const cost = await costOf(counter.read, async () => {
      for (const [index, ticket] of counted.entries()) await buy(shop, completions, buyerOf(index), ticket);
    });
    printCost(cost, countedPurchases);

    const [held, bought] = [await forSale(shop, seller, purchases), await forSale(shop, seller, purchases)];
    const floor = await conditionalWrites(mongo, purchases);
    const before = await counter.read();
    const holds = await together(held, (ticket, index) => hold(buyerOf(index), ticket));
    const after = await counter.read();
    await pause(settleMs);
    const whole = await together(bought, (ticket, index) => buy(shop, completions, buyerOf(index), ticket));
    printHolds(between(before, after), purchases);
    printSpeed({ floor, holds, whole });
    await Promise.all([counter.close(), completions.close()]);
  } finally {
    await shop.end();
  }
}

/** Tickets on sale that orders knows and whose events have left the outboxes. */
async function forSale(shop: Shop, seller: Person, count: number): Promise<Ticket[]> {
  const tickets: Ticket[] = [];
  while (tickets.length < count) {
    const batch = Math.min(25, count - tickets.length);
    const made = await Promise.all(Array.from({ length: batch }, () => shop.sell(seller)));
    await Promise.all(made.map((ticket) => shop.known(ticket)));
    tickets.push(...made);
  }
  await pause(settleMs);
  return tickets;
}

async function hold(buyer: Person, ticket: Ticket): Promise<Order> {
  const { status, body } = await buyer.call<Order>('POST', '/api/orders', { ticketId: ticket.id });
  if (status !== 201) throw new Error(`an order was answered ${status} ${JSON.stringify(body)}`);
  return body;
}

/** From the order until it is announced as complete. */
async function buy(shop: Shop, completions: Completions, buyer: Person, ticket: Ticket): Promise<void> {
  const order = await hold(buyer, ticket);
  const { status, body } = await shop.pay(buyer, order);
  if (status !== 200) throw new Error(`a payment was answered ${status} ${JSON.stringify(body)}`);
  await completions.of(order.id);
}

interface Speed {
  readonly perSecond: number;
  readonly times: readonly Sample[];
}

/** Does it for each, so many at once. */
async function together<Item>(
  items: readonly Item[],
  task: (item: Item, index: number) => Promise<unknown>,
): Promise<Speed> {
  const times: Sample[] = [];
  const waiting = items.entries();
  const worker = async () => {
    for (const [index, item] of waiting) times.push(await timed(() => task(item, index)));
  };
  const tookMs = await timed(() => Promise.all(Array.from({ length: atOnce }, worker)));
  return { perSecond: (items.length / tookMs) * 1_000, times };
}

/** The floor: a document is changed if it has the version that was read, and nothing else happens. */
async function conditionalWrites(mongoUrl: string, count: number): Promise<Speed> {
  const client = await new MongoClient(mongoUrl, { writeConcern: { w: 'majority', journal: true } }).connect();
  const documents = client.db('bench').collection<{ _id: number; version: number }>('floor');
  await documents.insertMany(Array.from({ length: count }, (_, _id) => ({ _id, version: 0 })));
  const speed = await together(Array.from({ length: count }), async (_, _id) => {
    const { modifiedCount } = await documents.updateOne({ _id, version: 0 }, { $set: { version: 1 } });
    if (modifiedCount !== 1) throw new Error('a conditional write changed nothing');
  });
  await client.db('bench').dropDatabase();
  await client.close();
  return speed;
}

function printCost(cost: Counted, purchases: number): void {
  const rows = (kind: keyof Counted, digits: number) =>
    [...cost[kind]]
      .map(([name, count]) => ({ name, each: count / purchases }))
      .filter(({ each }) => each >= 10 ** -digits)
      .toSorted((one, other) => other.each - one.each)
      .map(({ name, each }) => [name, each.toFixed(digits)]);
  const title = (what: string) => `One purchase, ${what}, the average of ${purchases}`;
  printTable(title('commands that write'), ['collection', ''], rows('writes', 2));
  printTable(title('commands that read'), ['collection', ''], rows('reads', 2));
  printTable(title('messages'), ['stream', ''], rows('messages', 2));
  printProcessors(title('processor time in ms'), cost, purchases);
  console.log('');
  const each = eachOf(cost, purchases);
  for (const kind of ['writes', 'reads', 'messages'] as const) {
    printWanted(`at most ${wanted[kind]} ${kind}`, each[kind].toFixed(1), each[kind] <= wanted[kind]);
  }
}

/** The same for holds, without the idle platform's share, which is small beside so many at once. */
function printHolds(cost: Counted, holds: number): void {
  const title = (what: string) => `One of ${holds} holds, ${atOnce} at once, ${what}`;
  for (const kind of ['writes', 'reads'] as const) {
    const rows = [...cost[kind]]
      .filter(([, count]) => count > 0)
      .map(([name, count]) => [name, (count / holds).toFixed(2)]);
    printTable(title(kind), ['collection', ''], rows);
  }
  printProcessors(title('processor time in ms'), cost, holds);
}

function printProcessors(title: string, { processors }: Counted, times: number): void {
  const rows = [...processors].map(([name, seconds]) => [name, ((seconds * 1_000) / times).toFixed(1)]);
  const all = [...processors.values()].reduce((sum, seconds) => sum + seconds, 0);
  printTable(title, ['process', ''], [...rows, ['together', ((all * 1_000) / times).toFixed(1)]]);
}

function printSpeed(speeds: { floor: Speed; holds: Speed; whole: Speed }): void {
  const row = (what: string, { perSecond, times }: Speed) => {
    const { p50, p99 } = spread(times);
    const ratio = (perSecond / speeds.floor.perSecond).toFixed(2);
    return [what, perSecond.toFixed(1), p50.toFixed(1), p99.toFixed(1), ratio];
  };
  printTable(
    `${atOnce} at once`,
    ['', 'a second', 'p50 ms', 'p99 ms', '× floor'],
    [
      row('floor: one conditional write', speeds.floor),
      row('holds', speeds.holds),
      row('whole purchases', speeds.whole),
    ],
  );
}
