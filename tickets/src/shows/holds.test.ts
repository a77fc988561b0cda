import {
  type Order,
  OrderCancelled,
  OrderCompleted,
  OrderCreated,
  OrderOffered,
  OrderPartlyRefunded,
  OrderRefunded,
  OrderTicketsEnded,
} from '@box-office/common/contracts/orders';
import { announce } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import { newId } from '@box-office/common/testing/parts';
import request from 'supertest';
import { as, parts, service, useTickets } from '../tickets-under-test.ts';
import { following } from './holds.ts';
import { lookAt, openShow, orderOf, standing, states, unit, units } from './shows-under-test.ts';

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

describe('a sold ticket on offer', () => {
  const ofTicket = (order: Order, attempt: number, more: Partial<Order>, ticket: object = {}): Order => ({
    ...order,
    ...more,
    attempt,
    tickets: order.tickets?.map((it) => ({ ...it, attempt, ...ticket })) ?? [],
  });
  const offeredAt = '2099-01-01T00:00:00.000Z';
  const complete = (order: Order, attempt: number, version: number, ticket: object = {}) =>
    ofTicket(order, attempt, { version, status: 'complete' }, ticket);
  const cancelled = (order: Order, attempt: number) =>
    ofTicket(order, attempt, { version: 1, status: 'cancelled', reason: 'expired' });
  const is = (show: Parameters<typeof unit>[0], expected: object) =>
    eventually(async () => expect(await unit(show, 1)).toMatchObject(expected));
  const left = async (show: { id: string }) => (await lookAt(show.id)).kinds[0]?.left;
  /** They may be a second old. */
  const sold = (show: { id: string }, expected: object) =>
    eventually(async () => {
      const { body } = await request(service.app).get(`/api/shows/${show.id}/sales`).set(as('organiser')).expect(200);
      expect(body.total).toMatchObject(expected);
    });

  /** A show with seats, of which the first is sold and on offer. */
  async function onOffer() {
    const show = await openShow({ kinds: [{ ...standing, quantity: 2, seats: ['A1', 'A2'] }] });
    const first = orderOf(show, [1]);
    await announce(parts.bus, OrderCompleted, complete(first, 1, 2));
    await is(show, { state: 'sold' });
    const soldAt = '2098-01-01T00:00:00.000Z';
    await units().updateOne({ _id: first.ticket.id }, { $set: { 'hold.at': soldAt } });
    await announce(parts.bus, OrderOffered, complete(first, 1, 3, { offeredAt }));
    await is(show, { state: 'offered', hold: { orderId: first.id, version: 3, at: soldAt } });
    return { show, first, second: ofTicket({ ...orderOf(show, [1]), id: newId() }, 2, {}), soldAt };
  }

  it('is left and free for buyers, and sold for its organiser', async () => {
    const { show } = await onOffer();
    await eventually(async () => expect(await left(show)).toBe(2));
    const query = { kindId: show.kinds[0]?.id };
    const seats = await request(service.app).get(`/api/shows/${show.id}/seats`).query(query).expect(200);
    expect(seats.body).toMatchObject([{ free: true }, { free: true }]);
    await sold(show, { left: 2, reserved: 0, sold: 1, money: 2500 });
    const fewer = { kinds: [{ id: show.kinds[0]?.id, quantity: 1 }] };
    await request(service.app).put(`/api/shows/${show.id}`).set(as('organiser')).send(fewer).expect(200);
    await eventually(async () => expect(await states(show)).toEqual(['offered', 'removed']));
  });

  it('is reserved while somebody buys it, but sold until they have', async () => {
    const { show, first, second, soldAt } = await onOffer();
    await announce(parts.bus, OrderCreated, second);
    await is(show, { state: 'live', hold: { orderId: first.id, at: soldAt }, resale: { orderId: second.id } });
    await eventually(async () => expect(await left(show)).toBe(1));
    await sold(show, { left: 1, reserved: 1, sold: 1, money: 2500 });
    await announce(parts.bus, OrderCompleted, complete({ ...second, tickets: second.tickets }, 2, 2));
    await is(show, { state: 'sold', hold: { orderId: second.id, attempt: 2 } });
    expect(await unit(show, 1)).not.toHaveProperty('resale');
    await announce(parts.bus, OrderTicketsEnded, complete(first, 1, 4, { ended: 'resold' }));
    await allHeard();
    await is(show, { state: 'sold', hold: { orderId: second.id, attempt: 2 } });
    // Both have paid, until the first one is refunded.
    await sold(show, { reserved: 0, sold: 1, refunded: 0, money: 5000 });
    const refundedAt = { refundedAt: soldAt };
    await announce(parts.bus, OrderRefunded, complete(first, 1, 5, { ended: 'resold', ...refundedAt }));
    await sold(show, { reserved: 0, sold: 1, refunded: 0, money: 2500 });
  });

  it('leaves its organiser the difference if the next one pays less, or nothing if that was refunded too', async () => {
    const { show, first, second } = await onOffer();
    const cheaper = complete(second, 2, 2, { price: 1000 });
    await announce(parts.bus, OrderCompleted, cheaper);
    await is(show, { state: 'sold', hold: { orderId: second.id } });
    const owed = { ended: 'resold', owed: 1000, refundedAt: '2027-01-03T12:00:00.000Z' } as const;
    await announce(parts.bus, OrderPartlyRefunded, { ...complete(first, 1, 5, owed), refunded: 1000 });
    await sold(show, { sold: 1, refunded: 0, money: 2500 });
    // Heard late.
    await announce(parts.bus, OrderTicketsEnded, complete(first, 1, 4, { ended: 'resold', owed: 1000 }));
    await allHeard();
    await sold(show, { sold: 1, money: 2500 });
    const whole = { refunded: 2500, refundedAt: '2027-01-04T12:00:00.000Z' };
    await announce(parts.bus, OrderRefunded, { ...complete(first, 1, 6, owed), ...whole });
    await sold(show, { sold: 1, money: 1000 });
  });

  it('keeps nothing of those who have resold a free one', async () => {
    const { first } = await onOffer();
    const resoldFor = (price: number) => following(complete(first, 1, 4, { ended: 'resold', price }), first.expiresAt);
    expect(resoldFor(0).resold).toEqual([]);
    expect(resoldFor(2500).resold).toHaveLength(1);
  });

  it('is on offer again, sold when it was, after a buyer who did not pay', async () => {
    const { show, first, second, soldAt } = await onOffer();
    await announce(parts.bus, OrderCreated, second);
    await is(show, { state: 'live' });
    await announce(parts.bus, OrderCancelled, cancelled(second, 2));
    await is(show, { state: 'offered', hold: { orderId: first.id, at: soldAt } });
    expect(await unit(show, 1)).not.toHaveProperty('resale');
    await announce(parts.bus, OrderOffered, complete(first, 3, 4, { offeredAt }));
    await is(show, { state: 'offered', hold: { orderId: first.id, attempt: 3, at: soldAt } });
    await announce(parts.bus, OrderOffered, complete(first, 4, 5));
    await is(show, { state: 'sold', hold: { attempt: 4, at: soldAt } });
  });

  it('is its holder’s again even if nothing was heard of the end of the order in between', async () => {
    const { show, first, second, soldAt } = await onOffer();
    await announce(parts.bus, OrderCreated, second);
    await is(show, { state: 'live' });
    await announce(parts.bus, OrderOffered, complete(first, 3, 4, { offeredAt }));
    await is(show, { state: 'offered', hold: { orderId: first.id, attempt: 3, at: soldAt } });
    expect(await unit(show, 1)).not.toHaveProperty('resale');
    const third = ofTicket({ ...second, id: newId() }, 4, {});
    await announce(parts.bus, OrderCreated, third);
    await is(show, { state: 'live', resale: { orderId: third.id } });
    const fourth = ofTicket({ ...second, id: newId() }, 5, {});
    await announce(parts.bus, OrderCreated, fourth);
    await is(show, { state: 'live', hold: { orderId: first.id }, resale: { orderId: fourth.id } });
  });

  it('stays sold since when it was, if a buyer gives up while it is offered again', async () => {
    const { show, first, second, soldAt } = await onOffer();
    await announce(parts.bus, OrderCreated, second);
    await is(show, { state: 'live', resale: { orderId: second.id } });
    const [early, ...late] = following(complete(first, 3, 4, { offeredAt }), offeredAt).usual;
    if (!early) throw new Error('an offer changes something');
    await units().bulkWrite([early]);
    await announce(parts.bus, OrderCancelled, cancelled(second, 2));
    await is(show, { state: 'offered', hold: { version: 3 } });
    await units().bulkWrite([...late]);
    expect(await unit(show, 1)).toMatchObject({ state: 'offered', hold: { attempt: 3, version: 4, at: soldAt } });
  });

  it('comes to the same in whatever order its events are heard', async () => {
    const { show, first, second, soldAt } = await onOffer();
    const history = [
      [OrderOffered, complete(first, 1, 3, { offeredAt })],
      [OrderCreated, second],
      [OrderCancelled, cancelled(second, 2)],
      [OrderOffered, complete(first, 3, 4, { offeredAt })],
    ] as const;
    const asFound = await unit(show, 1);
    for (let from = 0; from < history.length; from++) {
      for (const backwards of [false, true]) {
        const turned = [...history.slice(from), ...history.slice(0, from)];
        await units().replaceOne({ _id: asFound._id }, asFound);
        for (const [event, order] of backwards ? turned.toReversed() : turned) await announce(parts.bus, event, order);
        await allHeard();
        await is(show, { state: 'offered', hold: { orderId: first.id, attempt: 3, version: 4, at: soldAt } });
      }
    }
  });
});
