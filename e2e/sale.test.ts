import type { Order } from '@box-office/common/contracts/orders';
import type { Ticket } from '@box-office/common/contracts/tickets';
import { eventually } from '@box-office/common/testing/eventually';
import { journey } from './journey/journey.ts';
import { openShop, ordersWithoutLimits, type Person, type Shop } from './support/shop.ts';

let shop: Shop;
let seller: Person;
let buyer: Person;

beforeAll(async () => {
  shop = await openShop({ client: false, replicas: { orders: 2 }, env: { orders: ordersWithoutLimits } });
  [seller, buyer] = await Promise.all([shop.person(), shop.person()]);
});

afterAll(() => shop?.end());

const forSale = async (details = {}): Promise<Ticket> => {
  const ticket = await shop.sell(seller, details);
  await shop.known(ticket);
  return ticket;
};

const reserve = async (ticket: Ticket, who = buyer): Promise<Order> => {
  const answer = await who.call<Order>('POST', '/api/orders', { ticketId: ticket.id });
  expect(answer).toMatchObject({ status: 201 });
  return answer.body;
};

const ticketNow = async (id: string): Promise<Ticket> => (await buyer.call<Ticket>('GET', `/api/tickets/${id}`)).body;
const orderNow = async (id: string, who = buyer): Promise<Order> =>
  (await who.call<Order>('GET', `/api/orders/${id}`)).body;

describe('a sale', () => {
  it('goes from listing to owning, and the ticket is sold once', async () => {
    const ticket = await forSale();
    const order = await reserve(ticket);
    await eventually(async () => expect(await ticketNow(ticket.id)).toMatchObject({ state: 'reserved' }));
    await eventually(async () => expect((await shop.pay(buyer, order)).status).toBe(200));
    await eventually(async () => expect((await orderNow(order.id)).status).toBe('complete'));
    await eventually(async () => expect((await ticketNow(ticket.id)).state).toBe('sold'));
    const rival = await shop.person();
    const again = await rival.call('POST', '/api/orders', { ticketId: ticket.id });
    expect([again.status, again.body.code]).toEqual([409, 'ticket-reserved']);
    const cancel = await buyer.call('DELETE', `/api/orders/${order.id}`);
    expect([cancel.status, cancel.body.code]).toEqual([409, 'order-complete']);
  });

  it('goes on after a declined card', async () => {
    const order = await reserve(await forSale());
    await eventually(async () => expect((await shop.pay(buyer, order, '4000000000000002')).status).toBe(402));
    expect((await orderNow(order.id)).status).toBe('created');
    expect((await shop.pay(buyer, order)).status).toBe(200);
    await eventually(async () => expect((await orderNow(order.id)).status).toBe('complete'));
  });

  it('lets one of 50 buyers through who ask two replicas at once', async () => {
    const ticket = await forSale();
    const buyers = await Promise.all(Array.from({ length: 5 }, () => shop.person()));
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        buyers.map((it) => it.call('POST', '/api/orders', { ticketId: ticket.id })),
      ).flat(),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status, body }) => status === 409 && body.code === 'ticket-reserved')).toHaveLength(49);
  });

  it('is cancelled, or the withdrawal refused, when both come at the same moment', async () => {
    for (let round = 0; round < 8; round++) {
      const ticket = await forSale();
      const [withdrawal, ordering] = await Promise.all([
        seller.call('DELETE', `/api/tickets/${ticket.id}`),
        buyer.call<Order>('POST', '/api/orders', { ticketId: ticket.id }),
      ]);
      if (withdrawal.status === 409) {
        expect(ordering.status).toBe(201);
        await eventually(async () => expect((await ticketNow(ticket.id)).state).toBe('reserved'));
      } else {
        expect(withdrawal.status).toBe(204);
        expect([201, 404]).toContain(ordering.status);
        if (ordering.status === 201) {
          await eventually(async () =>
            expect(await orderNow(ordering.body.id)).toMatchObject({ status: 'cancelled', reason: 'withdrawn' }),
          );
        }
        expect((await ticketNow(ticket.id)).state).toBe('withdrawn');
      }
    }
  });
});

