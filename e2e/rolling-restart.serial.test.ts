import type { Order } from '@box-office/common/contracts/orders';
import type { Ticket } from '@box-office/common/contracts/tickets';
import { eventually } from '@box-office/common/testing/eventually';
import { services } from '../infra/local/service-env.ts';
import type { SandboxState } from '../infra/local/stripe-sandbox/control.ts';
import { openShop, type Person, type Shop } from './support/shop.ts';

const traders = 6;
const price = 1_500;

let shop: Shop;

beforeAll(async () => {
  shop = await openShop({
    client: false,
    replicas: Object.fromEntries(services.map((service) => [service, 2])),
    env: Object.fromEntries(services.map((service) => [service, { WRITES_PER_MINUTE: '1000000' }])),
  });
}, 60_000);

afterAll(() => shop?.end(), 30_000);

it('replaces all replicas of all services under load: no request fails through the gateway, and none has two effects', async () => {
  const closing = new AbortController();
  const trades = Promise.all(Array.from({ length: traders }, () => trade(closing.signal)));
  await Promise.all(services.map((service) => roll(service)));
  closing.abort();
  const { failed, sold } = together(await trades);

  expect(failed).toEqual([]);
  expect(sold.length).toBeGreaterThan(5 * traders);
  await eventually(async () => {
    const orders = await shop.stored('orders', 'orders');
    const complete = orders.map(({ _id, status }) => `${_id} ${status}`);
    expect(complete.sort()).toEqual(sold.map(({ order }) => `${order.id} complete`).sort());
  });
  const tickets = await shop.stored('tickets', 'tickets');
  expect(tickets.map(({ title }) => title).sort()).toEqual(sold.map(({ title }) => title).sort());
  expect((await paid()).sort()).toEqual(sold.map(({ order }) => `${order.id} succeeded ${price}`).sort());
}, 180_000);

/** As a cluster does it: the next one when the one before is ready again, and requests are led to it. */
async function roll(service: string): Promise<void> {
  for (const replica of [1, 2]) await shop.platform.restart(`${service}-${replica}`);
}

interface Trades {
  /** Requests that were not answered as they should have been. */
  readonly failed: string[];
  readonly sold: { title: string; order: Order }[];
}

/** One person puts up ticket after ticket, and another buys each, without a pause and with every kind of request. */
async function trade(signal: AbortSignal): Promise<Trades> {
  const [seller, buyer] = await Promise.all([shop.person(), shop.person()]);
  const trades: Trades = { failed: [], sold: [] };

  async function ask<Body>(person: Person, method: string, path: string, body?: unknown): Promise<Body> {
    const answer = await person.call(method, path, body).catch((error) => ({ status: 0, body: String(error) }));
    if (answer.status === 200 || answer.status === 201) return answer.body;
    throw new Error(`${method} ${path} was answered ${answer.status} ${JSON.stringify(answer.body)}`);
  }

  async function sellOne(title: string): Promise<void> {
    const ticket = await ask<Ticket>(seller, 'POST', '/api/tickets', { title, price });
    await shop.known(ticket);
    const order = await ask<Order>(buyer, 'POST', '/api/orders', { ticketId: ticket.id });
    trades.sold.push({ title, order });
    await Promise.all([
      ask(buyer, 'GET', `/api/orders/${order.id}`),
      ask(buyer, 'GET', '/api/tickets'),
      ask(buyer, 'GET', '/api/auth/currentuser'),
      ask(buyer, 'POST', '/api/auth/token', { email: buyer.email, password: buyer.password }),
    ]);
    await eventually(async () => {
      const [known] = await shop.stored('payments', 'payable-orders', { _id: order.id });
      if (!known) throw new Error(`payments never heard of order ${order.id}`);
    });
    const paid = await shop.pay(buyer, order);
    if (paid.status !== 200) throw new Error(`paying was answered ${paid.status} ${JSON.stringify(paid.body)}`);
  }

  for (let number = 1; !signal.aborted && trades.failed.length === 0; number++) {
    await sellOne(`Seat ${number} of ${seller.id}`).catch((error) => trades.failed.push(String(error)));
  }
  return trades;
}

function together(all: readonly Trades[]): Trades {
  return { failed: all.flatMap(({ failed }) => failed), sold: all.flatMap(({ sold }) => sold) };
}

/** What Stripe has of each order: once, and the whole price. */
async function paid(): Promise<string[]> {
  const response = await fetch(new URL('/sandbox/state', shop.platform.addresses.stripe));
  const { intents } = (await response.json()) as SandboxState;
  return intents.map(({ metadata, status, received }) => `${metadata.orderId} ${status} ${received}`);
}
