import type { Order, OrderedTicket } from '@box-office/common/contracts/orders';

const idOf = (digit: string): string => digit.repeat(24);

/** A ticket of an order for a show. */
export const ticketOf = (more: Partial<OrderedTicket> = {}): OrderedTicket => ({
  ...{ id: idOf('b'), attempt: 1, price: 1500, kindId: idOf('c'), kind: 'Stalls' },
  ...more,
});

/** A complete order of a single ticket, as a page reads it. */
export const order = (more: Partial<Order> = {}): Order => ({
  id: idOf('a'),
  version: 2,
  userId: 'buyer',
  status: 'complete',
  expiresAt: '2027-01-01T12:15:00.000Z',
  ticket: { id: idOf('b'), title: 'Opera', price: 1500, currency: 'eur', timeZone: 'Europe/Berlin' },
  attempt: 1,
  ...more,
});

/** One for a show. */
export const orderOf = (tickets: OrderedTicket[], more: Partial<Order> = {}): Order =>
  order({ showId: idOf('d'), tickets, total: tickets.reduce((sum, { price }) => sum + price, 0), ...more });
