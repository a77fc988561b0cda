import type { Order } from '@box-office/common/contracts/orders';
import type { Ticket } from '@box-office/common/contracts/tickets';
import { ordersWithoutLimits, type Person, type Shop } from '../support/shop.ts';
import type { Completions } from './completions.ts';
import { pause, settleMs } from './cost.ts';
import { type Sample, timed } from './measure.ts';

/** No bench is slowed down by what protects the platform from a single caller. */
export const unlimited = {
  auth: { SIGNUPS_PER_ADDRESS: '100000' },
  tickets: { WRITES_PER_MINUTE: '1000000' },
  orders: { WRITES_PER_MINUTE: '1000000', ...ordersWithoutLimits },
  payments: { WRITES_PER_MINUTE: '1000000' },
};

/** Tickets on sale that orders knows and whose events have left the outboxes. */
export async function forSale(shop: Shop, seller: Person, count: number): Promise<Ticket[]> {
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

export async function hold(buyer: Person, ticket: Ticket): Promise<Order> {
  const { status, body } = await buyer.call<Order>('POST', '/api/orders', { ticketId: ticket.id });
  if (status !== 201) throw new Error(`an order was answered ${status} ${JSON.stringify(body)}`);
  return body;
}

/** From the order until it is announced as complete. */
export async function buy(shop: Shop, completions: Completions, buyer: Person, ticket: Ticket): Promise<void> {
  const order = await hold(buyer, ticket);
  const { status, body } = await shop.pay(buyer, order);
  if (status !== 200) throw new Error(`a payment was answered ${status} ${JSON.stringify(body)}`);
  await completions.of(order.id);
}

export interface Speed {
  readonly perSecond: number;
  readonly times: readonly Sample[];
}

/** Does it for each, so many at once. */
export async function together<Item>(
  items: readonly Item[],
  atOnce: number,
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
