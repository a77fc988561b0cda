import { MongoClient } from 'mongodb';
import type { Person, Shop } from '../support/shop.ts';
import { type Path, timed } from './measure.ts';
import { untilSeen } from './until-seen.ts';

/** Listing a ticket as people do, and as it would be without gateway and identity check in between. */
export async function sellTickets(
  shop: Shop,
): Promise<{ throughGateway: Path; atService: Path; close(): Promise<void> }> {
  const seller = await shop.person();
  const details = { title: 'Opera', price: 1500 };
  const identity = async () => {
    const answer = await fetch(new URL('/identity', shop.platform.addresses.auth), {
      headers: { authorization: `Bearer ${seller.token}`, 'x-forwarded-method': 'POST' },
    });
    return answer.headers.get('authorization') ?? '';
  };
  return {
    throughGateway: () => timed(() => created(seller.call('POST', '/api/tickets', details))),
    async atService() {
      const authorization = await identity();
      return timed(() =>
        created(
          fetch(new URL('/api/tickets', shop.platform.addresses.tickets), {
            method: 'POST',
            headers: { authorization, 'content-type': 'application/json' },
            body: JSON.stringify(details),
          }).then(async (answer) => ({ status: answer.status, body: await answer.json() })),
        ),
      );
    },
    async close() {},
  };
}

/** From the answer to an order until payments knows it. */
export async function ordersToPayments(shop: Shop, samples: number): Promise<{ run: Path; close(): Promise<void> }> {
  const [seller, buyer] = await Promise.all([shop.person(), shop.person()]);
  const tickets = await forSale(shop, seller, samples + 50);
  const client = await new MongoClient(shop.platform.addresses.mongo ?? '').connect();
  const copies = client.db('payments').collection<{ _id: string }>('payable-orders');
  return {
    async run() {
      const ticketId = tickets.pop();
      const { status, body } = await buyer.call('POST', '/api/orders', { ticketId });
      await created(Promise.resolve({ status }));
      return timed(() => untilSeen(copies, body.id));
    },
    close: () => client.close(),
  };
}

async function forSale(shop: Shop, seller: Person, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let made = 0; made < count; made += 25) {
    const batch = await Promise.all(Array.from({ length: 25 }, () => shop.sell(seller)));
    await Promise.all(batch.map((ticket) => shop.known(ticket)));
    ids.push(...batch.map(({ id }) => id));
  }
  return ids;
}

async function created(answering: Promise<{ status: number }>): Promise<void> {
  const { status } = await answering;
  if (status !== 201) throw new Error(`expected 201, got ${status}`);
}
