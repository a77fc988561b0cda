import { MongoClient } from 'mongodb';
import { openShop, type Person } from '../support/shop.ts';
import { openCompletions } from './completions.ts';
import { costOf, eachOf, pause, settleMs, wanted, wantedOfMail } from './cost.ts';
import { between, type Counted, openCounter } from './counts.ts';
import { spread } from './measure.ts';
import { buy, forSale, hold, type Speed, together, unlimited } from './purchases.ts';
import { benchRush } from './rush.ts';
import { printTable, printWanted } from './table.ts';

/** Purchases one after the other, of which the engines count what each costs. */
const countedPurchases = 40;
const atOnce = 16;

export interface SaleOptions {
  /** How many single tickets are held, and how many bought. */
  readonly purchases: number;
  /** Of a show, and how many requests are made for them. */
  readonly units: number;
  readonly buyers: number;
}

/** What a sale costs, and how many there can be, beside a floor: minimal conditional writes by the bare driver. */
export async function benchSale({ purchases, units, buyers }: SaleOptions): Promise<void> {
  const shop = await openShop({ client: false, env: unlimited });
  try {
    const { mongo = '' } = shop.platform.addresses;
    const counter = await openCounter(mongo, shop.platform.operator, shop.platform.pids);
    const completions = await openCompletions(shop.platform.operator);
    const seller = await shop.person();
    const people = await Promise.all(Array.from({ length: atOnce }, () => shop.person()));
    const buyerOf = (index: number): Person => {
      const buyer = people[index % people.length];
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
    const holds = await together(held, atOnce, (ticket, index) => hold(buyerOf(index), ticket));
    const after = await counter.read();
    await pause(settleMs);
    const whole = await together(bought, atOnce, (ticket, index) => buy(shop, completions, buyerOf(index), ticket));
    printHolds(between(before, after), purchases);
    printSpeed({ floor, holds, whole });
    await benchRush(shop, { organiser: seller, people, units, buyers, withinMs: 300_000 });
    await Promise.all([counter.close(), completions.close()]);
  } finally {
    await shop.end();
  }
}

/** The floor: a document is changed if it has the version that was read, and nothing else happens. */
async function conditionalWrites(mongoUrl: string, count: number): Promise<Speed> {
  const client = await new MongoClient(mongoUrl, { writeConcern: { w: 'majority', journal: true } }).connect();
  const documents = client.db('bench').collection<{ _id: number; version: number }>('floor');
  await documents.insertMany(Array.from({ length: count }, (_, _id) => ({ _id, version: 0 })));
  const speed = await together(Array.from({ length: count }), atOnce, async (_, _id) => {
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
    printWanted(`at most ${wanted[kind]} ${kind}`, each.sale[kind].toFixed(1), each.sale[kind] <= wanted[kind]);
    const [ofMail, most] = [each.mail[kind], wantedOfMail[kind]];
    printWanted(`at most ${most} ${kind} for the mails about it`, ofMail.toFixed(1), ofMail <= most);
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
