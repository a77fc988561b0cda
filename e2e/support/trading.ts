import type { Order } from '@box-office/common/contracts/orders';
import type { Ticket } from '@box-office/common/contracts/tickets';
import { eventually } from '@box-office/common/testing/eventually';
import type { Shop } from './shop.ts';
import type { Answer, Person } from './visitor.ts';

/** What one seller and one buyer do in a shop. Each step resolves once everybody who has to know of it does. */
export interface Trading {
  listed(): Promise<Ticket>;
  ordered(ticket: Ticket): Promise<Order>;
  /** The buyer has opened the payment form. */
  begun(order: Order): Promise<void>;
  paid(order: Order): Promise<void>;
  sold(ticket: Ticket): Promise<Order>;
  /** One ticket in each state. */
  everything(): Promise<void>;
  orderNow(order: Order): Promise<Answer<Order>>;
  ticketNow(ticket: Ticket): Promise<Answer<Ticket>>;
  /** What both people see with their existing sessions. */
  seen(): Promise<{ tickets: Ticket[]; orders: Order[] }>;
}

export function trading(shop: Shop, seller: Person, buyer: Person): Trading {
  const orderNow = ({ id }: Order) => buyer.call<Order>('GET', `/api/orders/${id}`);
  const ticketNow = ({ id }: Ticket) => seller.call<Ticket>('GET', `/api/tickets/${id}`);

  async function listed(): Promise<Ticket> {
    const ticket = await shop.sell(seller);
    await shop.known(ticket);
    return ticket;
  }

  async function ordered(ticket: Ticket): Promise<Order> {
    return eventually(async () => {
      const { status, body } = await buyer.call<Order>('POST', '/api/orders', { ticketId: ticket.id });
      expect(status).toBe(201);
      return body;
    });
  }

  async function begun({ id }: Order): Promise<void> {
    await eventually(async () =>
      expect((await buyer.call('POST', '/api/payments', { orderId: id })).status).toBeLessThan(300),
    );
  }

  async function paid(order: Order): Promise<void> {
    await eventually(async () => expect((await shop.pay(buyer, order)).status).toBe(200));
    await eventually(async () => expect((await orderNow(order)).body.status).toBe('complete'));
  }

  async function sold(ticket: Ticket): Promise<Order> {
    const order = await ordered(ticket);
    await paid(order);
    await eventually(async () => expect((await ticketNow(ticket)).body.state).toBe('sold'));
    return order;
  }

  async function everything(): Promise<void> {
    const [edited, reserved, cancelled, bought, withdrawn] = await Promise.all(Array.from({ length: 5 }, listed));
    if (!edited || !reserved || !cancelled || !bought || !withdrawn) throw new Error('five were listed');
    await seller.call('PUT', `/api/tickets/${edited.id}`, { title: 'Operetta', price: 1800 });
    await seller.call('DELETE', `/api/tickets/${withdrawn.id}`);
    await ordered(reserved);
    const { id } = await ordered(cancelled);
    await buyer.call('DELETE', `/api/orders/${id}`);
    await sold(bought);
  }

  async function seen(): Promise<{ tickets: Ticket[]; orders: Order[] }> {
    const [tickets, orders] = await Promise.all([
      seller.call<Ticket[]>('GET', '/api/tickets/mine'),
      buyer.call<Order[]>('GET', '/api/orders'),
    ]);
    expect([tickets.status, orders.status]).toEqual([200, 200]);
    expect(Math.min(tickets.body.length, orders.body.length)).toBeGreaterThan(0);
    return { tickets: tickets.body, orders: orders.body };
  }

  return { listed, ordered, begun, paid, sold, everything, orderNow, ticketNow, seen };
}
