import { eventually } from '@box-office/common/testing/eventually';
import type { SandboxState } from '@box-office/stripe-sandbox/control';
import { type ServiceEntry, serviceNames, services } from '../services.ts';
import { price, trade } from './journey/trade.ts';
import { openShop, type Shop } from './support/shop.ts';

const traders = 6;

let shop: Shop;

beforeAll(async () => {
  shop = await openShop({
    client: false,
    replicas: Object.fromEntries(serviceNames.map((service) => [service, 2])),
    env: Object.fromEntries(serviceNames.map((service) => [service, { WRITES_PER_MINUTE: '1000000' }])),
  });
});

afterAll(() => shop?.end());

/** What only somebody who is signed in may ask a service; of others, what they serve. */
const known: Partial<Record<string, readonly [method: string, path: string]>> = {
  auth: ['GET', '/api/auth/sessions'],
  tickets: ['GET', '/api/tickets/mine'],
  payments: ['POST', '/api/payments'],
  mail: ['GET', '/api/mail/refused'],
};
const asked = services.flatMap(({ name, serves: [path] }: ServiceEntry) =>
  path ? [[name, ...(known[name] ?? ['GET', path])] as const] : [],
);
/** Each replica of a service is reached through each of auth. */
const oftenEnough = 12;

it('refuses an ended session at every service a second later, although every replica of auth remembered it', async () => {
  const person = await shop.person();
  const [, token] = person.cookie.split('=');
  const refusals = async () => {
    const all = asked.flatMap((it) => Array<typeof it>(oftenEnough).fill(it));
    const answers = await Promise.all(
      all.map(async ([service, method, path]) => {
        const { status } = await person.call(method, path, method === 'GET' ? undefined : {});
        return `${service} ${status === 401 ? 'refused' : 'answered'}`;
      }),
    );
    return [...new Set(answers)].sort();
  };
  const names = asked.map(([service]) => service).sort();
  expect(await refusals()).toEqual(names.map((name) => `${name} answered`));
  // By another session of the same person.
  const ended = await shop.ask('DELETE', '/api/auth/sessions', undefined, { Authorization: `Bearer ${token}` });
  expect(ended.status).toBe(204);
  const endedAt = performance.now();
  await eventually(() => expect(performance.now() - endedAt).toBeGreaterThan(1_000));
  expect(await refusals()).toEqual(names.map((name) => `${name} refused`));
});

it('replaces all replicas of all services under load: no request fails through the gateway, and none has two effects', async () => {
  const closing = new AbortController();
  const trades = trade(shop, traders, closing.signal);
  // On a busy machine one round is over before enough was sold.
  do await Promise.all(serviceNames.map(roll));
  while ((await soldSoFar()) <= 5 * traders);
  closing.abort();
  const { failed, sold } = await trades;

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
});

/** As in a cluster: each one after the one before is ready again and gets requests. */
async function roll(service: string): Promise<void> {
  for (const replica of [1, 2]) await shop.platform.restart(`${service}-${replica}`);
}

async function soldSoFar(): Promise<number> {
  return (await shop.stored('orders', 'orders', { status: 'complete' })).length;
}

/** Stripe has each order's payment once, with the full price. */
async function paid(): Promise<string[]> {
  const { url, secretKey } = shop.platform.stripe;
  const headers = { authorization: `Bearer ${secretKey}` };
  const response = await fetch(new URL('/sandbox/state', url), { headers });
  const { intents } = (await response.json()) as SandboxState;
  return intents.map(({ metadata, status, received }) => `${metadata.orderId} ${status} ${received}`);
}
