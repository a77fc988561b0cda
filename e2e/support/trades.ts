import type { Order } from '@box-office/common/contracts/orders';
import { eventually } from '@box-office/common/testing/eventually';
import type { Person, Shop } from './shop.ts';

export const ordered = async (buyer: Person, ticketId: string): Promise<Order> => {
  const answer = await buyer.call<Order>('POST', '/api/orders', { ticketId });
  expect(answer.status).toBe(201);
  return answer.body;
};

/**
 * One ticket, whose fate depends on its number: on sale, edited, reserved, cancelled, ordered again, sold.
 */
export async function trade(shop: Shop, seller: Person, buyer: Person, number: number): Promise<void> {
  const ticket = await shop.sell(seller, { title: `Opera ${number}` });
  await shop.known(ticket);
  if (number % 5 === 0) {
    await seller.call('PUT', `/api/tickets/${ticket.id}`, { title: 'Operetta', price: 1000 + number });
    return;
  }
  const first = await ordered(buyer, ticket.id);
  if (number % 5 === 1) return;
  if (number % 5 < 4) {
    await buyer.call('DELETE', `/api/orders/${first.id}`);
    if (number % 5 === 3) await ordered(buyer, ticket.id);
    return;
  }
  await eventually(async () => expect((await shop.pay(buyer, first)).status).toBe(200));
}

/** A paid order, recorded everywhere. Returns its id. */
export async function soldOrder(shop: Shop, seller: Person, buyer: Person): Promise<string> {
  const ticket = await shop.sell(seller);
  await shop.known(ticket);
  const order = await ordered(buyer, ticket.id);
  await eventually(async () => expect((await shop.pay(buyer, order)).status).toBe(200));
  const payments = () => shop.stored('payments', 'payments', { _id: order.id });
  await eventually(async () => expect(await payments()).toMatchObject([{ status: 'captured' }]));
  await eventually(async () =>
    expect(await shop.stored('tickets', 'tickets', { _id: ticket.id })).toMatchObject([{ hold: { status: 'sold' } }]),
  );
  return order.id;
}
