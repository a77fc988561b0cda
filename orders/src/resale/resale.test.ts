import { randomBytes } from 'node:crypto';
import { OrderOffered } from '@box-office/common/contracts/orders';
import type { Ticket } from '@box-office/common/contracts/tickets';
import { refused } from '@box-office/common/testing/refused';
import { endTickets } from '../ended.ts';
import { claimOf, lookup, slotsOf } from '../lookup.ts';
import { cancelByBuyer, completeOrder, keeps, type Order, snapshot } from '../order.ts';
import { reserve } from '../reserve.ts';
import { reserveUnits } from '../shows/reserve-show.ts';
import { boughtBy, isUnsettled, type Offer, offer, settled, takeAgain, withdrawOffers } from './resale.ts';

const newId = () => randomBytes(12).toString('hex');
const now = new Date('2026-01-01T12:00:00.000Z');
const at = now.toISOString();
const [show, kindId, one, two] = [newId(), newId(), newId(), newId()];
const windowMs = 60_000;

/** An order for two tickets of a show. */
function ordered(attempt = 1, more: Partial<Order> = {}): Order {
  const { next } = reserveUnits({
    ...{ id: newId(), userId: 'anna', now, windowMs, places: { person: [7, 4], live: null, today: null } },
    show: {
      ...{ id: show, version: 1, userId: 'organiser', state: 'on-sale', title: 'Hamlet', currency: 'eur' },
      ...{ venue: { name: 'The Globe' }, timeZone: 'Europe/London', startsAt: '2100-01-01T19:00:00.000Z' },
      kinds: [{ id: kindId, name: 'Stalls', price: 1_500, quantity: 4, made: 4 }],
    },
    units: [one, two].map((id, index) => ({ id, kindId, number: index + 1, attempt })),
  });
  return { ...next, ...more };
}

const bought = (attempt = 1, more: Partial<Order> = {}): Order => ({
  ...completeOrder(ordered(attempt)).next,
  ...more,
});
const none = new Map<string, number | null>();
const offered = (order: Order, ids: readonly string[], how: Partial<Offer> = {}): Order =>
  offer(order, { ids, over: null, now, last: none, ...how }).next;
const attemptsOf = (order: Order) => order.tickets?.map(({ attempt, earlier }) => [...earlier, attempt]);
const offersOf = (order: Order) => order.tickets?.map(({ offeredAt }) => offeredAt);

