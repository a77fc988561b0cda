import assert from 'node:assert/strict';
import type { Order } from '@box-office/common/contracts/orders';
import type { Ticket } from '@box-office/common/contracts/tickets';
import { eventually } from '@box-office/common/testing/eventually';
import type { Person, Visitor } from '../support/visitor.ts';

/** What a shop must be able to do, seen from outside only. Each throws when something is wrong. */
export interface Leg {
  readonly name: string;
  /** Requests so much that it takes a while. */
  readonly heavy?: true;
  run(shop: Visitor): Promise<void>;
}

/** How many tickets the loop lists. */
const listed = 200;
/** Who order them: one person may have only so many orders to pay. */
const buying = 20;

export const journey: readonly Leg[] = [
  { name: 'a ticket is listed, reserved, paid for and owned, once', run: purchase },
  { name: 'a declined card may be followed by another', run: declined },
  { name: 'a reservation that is given up frees the ticket for somebody else', run: givenUp },
  {
    name: `${listed} tickets listed and priced twice at once are ordered at their last price`,
    heavy: true,
    run: priceLoop,
  },
  { name: 'nobody is whom they only claim to be, and what is inside stays inside', run: boundaries },
];

async function purchase(shop: Visitor): Promise<void> {
  const [seller, buyer, rival] = await Promise.all([shop.person(), shop.person(), shop.person()]);
  const ticket = await shop.sell(seller);
  const order = await reserve(buyer, ticket);
  await pays(shop, buyer, order);
  await eventually(async () => {
    assert.equal((await orderNow(buyer, order)).status, 'complete');
    assert.equal((await ticketNow(buyer, ticket)).state, 'sold');
  });
  const late = await rival.call('POST', '/api/orders', { ticketId: ticket.id });
  assert.deepEqual([late.status, late.body.code], [409, 'ticket-reserved']);
}

async function declined(shop: Visitor): Promise<void> {
  const [seller, buyer] = await Promise.all([shop.person(), shop.person()]);
  const order = await reserve(buyer, await shop.sell(seller));
  await eventually(async () => assert.equal((await shop.pay(buyer, order, '4000000000000002')).status, 402));
  await pays(shop, buyer, order);
  await eventually(async () => assert.equal((await orderNow(buyer, order)).status, 'complete'));
}

async function givenUp(shop: Visitor): Promise<void> {
  const [seller, first, second] = await Promise.all([shop.person(), shop.person(), shop.person()]);
  const ticket = await shop.sell(seller);
  const order = await reserve(first, ticket);
  assert.equal((await first.call('DELETE', `/api/orders/${order.id}`)).status, 200);
  const next = await reserve(second, ticket);
  await pays(shop, second, next);
  await eventually(async () => assert.equal(await heldBy(seller, ticket), next.id));
}

/** Changes are announced one by one; an order shows which of them orders has received. */
async function priceLoop(shop: Visitor): Promise<void> {
  const [seller, ...buyers] = await Promise.all([
    shop.person(),
    ...Array.from({ length: buying }, () => shop.person()),
  ]);
  const listOne = async () => {
    const ticket = await shop.sell(seller, { title: 'ticket', price: 100 });
    const change = async (price: number) => {
      const { status, body } = await seller.call('PUT', `/api/tickets/${ticket.id}`, { title: 'ticket', price });
      assert.equal(status, 200, `a change was answered ${status} ${JSON.stringify(body)}`);
    };
    await change(1_000);
    await change(1_500);
    return ticket;
  };
  const tickets = await Promise.all(Array.from({ length: listed }, listOne));

  const prices = await Promise.all(
    tickets.map(async (ticket, index) => {
      const { version, price } = await ticketNow(seller, ticket);
      assert.deepEqual([version, price], [2, 1_500]);
      // An order placed before orders has received the last change has the earlier price: so the buyer reads the ticket
      // again.
      let tries = index;
      return eventually(async () => {
        const buyer = buyers[tries++ % buying] ?? seller;
        const order = await reserve(buyer, ticket);
        if (order.ticket.price === 1_500) return order.ticket.price;
        await buyer.call('DELETE', `/api/orders/${order.id}`);
        throw new Error(`ordered at ${order.ticket.price}`);
      });
    }),
  );
  assert.deepEqual(prices, Array(listed).fill(1_500));
}

async function boundaries(shop: Visitor): Promise<void> {
  const person = await shop.person();
  const status = async (method: string, path: string, headers: Record<string, string> = {}) =>
    (await shop.ask(method, path, undefined, headers)).status;

  assert.equal(await status('GET', '/api/orders'), 401);
  assert.equal(await status('GET', '/api/orders', { Authorization: 'Bearer made-up' }), 401);
  // Identities are signed, and internal headers from outside must not be accepted.
  const claim = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
  const payload = Buffer.from(JSON.stringify({ sub: person.id, exp: 4_102_444_800 })).toString('base64url');
  assert.equal(await status('GET', '/api/orders', { Authorization: `Bearer ${claim}.${payload}.` }), 401);
  assert.equal(await status('GET', '/api/orders', { 'X-User-Id': person.id, 'X-Forwarded-User': person.id }), 401);
  for (const inside of ['/identity', '/metrics', '/healthz/ready', '/.well-known/jwks.json', '/api/expiration'])
    assert.ok((await status('GET', inside)) >= 400, `${inside} is reachable from outside`);
}

async function reserve(buyer: Person, ticket: Ticket): Promise<Order> {
  // Its event may still be on the way, and so may that of a released reservation.
  return eventually(async () => {
    const { status, body } = await buyer.call('POST', '/api/orders', { ticketId: ticket.id });
    assert.equal(status, 201, `reserving was answered ${status} ${JSON.stringify(body)}`);
    return body;
  });
}

async function pays(shop: Visitor, buyer: Person, order: Order): Promise<void> {
  await eventually(async () => {
    const { status, body } = await shop.pay(buyer, order);
    assert.equal(status, 200, `paying was answered ${status} ${JSON.stringify(body)}`);
  });
}

/** The order that holds a ticket, which its seller alone is told. */
async function heldBy(seller: Person, { id }: Ticket): Promise<string | null | undefined> {
  const { body } = await seller.call<Ticket[]>('GET', '/api/tickets/mine');
  return body.find((ticket) => ticket.id === id)?.orderId;
}

const ticketNow = async (who: Person, { id }: Ticket): Promise<Ticket> =>
  (await who.call<Ticket>('GET', `/api/tickets/${id}`)).body;
const orderNow = async (who: Person, { id }: Order): Promise<Order> =>
  (await who.call<Order>('GET', `/api/orders/${id}`)).body;
