import { TicketCreated } from '@box-office/common/contracts/tickets';
import type { Bus } from '@box-office/common/messaging/bus';
import { announce } from '@box-office/common/testing/announce';
import { testBus } from '@box-office/common/testing/engines';
import { newId } from '@box-office/common/testing/parts';
import { away } from '../refused.ts';
import { events } from './events.ts';

let bus: Bus;

beforeAll(async () => {
  bus = await testBus();
});

afterAll(() => bus.close());

const announced = async () => {
  const id = newId();
  await announce(bus, TicketCreated, {
    ...{ id, version: 0, title: 'Norma', price: 1999, currency: 'eur', venue: null, startsAt: null },
    ...{ userId: newId(), orderId: null, state: 'on-sale' },
  });
  return id;
};

it('shows what happened while the broker could not be read as soon as it can', async () => {
  let isAway = false;
  const told: string[] = [];
  const seen = events(
    {
      bus() {
        if (isAway) throw away('NATS does not answer.');
        return bus;
      },
      connected: async () => bus,
      close: async () => undefined,
    },
    { tell: () => undefined },
    ({ id }) => told.push(id ?? ''),
  );
  const before = await announced();
  await seen.follow('tickets', 1);
  const [missed, next] = [await announced(), await announced()];

  isAway = true;
  await expect(seen.follow('tickets', 2)).rejects.toThrow('NATS does not answer.');
  expect(told).toEqual([]);
  isAway = false;
  await seen.follow('tickets', 3);

  expect(told).toEqual([missed, next]);
  const { items } = await seen.list({ stream: 'tickets', limit: 10, before: undefined });
  expect(items.map(({ id }) => id)).toEqual([next, missed, before]);
});
