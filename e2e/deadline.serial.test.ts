import type { Order } from '@box-office/common/contracts/orders';
import type { Ticket } from '@box-office/common/contracts/tickets';
import { eventually } from '@box-office/common/testing/eventually';
import { openShop, type Person, type Shop } from './support/shop.ts';

const windowMs = 1_500;

let shop: Shop;
let seller: Person;
let buyer: Person;

beforeAll(async () => {
  // Without the sweep, so that only its timer ends an order.
  const orders = { ORDER_WINDOW_MS: `${windowMs}`, SWEEP_EVERY_MS: '3600000' };
  shop = await openShop({ client: false, env: { orders } });
  [seller, buyer] = await Promise.all([shop.person(), shop.person()]);
});

afterAll(() => shop?.end());

async function reserved(): Promise<{ ticket: Ticket; order: Order }> {
  const ticket = await shop.sell(seller);
  await shop.known(ticket);
  const answer = await buyer.call<Order>('POST', '/api/orders', { ticketId: ticket.id });
  expect(answer.status).toBe(201);
  return { ticket, order: answer.body };
}

const orderNow = async (id: string): Promise<Order> => (await buyer.call<Order>('GET', `/api/orders/${id}`)).body;

describe('an order that nobody pays', () => {
  it('expires by its timer, not before its time, and its ticket can be reserved again', async () => {
    const { ticket, order } = await reserved();
    const endedAt = await eventually(async () => {
      expect((await orderNow(order.id)).status).toBe('cancelled');
      return Date.now();
    });
    expect(endedAt).toBeGreaterThanOrEqual(Date.parse(order.expiresAt));
    expect(await orderNow(order.id)).toMatchObject({ reason: 'expired' });
    const again = await buyer.call<Order>('POST', '/api/orders', { ticketId: ticket.id });
    expect([again.status, again.body.attempt]).toEqual([201, 2]);
    await eventually(async () => {
      // Which order holds a ticket, its seller alone is told.
      const { body } = await seller.call<Ticket[]>('GET', '/api/tickets/mine');
      expect(body.find(({ id }) => id === ticket.id)?.orderId).toBe(again.body.id);
    });
  });
});

describe('a payment at the moment of the deadline', () => {
  it('is either taken for a complete order or not taken at all', async () => {
    const rounds = await Promise.all(
      Array.from({ length: 10 }, async (_, round) => {
        const { order } = await reserved();
        // From well before the deadline to just after it.
        const payAt = Date.parse(order.expiresAt) - 450 + round * 60;
        await new Promise((resolve) => setTimeout(resolve, payAt - Date.now()));
        await shop.pay(buyer, order);
        return order;
      }),
    );
    const endings = await Promise.all(
      rounds.map((order) =>
        eventually(async () => {
          const { status } = await orderNow(order.id);
          expect(['complete', 'cancelled']).toContain(status);
          const [payment] = await shop.stored('payments', 'payments', { _id: order.id });
          if (status === 'complete') expect(payment?.status).toBe('captured');
          else expect([undefined, 'pending', 'voided']).toContain(payment?.status);
          const intent = payment?.stripeId ? await intentNow(payment.stripeId) : undefined;
          if (status === 'complete') expect(intent).toMatchObject({ status: 'succeeded', amount_received: 1500 });
          else expect(intent?.status ?? 'canceled').toBe('canceled');
          return status;
        }, 20_000),
      ),
    );
    expect(endings).toHaveLength(10);
  });
});

async function intentNow(id: string): Promise<{ status: string; amount_received: number }> {
  const response = await fetch(new URL(`/v1/payment_intents/${id}`, shop.platform.addresses.stripe), {
    headers: { Authorization: `Bearer ${shop.platform.stripe.secretKey}` },
  });
  return (await response.json()) as { status: string; amount_received: number };
}
