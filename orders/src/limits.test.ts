import type { Order } from '@box-office/common/contracts/orders';
import request from 'supertest';
import {
  as,
  ask,
  authorize,
  capture,
  onSale,
  parts,
  replica,
  reserve,
  service,
  status,
  useOrders,
} from './orders-under-test.ts';
import { askFor, askForSeats, kind, row, showOnSale, unitsOf } from './shows/shows-under-test.ts';

useOrders({ liveOrders: 3, unpaidPerDay: 2 });

const cancel = (id: string, buyer: string) =>
  request(service.app).delete(`/api/orders/${id}`).set(as(buyer)).expect(200);

async function pay(order: Order, buyer: string): Promise<void> {
  await authorize(order);
  await status(order.id, { status: 'awaiting:payment' }, buyer);
  await capture(order);
  await status(order.id, { status: 'complete' }, buyer);
}

/** Sends so many requests at once, to both replicas in turn. */
const atOnce = (count: number, send: (app: typeof service.app, n: number) => request.Test) =>
  Promise.all(Array.from({ length: count }, (_, n) => send(n % 2 ? service.app : replica.app, n)));

const codes = (answers: readonly request.Response[]) => answers.map(({ body, status }) => body.code ?? status).sort();

describe('the tickets that one person may have of a show', () => {
  it('are no more under ten concurrent requests, and are all to be had', async () => {
    const show = await showOnSale([kind(40, { price: 0 })], { perPerson: 4 });
    const answers = await atOnce(10, (app) => askFor(show, 1, 'anna', app));
    expect(codes(answers)).toEqual([201, 201, 201, 201, ...Array(6).fill('limit-reached')]);
    const { body } = await askFor(show, 1, 'anna').expect(409);
    expect(body.detail).toBe('One person may have at most 4 tickets of this show.');
    await askFor(show, 4, 'ben').expect(201);
  });

  it('are never exceeded by orders of several tickets, nor by chosen seats', async () => {
    const show = await showOnSale([kind(40, { price: 0, seats: row(40) })], { perPerson: 5 });
    const ids = unitsOf(show, 40);
    const answers = await atOnce(10, (app, n) =>
      n % 3 ? askFor(show, 2, 'anna', app) : askForSeats(show, ids.slice(2 * n, 2 * n + 2), 'anna', app),
    );
    const held = answers.filter(({ status }) => status === 201).flatMap(({ body }) => body.tickets);
    expect(held).toHaveLength(4);
    await askFor(show, 1, 'anna').expect(201);
    await askFor(show, 1, 'anna').expect(409);
  });

  it('can be had again after a cancellation, but not after a purchase', async () => {
    const show = await showOnSale([kind(40)], { perPerson: 2 });
    const first = await askFor(show, 2, 'anna').expect(201);
    expect((await askFor(show, 1, 'anna').expect(409)).body.code).toBe('limit-reached');
    await cancel(first.body.id, 'anna');
    const second = await askFor(show, 2, 'anna').expect(201);
    await pay(second.body, 'anna');
    expect((await askFor(show, 1, 'anna').expect(409)).body.code).toBe('limit-reached');
  });
});

describe('the orders that one person may have to pay', () => {
  it('are no more under ten concurrent requests, for tickets and shows', async () => {
    const [show, tickets] = [
      await showOnSale([kind(9)]),
      await Promise.all(Array.from({ length: 10 }, () => onSale())),
    ];
    const answers = await atOnce(10, (app, n) =>
      n % 5 ? ask(tickets[n]?.id ?? '', 'dora', app) : askFor(show, 1, 'dora', app),
    );
    expect(codes(answers)).toEqual([201, 201, 201, ...Array(7).fill('limit-reached')]);
    const { body } = answers.find((answer) => answer.status === 201) ?? {};
    await pay(body, 'dora');
    await reserve(await onSale(), 'dora');
    await askFor(show, 1, 'dora').expect(409);
  });
});

describe('reserving the same without paying', () => {
  it('is possible so many times a day, for a ticket and for a show', async () => {
    const ticket = await onSale();
    const show = await showOnSale([kind(9, { seats: row(9) })]);
    const tries = {
      ticket: () => ask(ticket.id, 'emil'),
      show: () => askFor(show, 1, 'emil'),
    };
    for (const send of [tries.ticket, tries.ticket, tries.show, tries.show]) {
      await cancel((await send().expect(201)).body.id, 'emil');
    }
    for (const send of Object.values(tries)) {
      const { body } = await send().expect(409);
      expect(body).toMatchObject({ code: 'limit-reached', detail: expect.stringContaining('2 times today') });
    }
    await ask(ticket.id, 'frida').expect(201);
    await askForSeats(show, unitsOf(show, 1), 'frida').expect(201);
    parts.now.forward(24 * 3_600_000);
    await tries.show().expect(201);
  });

  it('is not what somebody does who pays', async () => {
    const show = await showOnSale([kind(9)]);
    for (let times = 0; times < 4; times++) await pay((await askFor(show, 1, 'gina').expect(201)).body, 'gina');
  });
});