describe('an offer', () => {
  it('is announced, with the time, and leaves everything else as it is', () => {
    const order = bought();
    const change = offer(order, { ids: [two], over: null, now, last: none });
    expect(change.announce).toEqual([OrderOffered]);
    expect(snapshot(change.next).tickets).toMatchObject([{ attempt: 1 }, { attempt: 1, offeredAt: at }]);
    expect(snapshot(change.next).tickets?.[0]).not.toHaveProperty('offeredAt');
    expect({ ...change.next, tickets: null }).toEqual({ ...order, tickets: null });
  });

  it('lets others claim the next attempt until the ticket is not on offer any more', () => {
    const order = offered(bought(), [one]);
    expect(order.tickets?.map((ticket) => keeps('complete', ticket))).toEqual([false, true]);
    const back = offered(order, []);
    expect(back.tickets?.map((ticket) => keeps('complete', ticket))).toEqual([true, true]);
    const ended = endTickets(order, [one], 'show-cancelled').next;
    expect(ended.tickets?.map((ticket) => keeps('complete', ticket))).toEqual([true, true]);
    const resold = endTickets(order, [one], 'resold').next;
    expect(resold.tickets?.map((ticket) => keeps('complete', ticket))).toEqual([false, true]);
    expect(ordered().tickets?.map((ticket) => keeps('created', { ...ticket, offeredAt: at }))).toEqual([true, true]);
    expect(ordered().tickets?.map((ticket) => keeps('cancelled', ticket))).toEqual([false, false]);
  });

  it('that is made again, or is there already, changes nothing', () => {
    const order = offered(bought(), [one]);
    const later = new Date(now.getTime() + 1_000);
    expect(offer(order, { ids: [one], over: null, now: later, last: none }).changed).toBe(false);
    expect(offer(bought(), { ids: [], over: 'The show is cancelled.', now, last: none }).changed).toBe(false);
    expect(offer(ordered(), { ids: [], over: null, now, last: none }).changed).toBe(false);
  });

  const refundedAt = at;
  const withTicket = (order: Order, more: object): Order => ({
    ...order,
    tickets: order.tickets?.map((ticket) => (ticket.id === one ? { ...ticket, ...more } : ticket)) ?? null,
  });
  it.each<[string, () => Order, Partial<Offer>?]>([
    ['is not paid', () => ordered()],
    ['is cancelled', () => cancelByBuyer(ordered()).next],
    ['was refunded', () => bought(1, { refundedAt })],
    ['was refunded in this part', () => withTicket(bought(), { refundedAt })],
    ['is disputed', () => bought(1, { dispute: { status: 'open', amount: 3_000 } })],
    ['was lost to the bank', () => bought(1, { dispute: { status: 'lost', amount: 3_000 } })],
    ['was resold', () => withTicket(bought(), { ended: 'resold' })],
    ['is for a cancelled show', () => withTicket(bought(), { ended: 'show-cancelled' })],
    ['is over', () => bought(), { over: 'It has already begun.' }],
  ])('is refused for what %s', (_, order, how = {}) => {
    expect(() => offered(order(), [one], how)).toThrow(refused('not-resellable'));
  });

  it('says why it is refused', () => {
    const why = (order: Order, how: Partial<Offer> = {}) => {
      try {
        offered(order, [one], how);
      } catch (error) {
        return Error.isError(error) && 'detail' in error ? error.detail : error;
      }
      return 'nothing';
    };
    expect([
      why(ordered()),
      why(bought(1, { refundedAt })),
      why(bought(1, { dispute: { status: 'open', amount: 1 } })),
      why(bought(1, { dispute: { status: 'lost', amount: 1 } })),
      why(withTicket(bought(), { ended: 'resold' })),
      why(withTicket(bought(), { ended: 'show-cancelled' })),
      why(bought(), { over: 'It has already begun.' }),
    ]).toEqual([
      'The order is not complete.',
      'The ticket was refunded.',
      'Your bank disputes the payment.',
      'Your bank has taken the payment back.',
      'The ticket is sold to somebody else.',
      'The show is cancelled.',
      'It has already begun.',
    ]);
  });

  it('is allowed after an inquiry, after a dispute that was won, and of other tickets than the refunded one', () => {
    for (const status of ['inquiry', 'won'] as const) {
      expect(offersOf(offered(bought(1, { dispute: { status, amount: 1 } }), [one]))).toEqual([at, null]);
    }
    expect(offersOf(offered(withTicket(bought(), { refundedAt }), [two]))).toEqual([null, at]);
  });

  it('is of tickets of this order', () => {
    expect(() => offered(bought(), [newId()])).toThrow(
      expect.objectContaining({
        code: 'invalid-request',
        errors: [{ field: 'tickets', message: 'must be tickets of this order' }],
      }),
    );
  });

  it('is refused once a ticket has been offered too often, because all attempts stay claimed', () => {
    let order = bought();
    for (let times = 0; times < 100; times++) order = offered(offered(order, [one]), []);
    expect(() => offered(order, [one])).toThrow(refused('limit-reached'));
    expect(lookup(order, now).claims).toHaveLength(102);
  });
});

