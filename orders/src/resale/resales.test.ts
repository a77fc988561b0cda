import { type Order, OrderTicketsEnded } from '@box-office/common/contracts/orders';
import { PaymentDisputed, PaymentPartlyRefunded } from '@box-office/common/contracts/payments';
import { announce, announced } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import {
  announcementsOf,
  ask,
  authorize,
  cancel,
  offer,
  onSale,
  parts,
  pay,
  paymentFor,
  replica,
  service,
  status,
  useOrders,
} from '../orders-under-test.ts';
import {
  askFor,
  askForSeats,
  changeTo,
  inDays,
  kind,
  kindOf,
  row,
  showOnSale,
  unitsOf,
} from '../shows/shows-under-test.ts';
import { ended, idsOf, mine, onOffer, stored } from './resale-under-test.ts';

useOrders();

describe('a ticket on offer', () => {
  it('is sold to another, and then it is its first buyer’s no longer', async () => {
    const { ticket, first } = await onOffer();
    expect(first.tickets).toEqual([{ id: ticket.id, attempt: 1, price: 1_500, offeredAt: expect.any(String) }]);
    const second: Order = (await ask(ticket.id, 'ben', replica.app).expect(201)).body;
    expect(second).toMatchObject({ attempt: 2, ticket: { price: 1_500 } });
    expect((await ask(ticket.id, 'carla').expect(409)).body.code).toBe('ticket-reserved');
    await authorize(second);
    await status(second.id, { status: 'awaiting:payment' }, 'ben');
    expect((await mine(first)).tickets).toEqual(first.tickets);
    const complete = await pay(second);
    await ended(first, 'resold');
    expect((await mine(first)).tickets?.[0]).not.toHaveProperty('offeredAt');
    const told = async () => (await announced(parts.bus, OrderTicketsEnded)).filter(({ id }) => id === first.id);
    await eventually(async () => expect(await told()).toEqual([await mine(first)]));
    // Neither side is told who the other is.
    expect(JSON.stringify(complete)).not.toContain('anna');
    expect(JSON.stringify(await announcementsOf(first))).not.toContain('ben');
    await eventually(async () => expect((await stored(second))?.unsettled).toBeUndefined());
    // It can be sold on.
    expect((await ask(ticket.id, 'carla').expect(409)).body.code).toBe('ticket-reserved');
    await offer(complete, [ticket.id], replica.app).expect(200);
    await pay((await ask(ticket.id, 'anna').expect(201)).body);
    await ended(complete, 'resold');
    // A ticket ends once, whoever has it after that.
    expect((await announcementsOf(first)).filter(({ tickets }) => tickets?.[0]?.ended)).toHaveLength(1);
  });

  it('is its holder’s again when the buyer does not pay, and still on offer', async () => {
    const { ticket, first } = await onOffer();
    const offeredAt = first.tickets?.[0]?.offeredAt;
    for (const [attempt, name, app] of [
      [2, 'ben', service.app],
      [4, 'carla', replica.app],
    ] as const) {
      const order: Order = (await ask(ticket.id, name, app).expect(201)).body;
      expect(order.attempt).toBe(attempt);
      await cancel(order, attempt === 2 ? replica.app : service.app);
      expect((await mine(first)).tickets).toMatchObject([{ attempt: attempt + 1, offeredAt }]);
    }
    await offer(first, []).expect(200);
    expect((await ask(ticket.id, 'ben').expect(409)).body.code).toBe('ticket-reserved');
    expect((await stored(first))?.claims).toEqual([1, 3, 5, 6].map((attempt) => `${ticket.id}:${attempt}`));
  });

  it('is not its holder’s to take back while somebody is buying it', async () => {
    const { ticket, first } = await onOffer();
    const second = (await ask(ticket.id, 'ben').expect(201)).body;
    for (const { app } of [service, replica]) {
      expect((await offer(first, [], app).expect(409)).body.code).toBe('ticket-reserved');
    }
    await cancel(second);
    await offer(first, [], replica.app).expect(200);
    expect((await ask(ticket.id, 'ben').expect(409)).body.code).toBe('ticket-reserved');
  });

  it('costs what its seller asks for it today', async () => {
    const { ticket, first } = await onOffer();
    const copies = parts.connection.collection<{ _id: string }>('known-tickets');
    await copies.updateOne({ _id: ticket.id }, { $set: { price: 1_800 } });
    const second = await pay((await ask(ticket.id, 'ben').expect(201)).body);
    expect(second.total).toBe(1_800);
    await ended(first, 'resold');
    expect((await mine(first)).total).toBe(1_500);
  });

  it('gives its holder no more than what the next buyer pays for it', async () => {
    const { ticket, first } = await onOffer();
    const copies = parts.connection.collection<{ _id: string }>('known-tickets');
    const worth = (price: number) => copies.updateOne({ _id: ticket.id }, { $set: { price } });
    await worth(500);
    const second = await pay((await ask(ticket.id, 'ben', replica.app).expect(201)).body);
    await ended(first, 'resold');
    expect((await mine(first)).tickets).toMatchObject([{ price: 1_500, owed: 500 }]);
    await offer(second, [ticket.id]).expect(200);
    await worth(1_000);
    const third = await pay((await ask(ticket.id, 'carla').expect(201)).body);
    await ended(second, 'resold');
    expect((await mine(second)).tickets?.[0]).not.toHaveProperty('owed');
    await offer(third, [ticket.id]).expect(200);
    await worth(0);
    await ask(ticket.id, 'dan').expect(201);
    await ended(third, 'resold');
    expect((await mine(third)).tickets).toMatchObject([{ price: 1_000, owed: 0 }]);
    expect((await mine(first)).tickets).toMatchObject([{ owed: 500 }]);
  });

  it('that is free is somebody else’s at once', async () => {
    const ticket = await onSale({ price: 0 });
    const first: Order = (await ask(ticket.id, 'anna').expect(201)).body;
    await offer(first, [ticket.id]).expect(200);
    await ask(ticket.id, 'ben', replica.app).expect(201);
    expect((await mine(first)).tickets).toMatchObject([{ ended: 'resold' }]);
  });
});