describe('two hundred loops from a browser console', () => {
  it('leave every ticket at version 2 and price 15, in tickets and in what orders know of them', async () => {
    const { cookie } = seller;
    const origin = shop.platform.url;
    // The console sends the session cookie and its origin.
    const send = (method: string, path: string, body: object) =>
      fetch(new URL(path, origin), {
        method,
        headers: { 'content-type': 'application/json', cookie, origin },
        body: JSON.stringify(body),
      });
    const ids: string[] = [];
    const lastPuts: Promise<Response>[] = [];

    const loop = async () => {
      const { id } = (await (await send('POST', '/api/tickets', { title: 'ticket', price: 1 })).json()) as Ticket;
      ids.push(id);
      await send('PUT', `/api/tickets/${id}`, { title: 'ticket', price: 10 });
      lastPuts.push(send('PUT', `/api/tickets/${id}`, { title: 'ticket', price: 15 }));
    };
    await Promise.all(Array.from({ length: 200 }, loop));
    await Promise.all(lastPuts);

    expect(ids).toHaveLength(200);
    const filter = { _id: { $in: ids } };
    const own = await shop.stored('tickets', 'tickets', filter);
    expect(own.map(({ version, price }) => [version, price])).toEqual(Array(200).fill([2, 15]));
    await eventually(async () => {
      const known = await shop.stored('orders', 'known-tickets', filter);
      expect(known.map(({ version, price }) => [version, price])).toEqual(Array(200).fill([2, 15]));
    });
  });
});

describe('the journey of who tries a shop from outside', () => {
  it.each(journey)('$name', ({ run }) => run(shop));
});

describe('when things die', () => {
  it('200 orders that were made while the broker was away are all announced once it is back', async () => {
    const tickets = await Promise.all(Array.from({ length: 200 }, () => shop.sell(seller)));
    await Promise.all(tickets.map((ticket) => shop.known(ticket)));
    await shop.platform.kill('nats');
    const answers = await Promise.all(
      tickets.map(({ id }) => buyer.call<Order>('POST', '/api/orders', { ticketId: id })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(200);
    await shop.platform.restart('nats');
    // One question at a time: reading 200 documents over and over would slow down what is waited for. Each may take its
    // time, because a slow machine needs more than a minute for all.
    for (const [index, { body: order }] of answers.entries()) {
      await eventually(async () => {
        const [ticket] = await shop.stored('tickets', 'tickets', { _id: tickets[index]?.id });
        expect(ticket).toMatchObject({ hold: { orderId: order.id } });
        expect(await shop.stored('payments', 'payable-orders', { _id: order.id })).toHaveLength(1);
      });
    }
    await eventually(async () =>
      expect(await shop.stored('orders', 'orders', { 'outbox.id': { $exists: true } })).toEqual([]),
    );
  });

  it('an order is announced although its service was killed between the write and the publish', async () => {
    const ticket = await forSale();
    // With the broker down nothing can be published, so only the write has happened when both replicas die.
    await shop.platform.kill('nats');
    const order = await reserve(ticket);
    await Promise.all([shop.platform.kill('orders-1'), shop.platform.kill('orders-2')]);
    const [written] = await shop.stored('orders', 'orders', { _id: order.id });
    expect(written.outbox).toHaveLength(1);
    await shop.platform.restart('nats');
    await Promise.all([shop.platform.restart('orders-1'), shop.platform.restart('orders-2')]);
    // The gateway checks the replicas' health twice a second.
    await eventually(async () => expect(await buyer.call('GET', '/api/orders')).toMatchObject({ status: 200 }));
    await eventually(async () => expect(await ticketNow(ticket.id)).toMatchObject({ state: 'reserved' }));
  });

  it('a sale goes through although tickets and payments are killed in the middle of it', async () => {
    const ticket = await forSale();
    const order = await reserve(ticket);
    await eventually(async () => expect((await shop.pay(buyer, order)).status).toBe(200));
    await Promise.all([shop.platform.kill('tickets'), shop.platform.kill('payments')]);
    await Promise.all([shop.platform.restart('tickets'), shop.platform.restart('payments')]);
    await eventually(async () => expect((await orderNow(order.id)).status).toBe('complete'));
    await eventually(async () => expect((await ticketNow(ticket.id)).state).toBe('sold'));
  });
});
