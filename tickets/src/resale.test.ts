import {
  type Order,
  OrderCancelled,
  OrderCompleted,
  OrderCreated,
  OrderOffered,
} from '@box-office/common/contracts/orders';
import type { Ticket } from '@box-office/common/contracts/tickets';
import { announce } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import request from 'supertest';
import { as, orderFor, parts, sell, service, show, showSeller, useTickets } from './tickets-under-test.ts';

useTickets();

const offeredAt = '2099-01-01T00:00:00.000Z';
const listed = async (title: string): Promise<Ticket[]> =>
  (await request(service.app).get('/api/tickets').query({ q: title }).expect(200)).body;
const ticketsOf = (order: Order, attempt: number, more: object = {}) => [
  { id: order.ticket.id, attempt, price: order.ticket.price, ...more },
];

it('a single ticket is listed while its buyer offers it, and its seller sees that it is sold', async () => {
  const ticket = await sell({ title: 'Rigoletto' });
  const first = { ...orderFor(ticket), status: 'complete', version: 2 } as const;
  await announce(parts.bus, OrderCompleted, first);
  await eventually(async () => expect(await listed('Rigoletto')).toEqual([]));
  await announce(parts.bus, OrderOffered, { ...first, version: 3, tickets: ticketsOf(first, 1, { offeredAt }) });
  await eventually(async () => {
    expect(await listed('Rigoletto')).toMatchObject([
      { id: ticket.id, state: 'on-sale', offered: true, orderId: null },
    ]);
  });
  expect(await show(ticket.id)).toMatchObject({ state: 'on-sale', orderId: null });
  expect(await showSeller(ticket.id)).toMatchObject({ state: 'sold', orderId: first.id, offered: true });

  const second = orderFor(ticket, { attempt: 2, userId: 'another' });
  await announce(parts.bus, OrderCreated, { ...second, tickets: ticketsOf(second, 2) });
  await eventually(async () => expect(await listed('Rigoletto')).toEqual([]));
  expect(await show(ticket.id)).toMatchObject({ state: 'reserved' });
  expect(await showSeller(ticket.id)).toMatchObject({ state: 'sold', orderId: first.id });
  const edit = () => request(service.app).put(`/api/tickets/${ticket.id}`).set(as('seller')).send({ price: 9_900 });
  expect((await edit()).body.code).toBe('ticket-reserved');

  const ended = { version: 1, status: 'cancelled', reason: 'expired' } as const;
  await announce(parts.bus, OrderCancelled, { ...second, ...ended, tickets: ticketsOf(second, 2) });
  await eventually(async () => expect(await listed('Rigoletto')).toHaveLength(1));
  expect((await edit()).body.code).toBe('ticket-reserved');
  const back = { ...first, version: 4, attempt: 3, tickets: ticketsOf(first, 3) };
  await announce(parts.bus, OrderOffered, back);
  await eventually(async () => expect(await listed('Rigoletto')).toEqual([]));
  expect(await show(ticket.id)).toMatchObject({ state: 'sold' });
});