describe('tickets of a show', () => {
  const soldOut = async (quantity: number, more: object = {}) => {
    const show = await showOnSale([kind(quantity, { seats: row(quantity) })], more);
    const first = await pay((await askFor(show, quantity, 'anna').expect(201)).body);
    for (const { app } of [service, replica]) {
      expect((await askFor(show, 1, 'ben', app).expect(409)).body.code).toBe('sold-out');
    }
    return { show, first };
  };

  it('on offer are among those that are free, in every process, until they are taken back', async () => {
    const { show, first } = await soldOut(4);
    const [one = '', two = '', three = ''] = unitsOf(show, 3);
    await offer(first, [one, two, three]).expect(200);
    const seat = (await askForSeats(show, [three], 'ben', replica.app).expect(201)).body;
    expect(seat.tickets).toMatchObject([{ id: three, attempt: 2, seat: 'A3' }]);
    await offer(first, [two, three], replica.app).expect(200);
    const any = (await askFor(show, 1, 'carla').expect(201)).body;
    expect(any.tickets).toMatchObject([{ id: two, attempt: 2 }]);
    for (const { app } of [service, replica]) {
      expect((await askFor(show, 1, 'dan', app).expect(409)).body.left).toEqual([{ kindId: kindOf(show).id, left: 0 }]);
      expect((await askForSeats(show, [one], 'dan', app).expect(409)).body.seats).toEqual([one]);
    }
    await pay(any);
    await pay(seat);
    await eventually(async () => {
      const ends = new Map((await mine(first)).tickets?.map((ticket) => [ticket.id, ticket.ended]));
      expect(unitsOf(show, 4).map((id) => ends.get(id))).toEqual([undefined, 'resold', 'resold', undefined]);
    });
  });

  it('give their holder what each is sold for, if that is less than it cost', async () => {
    const { show, first } = await soldOut(2);
    await offer(first, idsOf(first)).expect(200);
    await changeTo({ ...show, version: 4, kinds: [{ ...kindOf(show), price: 600 }] });
    await pay((await askFor(show, 1, 'ben').expect(201)).body);
    await changeTo({ ...show, version: 5, kinds: [{ ...kindOf(show), price: 1_800 }] });
    await pay((await askFor(show, 1, 'carla').expect(201)).body);
    await ended(first, 'resold', 'resold');
    const owed = (await mine(first)).tickets?.map((it) => it.owed ?? it.price) ?? [];
    expect(owed.toSorted()).toEqual([1_500, 600]);
  });

  it('on offer are drawn only when no unsold ones are left, in every process', async () => {
    const show = await showOnSale([kind(7)]);
    const first = await pay((await askFor(show, 2, 'anna').expect(201)).body);
    await offer(first, idsOf(first)).expect(200);
    const unsold: Order[] = [];
    for (const { app } of [service, replica]) unsold.push((await askFor(show, 2, 'ben', app).expect(201)).body);
    expect(unsold.flatMap((order) => order.tickets?.map(({ attempt }) => attempt))).toEqual([1, 1, 1, 1]);
    const mixed: Order = (await askFor(show, 3, 'carla', replica.app).expect(201)).body;
    expect(mixed.tickets?.map(({ attempt }) => attempt).toSorted()).toEqual([1, 2, 2]);
  });

  it('on offer are not sold as seats to who offers them', async () => {
    const { show, first } = await soldOut(2);
    const [one = '', two = ''] = unitsOf(show, 2);
    await offer(first, [one, two]).expect(200);
    for (const { app } of [service, replica]) {
      expect((await askForSeats(show, [one], 'anna', app).expect(409)).body.code).toBe('own-ticket');
    }
    const second = await pay((await askForSeats(show, [one], 'ben', replica.app).expect(201)).body);
    await ended(first, ...idsOf(first).map((id) => (id === one ? 'resold' : undefined)));
    await offer(second, [one]).expect(200);
    expect((await askForSeats(show, [one, two], 'anna').expect(409)).body.code).toBe('own-ticket');
    await askForSeats(show, [one], 'anna').expect(201);
  });

  it('are found by a process that has known all of them as sold to others since', async () => {
    const { show, first } = await soldOut(1, {});
    await offer(first, idsOf(first)).expect(200);
    const second = await pay((await askFor(show, 1, 'ben').expect(201)).body);
    await ended(first, 'resold');
    await offer(second, idsOf(second)).expect(200);
    const [seat = ''] = idsOf(first);
    const third = (await askForSeats(show, [seat], 'carla', replica.app).expect(201)).body;
    expect(third.tickets).toMatchObject([{ attempt: 3 }]);
    await cancel(third);
    expect((await mine(second)).tickets).toMatchObject([{ attempt: 4 }]);
    expect((await mine(first)).tickets).toMatchObject([{ attempt: 1, ended: 'resold' }]);
    expect((await askForSeats(show, [seat], 'dan', service.app).expect(201)).body.tickets).toMatchObject([
      { attempt: 5 },
    ]);
  });

  it('from several orders are bought in one, of which each is told', async () => {
    const show = await showOnSale([kind(3, { price: 900 })]);
    const firsts = await Promise.all(
      [2, 1].map(async (count, n) => pay((await askFor(show, count, `seller-${n}`).expect(201)).body)),
    );
    for (const first of firsts) await offer(first, idsOf(first).slice(0, 1)).expect(200);
    const dropped = (await askFor(show, 2, 'ben').expect(201)).body;
    await cancel(dropped, replica.app);
    for (const first of firsts) expect((await mine(first)).tickets?.[0]).toMatchObject({ attempt: 3 });
    await pay((await askFor(show, 2, 'carla', replica.app).expect(201)).body);
    await ended(firsts[0] as Order, 'resold', undefined);
    await ended(firsts[1] as Order, 'resold');
  });

  it('are not sold on while the show or their kind is not on sale', async () => {
    const { show, first } = await soldOut(1);
    await offer(first, idsOf(first)).expect(200);
    await changeTo({ ...show, version: 4, state: 'paused' });
    expect((await askFor(show, 1, 'ben').expect(409)).body.code).toBe('not-on-sale');
    await changeTo({ ...show, version: 5, kinds: [{ ...kindOf(show), salesUntil: inDays(-1) }] });
    expect((await askFor(show, 1, 'ben').expect(409)).body.code).toBe('not-on-sale');
    await changeTo({ ...show, version: 6, state: 'cancelled' });
    await ended(first, 'show-cancelled');
    expect((await offer(first, []).expect(200)).body.tickets[0]).not.toHaveProperty('offeredAt');
    expect((await offer(first, idsOf(first)).expect(409)).body).toMatchObject({
      ...{ code: 'not-resellable', detail: 'The show is cancelled.' },
    });
  });

  it('that were sold on do not count against the limit of their first buyer', async () => {
    const show = await showOnSale([kind(5)], { perPerson: 2 });
    const first = await pay((await askFor(show, 2, 'anna').expect(201)).body);
    await offer(first, idsOf(first).slice(0, 1)).expect(200);
    expect((await askFor(show, 1, 'anna').expect(409)).body.code).toBe('limit-reached');
    const seller = await askFor(show, 3, 'ben').expect(409);
    expect(seller.body.code).toBe('limit-reached');
    for (const name of ['ben', 'carla']) await pay((await askFor(show, 2, name).expect(201)).body);
    await ended(first, 'resold', undefined);
    expect((await askFor(show, 1, 'anna').expect(409)).body.code).toBe('sold-out');
    const bigger = { ...kindOf(show), quantity: 9, made: 9 };
    await changeTo({ ...show, version: 4, kinds: [bigger] });
    await askFor(show, 1, 'anna').expect(201);
    expect((await askFor(show, 1, 'anna').expect(409)).body.code).toBe('limit-reached');
  });
});

