import type { AnnouncingService } from '@box-office/common/announcing-service';
import type { Order } from '@box-office/common/contracts/orders';
import type { Ticket } from '@box-office/common/contracts/tickets';
import type { StoredDocument } from '@box-office/common/store/read';
import { newId, type TestParts, testParts } from '@box-office/common/testing/parts';
import request from 'supertest';
import { createTickets } from './service.ts';

export let parts: TestParts;
export let service: AnnouncingService;

/** Starts tickets for the tests of a file, and ends it afterwards. */
export function useTickets(): void {
  beforeAll(async () => {
    parts = await testParts();
    service = createTickets(parts);
    await service.start();
  });

  afterAll(async () => {
    await service.stop();
    await parts.end();
  });
}

export const as = (name: string) => ({ Authorization: `Bearer ${name}` });

export async function sell(details: object = {}, seller = 'seller'): Promise<Ticket> {
  const { body } = await request(service.app)
    .post('/api/tickets')
    .set(as(seller))
    .send({ title: 'Opera', price: 1500, ...details })
    .expect(201);
  return body;
}

export const show = async (id: string): Promise<Ticket> => (await request(service.app).get(`/api/tickets/${id}`)).body;

export const storedTickets = () => parts.connection.collection<StoredDocument>('tickets');
export const storedTicket = (id: string) => storedTickets().findOne({ _id: id });

/** The ticket as its seller sees it in their list: it comes first after the id that follows its own. */
export async function showSeller(id: string): Promise<Ticket> {
  const cursor = (BigInt(`0x${id}`) + 1n).toString(16).padStart(24, '0');
  const { userId } = await show(id);
  return (await request(service.app).get('/api/tickets/mine').set(as(userId)).query({ limit: 1, cursor })).body[0];
}

export const orderFor = (ticket: Ticket, more: Partial<Order> = {}): Order => ({
  id: newId(),
  version: 0,
  userId: 'buyer',
  status: 'created',
  expiresAt: new Date().toISOString(),
  ticket: { id: ticket.id, title: ticket.title, price: ticket.price, currency: ticket.currency },
  attempt: 1,
  ...more,
});