describe('taking an offer back', () => {
  it('claims the next attempt and keeps the earlier ones', () => {
    const order = offered(offered(bought(), [one, two]), [two]);
    expect(attemptsOf(order)).toEqual([[1, 2], [1]]);
    expect(offersOf(order)).toEqual([null, at]);
    expect(order.attempt).toBe(2);
    expect(lookup(order, now).claims).toEqual([
      claimOf({ id: one, attempt: 1 }),
      claimOf({ id: one, attempt: 2 }),
      claimOf({ id: two, attempt: 1 }),
    ]);
  });

  it('leaves the attempt of the order as that of its first ticket', () => {
    expect(offered(offered(bought(), [two]), [])).toMatchObject({ attempt: 1, tickets: [{}, { attempt: 2 }] });
  });

  it('claims the attempt after the last one that was cancelled, and is refused while somebody has the ticket', () => {
    const order = offered(bought(), [one]);
    expect(attemptsOf(offered(order, [], { last: new Map([[one, 4]]) }))).toEqual([[1, 5], [1]]);
    expect(() => offered(order, [], { last: new Map([[one, null]]) })).toThrow(refused('ticket-reserved'));
    expect(attemptsOf(offered(order, [], { last: new Map([[two, null]]) }))).toEqual([[1, 2], [1]]);
  });

  it('of an order of an earlier release gives it a list of tickets', () => {
    const old: Order = { ...bought(), tickets: null, ticketId: one };
    expect(attemptsOf(offered(offered(old, [one]), []))).toEqual([[1, 2]]);
  });
});

describe('after a buyer who did not pay', () => {
  const order = () => offered(bought(), [one, two]);

  it('the order has its tickets again, still on offer', () => {
    const again = takeAgain(order(), new Map([[one, 3]]));
    expect(again.announce).toEqual([OrderOffered]);
    expect(attemptsOf(again.next)).toEqual([[1, 4], [1]]);
    expect(offersOf(again.next)).toEqual([at, at]);
  });

  it('nothing changes if somebody else has the ticket, or the order has it already, or it was sold', () => {
    const last = new Map([[one, 3]]);
    const again = takeAgain(order(), last).next;
    expect(takeAgain(again, last).changed).toBe(false);
    expect(takeAgain(order(), new Map([[one, null]])).changed).toBe(false);
    expect(takeAgain(order(), new Map([[one, 1]])).changed).toBe(false);
    expect(takeAgain(endTickets(order(), [one], 'resold').next, last).changed).toBe(false);
    expect(takeAgain({ ...order(), status: 'cancelled' }, last).changed).toBe(false);
  });

  it('the order has a ticket again that it may not offer any more, without the offer', () => {
    const again = takeAgain({ ...order(), refundedAt: at }, new Map([[one, 2]])).next;
    expect([attemptsOf(again), offersOf(again)]).toEqual([
      [[1, 3], [1]],
      [null, at],
    ]);
    const ended = endTickets(order(), [one], 'show-cancelled').next;
    expect(attemptsOf(takeAgain(ended, new Map([[one, 2]])).next)).toEqual([[1, 3], [1]]);
  });

  it('the offer ends once it has failed too often', () => {
    let again = order();
    for (let last = 2; again.tickets?.[0]?.offeredAt; last += 2) again = takeAgain(again, new Map([[one, last]])).next;
    expect(again.tickets?.[0]?.earlier).toHaveLength(101);
  });
});

describe('an offer that can no longer be kept', () => {
  it('is taken back, unless somebody else has the ticket', () => {
    const order: Order = { ...offered(bought(), [one, two]), dispute: { status: 'open', amount: 1 } };
    const change = withdrawOffers(order, new Map([[two, null]]));
    expect([attemptsOf(change.next), offersOf(change.next)]).toEqual([
      [[1, 2], [1]],
      [null, at],
    ]);
    expect(withdrawOffers(offered(bought(), [one]), none).changed).toBe(false);
  });

  it('is found until it is taken back', () => {
    const order = offered(bought(), [one]);
    expect(isUnsettled(order)).toBe(false);
    const refunded = { ...order, refundedAt: at };
    expect(lookup(refunded, now).unsettled).toBe(at);
    expect(isUnsettled(withdrawOffers(refunded, none).next)).toBe(false);
    expect(isUnsettled(endTickets(refunded, [one], 'resold').next)).toBe(false);
  });
});

