import { eventually } from '@box-office/common/testing/eventually';
import request from 'supertest';
import {
  as,
  authorize,
  capture,
  onSale,
  parts,
  reserve,
  service,
  status,
  useOrders,
  windowMs,
} from './orders-under-test.ts';

useOrders();

/** Together for both replicas, each of which counts what it ends itself. */
const value = async (line: string) => {
  const found = (await parts.metrics.metrics()).split('\n').find((it) => it.startsWith(`${line} `));
  return found === undefined ? undefined : Number(found.slice(line.length + 1));
};
const ended = (how: string) => value(`orders_ended_total{how="${how}"}`);

it('orders_ended_total counts each order once, by how it ended', async () => {
  expect(await ended('complete')).toBe(0);
  const order = await reserve(await onSale());
  await request(service.app).delete(`/api/orders/${order.id}`).set(as('buyer')).expect(200);
  expect(await ended('buyer')).toBe(1);
  await request(service.app).delete(`/api/orders/${order.id}`).set(as('buyer'));
  expect(await ended('buyer')).toBe(1);
  expect(await ended('complete')).toBe(0);
});

it('orders_overdue_oldest_age_seconds tells of an order that does not end', async () => {
  const age = () => value('orders_overdue_oldest_age_seconds');
  await eventually(async () => expect(await age()).toBe(0));
  const order = await reserve(await onSale());
  await authorize(order);
  await status(order.id, { status: 'awaiting:payment' });
  parts.now.forward(windowMs + 120_000);
  await eventually(async () => expect(await age()).toBeGreaterThanOrEqual(120));
  await capture(order);
  await status(order.id, { status: 'complete' });
  await eventually(async () => expect(await age()).toBe(0));
});
