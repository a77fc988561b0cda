import type { Order } from '@box-office/common/contracts/orders';
import type { Ticket } from '@box-office/common/contracts/tickets';
import { openCompletions } from './bench/completions.ts';
import { costOf, eachOf, wanted, wantedOfMail } from './bench/cost.ts';
import { openCounter } from './bench/counts.ts';
import { openShop, type Person, type Shop } from './support/shop.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await openShop({ client: false });
}, 60_000);

afterAll(() => shop?.end(), 30_000);

const purchasesEach = 6;

it('one purchase takes at most 12 commands that write, 12 that read, and 7 messages', async () => {
  const { addresses, operator, pids } = shop.platform;
  const counter = await openCounter(addresses.mongo ?? '', operator, pids);
  const completions = await openCompletions(operator);
  const [seller, ...buyers] = await Promise.all(Array.from({ length: 5 }, () => shop.person()));
  if (!seller) throw new Error('there is a seller');
  const sell = async (): Promise<Ticket> => {
    const ticket = await shop.sell(seller);
    await shop.known(ticket);
    return ticket;
  };
  const stock = await Promise.all(buyers.map(() => Promise.all(Array.from({ length: purchasesEach }, sell))));

  const buy = async (buyer: Person, ticket: Ticket) => {
    const { status, body: order } = await buyer.call<Order>('POST', '/api/orders', { ticketId: ticket.id });
    expect(status).toBe(201);
    expect((await shop.pay(buyer, order)).status).toBe(200);
    await completions.of(order.id);
  };
  const cost = await costOf(counter.read, async () => {
    await Promise.all(
      buyers.map(async (buyer, index) => {
        for (const ticket of stock[index] ?? []) await buy(buyer, ticket);
      }),
    );
  });
  await Promise.all([counter.close(), completions.close()]);

  const each = eachOf(cost, buyers.length * purchasesEach);
  const kinds = ['writes', 'reads', 'messages'] as const;
  const tooMuch = kinds.filter((kind) => each.sale[kind] > wanted[kind] || each.mail[kind] > wantedOfMail[kind]);
  // What it was, only where it was too much.
  expect({ tooMuch, ...(tooMuch.length > 0 && { each, cost }) }).toEqual({ tooMuch: [] });
}, 120_000);
