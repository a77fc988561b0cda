import type { AnnouncingService } from '@box-office/common/announcing-service';
import { ExpirationCompleted } from '@box-office/common/contracts/expiration';
import {
  type Order,
  OrderAwaitingPayment,
  OrderCancelled,
  OrderCompleted,
  OrderCreated,
  OrderOffered,
  OrderPartlyRefunded,
  OrderRefunded,
  OrderTicketsEnded,
} from '@box-office/common/contracts/orders';
import { type Payment, PaymentAuthorized, PaymentCaptured } from '@box-office/common/contracts/payments';
import { type Ticket, TicketCreated } from '@box-office/common/contracts/tickets';
import { announce, announced } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import { newId, type TestParts, testParts } from '@box-office/common/testing/parts';
import { Registry } from 'prom-client';
import request from 'supertest';
import type { Limits } from './places.ts';
import { createOrders } from './service.ts';
import type { WaitingSettings } from './waiting/waiting.ts';

export const windowMs = 60_000;
export const waitingWindowMs = 240_000;

export let parts: TestParts;
export let service: AnnouncingService;
/** A second replica: the same database and bus, another process as far as the first can tell. */
export let replica: AnnouncingService;

/**
 * Starts two replicas of orders for the tests of a file, and ends them afterwards. People have no limits by default.
 */
export function useOrders(
  limits: Limits = { liveOrders: 0, unpaidPerDay: 0 },
  lists: Partial<WaitingSettings> = {},
): void {
  beforeAll(async () => {
    parts = await testParts();
    const waiting = { windowMs: waitingWindowMs, everyMs: 100, mostLines: 0, ...lists };
    const settings = { windowMs, sweepEveryMs: 100, limits, waiting };
    service = createOrders({ ...parts, ...settings });
    replica = createOrders({ ...parts, ...settings, metrics: new Registry() });
    await Promise.all([service.start(), replica.start()]);
  });

  afterAll(async () => {
    await Promise.all([service.stop(), replica.stop()]);
    await parts.end();
  });
}

export const as = (name: string) => ({ Authorization: `Bearer ${name}` });

export const unlisted = (more: Partial<Ticket> = {}): Ticket => ({
  id: newId(),
  version: 0,
  title: 'Opera',
  price: 1500,
  currency: 'eur',
  venue: null,
  startsAt: null,
  userId: 'seller',
  orderId: null,
  state: 'on-sale',
  ...more,
});

export async function onSale(more: Partial<Ticket> = {}): Promise<Ticket> {
  const ticket = unlisted(more);
  await announce(parts.bus, TicketCreated, ticket);
  await eventually(async () => expect(await known(ticket.id)).not.toBeNull());
  return ticket;
}

export const known = (id: string) => parts.connection.collection<{ _id: string }>('known-tickets').findOne({ _id: id });

export const ask = (ticketId: string, buyer = 'buyer', app = service.app) =>
  request(app).post('/api/orders').set(as(buyer)).send({ ticketId });

export async function reserve(ticket: Ticket, buyer = 'buyer'): Promise<Order> {
  return (await ask(ticket.id, buyer).expect(201)).body;
}

export async function show(id: string, buyer = 'buyer'): Promise<Order> {
  return (await request(service.app).get(`/api/orders/${id}`).set(as(buyer)).expect(200)).body;
}

export const status = (id: string, expected: Partial<Order>, buyer = 'buyer') =>
  eventually(async () => expect(await show(id, buyer)).toMatchObject(expected));

export const paymentFor = (order: Order, paymentStatus: Payment['status'], version = 1): Payment => ({
  id: order.id,
  version,
  orderId: order.id,
  userId: order.userId,
  status: paymentStatus,
  amount: order.ticket.price,
  currency: order.ticket.currency,
  stripeId: 'pi_1',
});

export const authorize = (order: Order) => announce(parts.bus, PaymentAuthorized, paymentFor(order, 'authorized'));
export const capture = (order: Order) => announce(parts.bus, PaymentCaptured, paymentFor(order, 'captured', 2));
export const timeIsUp = (order: Order) =>
  announce(parts.bus, ExpirationCompleted, { id: order.id, version: 0, expiresAt: order.expiresAt });

/** Pays an order, and resolves once it is complete. */
export async function pay(order: Order, buyer = order.userId): Promise<Order> {
  await authorize(order);
  await capture(order);
  await status(order.id, { status: 'complete' }, buyer);
  return show(order.id, buyer);
}

export const cancel = (order: Order, app = service.app) =>
  request(app).delete(`/api/orders/${order.id}`).set(as(order.userId)).expect(200);

/** Offers these tickets of an order, and takes all others back. */
export const offer = (order: Order, tickets: readonly string[], app = service.app) =>
  request(app).put(`/api/orders/${order.id}/resale`).set(as(order.userId)).send({ tickets });

export const announcementsOf = async (order: Order) => {
  const kinds = [
    OrderCreated,
    OrderAwaitingPayment,
    OrderCompleted,
    OrderCancelled,
    OrderRefunded,
    OrderPartlyRefunded,
    OrderOffered,
    OrderTicketsEnded,
  ];
  const all = await Promise.all(kinds.map((kind) => announced(parts.bus, kind)));
  return all.flat().filter(({ id }) => id === order.id);
};
