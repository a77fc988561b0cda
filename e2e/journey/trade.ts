import { setTimeout as sleep } from 'node:timers/promises';
import type { Order } from '@box-office/common/contracts/orders';
import type { Ticket } from '@box-office/common/contracts/tickets';
import type { Answer, Person, Visitor } from '../support/visitor.ts';

export interface Sale {
  readonly title: string;
  readonly buyer: Person;
  readonly order: Order;
}

/** The result of trading. */
export interface Trades {
  /** The paid sales. */
  readonly sold: Sale[];
  /** Each request with an unexpected answer, with its time. */
  readonly failed: string[];
  /** How long each answer took, in milliseconds. */
  readonly tookMs: number[];
}

/** How long a request is retried while an event is on its way. */
const patienceMs = 30_000;
const lookAgainMs = 20;
/** The pause after a failure. */
const afterFailureMs = 100;

export const price = 1_500;

/**
 * Sells and buys one ticket after another until stopped, with every kind of request, `traders` at a time. A failure is
 * not retried, except a 404 for something on its way: a service may receive an order before its ticket, or a payment
 * before its order.
 */
export async function trade(shop: Visitor, traders: number, signal: AbortSignal): Promise<Trades> {
  const trades: Trades = { sold: [], failed: [], tookMs: [] };
  await Promise.all(Array.from({ length: traders }, () => traderIn(shop, trades, signal)));
  return trades;
}

/** The sales that are not complete by now, a sentence each. */
export async function incomplete(sales: readonly Sale[]): Promise<string[]> {
  const orders = await Promise.all(
    sales.map(({ buyer, order }) => buyer.call<Order>('GET', `/api/orders/${order.id}`)),
  );
  return orders
    .filter(({ body }) => body.status !== 'complete')
    .map(({ status, body }) => `a paid order was answered ${status} ${JSON.stringify(body)}`);
}

class Failed extends Error {}

async function traderIn(shop: Visitor, { sold, failed, tookMs }: Trades, signal: AbortSignal): Promise<void> {
  const [seller, buyer] = await Promise.all([shop.person(), shop.person()]);

  /** @throws Failed on any other answer */
  async function expect<Body>(
    what: string,
    statuses: readonly number[],
    answering: Promise<Answer<unknown>>,
  ): Promise<Answer<Body>> {
    const began = performance.now();
    const answer = await answering.catch((error: Error) => ({ status: 0, body: String(error.cause ?? error) }));
    tookMs.push(performance.now() - began);
    if (!statuses.includes(answer.status))
      throw new Failed(`${what} was answered ${answer.status} ${JSON.stringify(answer.body).slice(0, 200)}`);
    return answer as Answer<Body>;
  }

  async function onceKnown<Body>(what: string, status: number, ask: () => Promise<Answer<unknown>>): Promise<Body> {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      const answer = await expect<Body>(what, Date.now() < deadline ? [status, 404] : [status], ask());
      if (answer.status === status) return answer.body;
      await sleep(lookAgainMs);
    }
  }

  async function sellOne(title: string): Promise<void> {
    const listing = seller.call('POST', '/api/tickets', { title, price });
    const { body: ticket } = await expect<Ticket>('selling', [201], listing);
    const reserve = () => buyer.call('POST', '/api/orders', { ticketId: ticket.id });
    const order = await onceKnown<Order>('reserving', 201, reserve);
    await Promise.all([
      expect('looking at an order', [200], buyer.call('GET', `/api/orders/${order.id}`)),
      expect('looking at tickets', [200], shop.ask('GET', '/api/tickets')),
      expect('asking who one is', [200], buyer.call('GET', '/api/auth/currentuser')),
      expect(
        'signing in',
        [200],
        shop.ask('POST', '/api/auth/token', { email: buyer.email, password: buyer.password }),
      ),
    ]);
    await onceKnown('paying', 200, () => shop.pay(buyer, order));
    sold.push({ title, buyer, order });
  }

  for (let number = 1; !signal.aborted; number++) {
    try {
      await sellOne(`Seat ${number} of ${seller.id}`);
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      failed.push(`${new Date().toISOString()} ${error.message}`);
      await sleep(afterFailureMs);
    }
  }
}
