import { OrderCancelled, OrderCompleted, OrderCreated, OrderRefunded } from '@box-office/common/contracts/orders';
import { announce } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import request from 'supertest';
import { parts, service, useTickets } from '../tickets-under-test.ts';
import { lookAt, openShow, orderOf, standing, states, unit } from './shows-under-test.ts';

useTickets();

/** Resolves once an event that was announced later has been handled. */
async function allHeard(): Promise<void> {
  const marker = await openShow({ title: 'Marker' });
  await announce(parts.bus, OrderCreated, orderOf(marker, [1]));
  await eventually(async () => expect(await unit(marker, 1)).toMatchObject({ state: 'live' }));
}

describe('an order for tickets of a show', () => {
  it('holds all of them, and releases them when it is cancelled', async () => {
    const show = await openShow();
    const order = orderOf(show, [1, 3]);
    await announce(parts.bus, OrderCreated, order);
    await eventually(async () => expect(await states(show)).toEqual(['live', 'free', 'live', 'free']));
    await eventually(async () => expect((await lookAt(show.id)).kinds[0]?.left).toBe(2));
    expect(await unit(show, 3)).toMatchObject({ hold: { orderId: order.id, attempt: 1, price: 2500 } });
    await announce(parts.bus, OrderCancelled, { ...order, version: 1, status: 'cancelled', reason: 'expired' });
    await eventually(async () => expect(await states(show)).toEqual(['free', 'free', 'free', 'free']));
    await eventually(async () => expect((await lookAt(show.id)).kinds[0]?.left).toBe(4));
  });

  it('sells them, and they stay sold when the buyer is refunded', async () => {
    const show = await openShow();
    const order = orderOf(show, [2]);
    const sold = { ...order, version: 2, status: 'complete' } as const;
    await announce(parts.bus, OrderCompleted, sold);
    await eventually(async () => expect(await unit(show, 2)).toMatchObject({ state: 'sold' }));
    const { hold } = await unit(show, 2);
    const refundedAt = '2099-01-01T00:00:00.000Z';
    await announce(parts.bus, OrderRefunded, { ...sold, version: 3, refundedAt });
    await eventually(async () =>
      expect(await unit(show, 2)).toMatchObject({ state: 'sold', hold: { ...hold, version: 3, refundedAt } }),
    );
    expect((await unit(show, 2)).hold?.at).toBe(hold?.at);
  });

  it('changes nothing when its events come twice, late, or in another order', async () => {
    const show = await openShow();
    const first = orderOf(show, [1]);
    const second = orderOf(show, [1], { attempt: 2 });
    const ended = { ...first, version: 1, status: 'cancelled', reason: 'expired' } as const;
    await announce(parts.bus, OrderCancelled, ended);
    await announce(parts.bus, OrderCreated, first);
    await announce(parts.bus, OrderCreated, second);
    await eventually(async () => expect(await unit(show, 1)).toMatchObject({ hold: { orderId: second.id } }));
    const before = await unit(show, 1);
    for (const [event, order] of [
      [OrderCreated, second],
      [OrderCancelled, ended],
      [OrderCreated, first],
    ] as const) {
      await announce(parts.bus, event, order);
    }
    await allHeard();
    expect(await unit(show, 1)).toEqual(before);
    expect((await states(show)).filter((state) => state === 'live')).toHaveLength(1);
  });

  it('is told by what the seats show, and not by single tickets', async () => {
    const show = await openShow({ kinds: [{ ...standing, quantity: 2, seats: ['A1', 'A2'] }] });
    await announce(parts.bus, OrderCreated, orderOf(show, [2]));
    const seats = () =>
      request(service.app).get(`/api/shows/${show.id}/seats`).query({ kindId: show.kinds[0]?.id }).expect(200);
    await eventually(async () =>
      expect((await seats()).body).toMatchObject([
        { label: 'A1', free: true },
        { label: 'A2', free: false },
      ]),
    );
  });
});