describe('an order whose tickets others had before', () => {
  it('is found once it has ended, until they know', () => {
    for (const order of [bought(2), cancelByBuyer(ordered(2)).next]) {
      expect(lookup(order, now).unsettled).toBe(at);
      const done = settled(order);
      expect([done.changed, done.announce, settled(done.next).changed]).toEqual([true, [], false]);
      expect(lookup(done.next, now).unsettled).toBeUndefined();
    }
    expect(isUnsettled(ordered(2))).toBe(false);
    for (const order of [bought(1), cancelByBuyer(ordered(1)).next]) expect(isUnsettled(order)).toBe(false);
  });

  it('is found whatever it has offered and taken back itself, and not for that', () => {
    const back = offered(offered(bought(1), [one]), []);
    expect(isUnsettled(back)).toBe(false);
    expect(isUnsettled(offered(offered(bought(2), [one]), []))).toBe(true);
  });

  it('has bought what they have had at earlier attempts only', () => {
    const first = offered(bought(1), [one, two]);
    expect(boughtBy(bought(2), first)).toEqual([one, two]);
    expect(boughtBy(first, bought(2))).toEqual([]);
    const back = offered(first, [two]);
    expect(boughtBy(bought(2), back)).toEqual([two]);
    const again = takeAgain(bought(2), new Map([[one, 5]])).next;
    expect([boughtBy(again, first), boughtBy(again, bought(3))]).toEqual([[one, two], []]);
  });
});

describe('the places of a person', () => {
  it('are free for as many tickets as were sold on', () => {
    const order = bought();
    expect(slotsOf(order)).toHaveLength(2);
    const [left] = slotsOf(endTickets(order, [one], 'resold').next) ?? [];
    expect(slotsOf(order)?.[1]).toBe(left);
    expect(slotsOf(endTickets(order, [one, two], 'resold').next)).toBeUndefined();
  });
});

describe('a single ticket on offer', () => {
  const ticket: Ticket = {
    ...{ id: one, version: 0, title: 'Opera', price: 2_000, currency: 'eur', venue: null, startsAt: null },
    ...{ userId: 'seller', orderId: null, state: 'on-sale' },
  };
  const asked = { id: newId(), userId: 'ben', ticket, now, windowMs, places: { person: [], live: null, today: null } };
  const first = () => completeOrder(reserve({ ...asked, userId: 'anna', last: null }).next).next;

  it('can be reserved by others, at its price of today', () => {
    expect(() => reserve({ ...asked, last: first() })).toThrow(refused('ticket-reserved'));
    const dearer = { ...ticket, price: 2_500 };
    const { next } = reserve({ ...asked, ticket: dearer, last: offered(first(), [one]) });
    expect(next).toMatchObject({ attempt: 2, price: 2_500, tickets: [{ attempt: 2, earlier: [], offeredAt: null }] });
  });

  it('is its holder’s own, and reserved once they have taken it back', () => {
    expect(() => reserve({ ...asked, userId: 'anna', last: offered(first(), [one]) })).toThrow(refused('own-ticket'));
    expect(() => reserve({ ...asked, last: offered(offered(first(), [one]), []) })).toThrow(refused('ticket-reserved'));
  });

  it('that was bought once more is kept by its last buyer', () => {
    const second = completeOrder(reserve({ ...asked, last: offered(first(), [one]) }).next).next;
    expect(() => reserve({ ...asked, userId: 'carla', last: second })).toThrow(refused('ticket-reserved'));
    const old = { ...second, tickets: null };
    expect(() => reserve({ ...asked, userId: 'carla', last: old })).toThrow(refused('ticket-reserved'));
    expect(reserve({ ...asked, userId: 'anna', last: offered(second, [one]) }).next.attempt).toBe(3);
  });
});