describe('an offer that its holder may no longer make', () => {
  const refund = (order: Order, ids: string[]) =>
    announce(parts.bus, PaymentPartlyRefunded, {
      ...paymentFor(order, 'captured', 5),
      ...{ refunded: 1_500, refundedTickets: ids },
    });

  it('ends when the organiser refunds the ticket, in every process', async () => {
    const { ticket, first } = await onOffer();
    await refund(first, [ticket.id]);
    await eventually(async () => expect((await mine(first)).tickets).toMatchObject([{ attempt: 2 }]));
    expect((await mine(first)).tickets?.[0]).not.toHaveProperty('offeredAt');
    expect((await ask(ticket.id, 'ben', replica.app).expect(409)).body.code).toBe('ticket-reserved');
    expect((await offer(first, [ticket.id]).expect(409)).body.code).toBe('not-resellable');
  });

  it('ends when the payment is disputed; who is buying the ticket may go on', async () => {
    const { ticket, first } = await onOffer();
    const second = (await ask(ticket.id, 'ben').expect(201)).body;
    const dispute = { status: 'open', amount: 1_500 } as const;
    await announce(parts.bus, PaymentDisputed, { ...paymentFor(first, 'captured', 5), dispute });
    await status(first.id, { dispute }, 'anna');
    expect((await mine(first)).tickets).toMatchObject([{ attempt: 1 }]);
    await cancel(second);
    await eventually(async () => expect((await mine(first)).tickets).toMatchObject([{ attempt: 3 }]));
    expect((await mine(first)).tickets?.[0]).not.toHaveProperty('offeredAt');
    await eventually(async () => expect((await stored(first))?.unsettled).toBeUndefined());
  });
});
