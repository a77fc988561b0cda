import type { Order } from '@box-office/common/contracts/orders';
import {
  announcements,
  brokenAfterwards as broken,
  buyer,
  healthyAftermath,
  intentOf,
  intents,
  lost,
  refundOf,
  seller,
  waverer,
} from './healthy-aftermath.ts';
import { at, command, intent, orderSays } from './healthy-evidence.ts';
import type { Announcement } from './observer.ts';

const orders = (...all: readonly Order[]) => ({ orders: all, payableOrders: all });
/** The same, but this order said something else, or at another time. */
const saying = (said: Announcement): readonly Announcement[] =>
  announcements.map((it) => (it.id === said.id && it.version === said.version && it.type === said.type ? said : it));
const endedAs = (order: Order, ended?: 'resold' | 'show-cancelled'): Order => ({
  ...order,
  tickets: order.tickets?.map(({ ended: _, ...it }) => ({ ...it, ...(ended && { ended }) })) ?? [],
});

describe('the checker', () => {
  describe('I1: knows that a ticket on offer may be taken, and finds', () => {
    it('one that was taken before it was on offer', () => {
      const early = orderSays('order.created', waverer, 0, 19, { status: 'created' });
      expect(broken({ announcements: saying(early) })).toEqual(['I1']);
    });

    it('one that was taken back while somebody was buying it', () => {
      const late = orderSays('order.cancelled', waverer, 1, 24);
      expect(broken({ announcements: saying(late) })).toContain('I1');
    });

    it('one that was taken although its holder had taken it back', () => {
      const kept = seller.tickets?.map(({ id, price }) => ({ id, price, attempt: 3 })) ?? [];
      const back = orderSays('order.offered', seller, 4, 23, { tickets: kept });
      expect(broken({ announcements: saying(back) })).toContain('I1');
    });

    it('two that have it in the end', () => {
      expect(broken(orders(endedAs(seller), waverer, buyer, lost))).toContain('I1');
    });
  });

  describe('I5: knows which tickets are on offer, and finds', () => {
    const offering: Order = { ...buyer, tickets: buyer.tickets?.map((it) => ({ ...it, offeredAt: it.id })) ?? [] };
    const [ticket] = healthyAftermath.tickets;

    it('one that is not, or is although its holder has it', () => {
      if (!ticket) throw new Error('there is no ticket');
      const all = orders(seller, waverer, offering, lost);
      expect(broken({ ...all, tickets: [{ ...ticket, offered: true }] })).toEqual([]);
      expect(broken(all)).toEqual(['I5']);
      expect(broken({ tickets: [{ ...ticket, offered: true }] })).toEqual(['I5']);
    });

    it('one that is on sale or another’s although somebody has it', () => {
      if (!ticket) throw new Error('there is no ticket');
      expect(broken({ tickets: [{ ...ticket, state: 'on-sale', orderId: null }] })).toContain('I5');
      expect(broken({ tickets: [{ ...ticket, orderId: seller.id }] })).toContain('I5');
    });
  });

  describe('I12: knows that a show may be cancelled while somebody is buying a ticket of it that is on offer', () => {
    const next: Order = { ...lost, id: 'order-8', tickets: lost.tickets?.map((it) => ({ ...it, attempt: 2 })) ?? [] };
    const units = healthyAftermath.units.map((it) => ({ ...it, hold: { orderId: next.id, refundedAt: null } }));
    const passedTo = (last: Order, before = lost) => broken({ ...orders(seller, waverer, buyer, before, last), units });

    it('which is theirs in the end', () => {
      expect(passedTo(next)).not.toContain('I12');
    });

    it('and finds one that nobody has bought, or whose first holder is not told', () => {
      expect(passedTo({ ...next, status: 'cancelled', reason: 'buyer' })).toContain('I12');
      expect(passedTo(next, endedAs(lost))).toContain('I12');
    });
  });

  describe('I13: counts', () => {
    const again: Order = {
      ...lost,
      ...{ id: 'order-7', version: 0 },
      tickets:
        lost.tickets?.map(({ id, attempt, price, kindId = '' }) => ({ id: `${id}-b`, attempt, price, kindId })) ?? [],
    };
    const one = healthyAftermath.shows.map((it) => ({ ...it, perPerson: 1 }));
    const alsoAt = (seconds: number) =>
      broken({
        ...{ shows: one, knownShows: one },
        announcements: [...announcements, orderSays('order.completed', again, 0, seconds)],
      });

    it('what a person has until it has ended, and not after that', () => {
      expect(alsoAt(45)).toContain('I13');
      expect(alsoAt(53)).not.toContain('I13');
    });
  });

  describe('I14: finds', () => {
    it('a ticket of an order that counts as refunded and is not, and the other way round', () => {
      const { refundedAt: _, ...told } = { ...lost, refunded: 0 };
      const nothingBack = { ...intentOf(lost, []), refunded: 0 };
      expect(broken({ intents: intents.with(2, nothingBack) })).toContain('I14');
      expect(broken(orders(seller, waverer, buyer, told))).toContain('I14');
      const [kept] = lost.tickets ?? [];
      if (!kept) throw new Error('there is no ticket');
      const { refundedAt: __, ...silent } = kept;
      expect(broken(orders(seller, waverer, buyer, { ...lost, tickets: [silent] }))).toEqual(['I14']);
    });

    it('a ticket of a show that does not know that it was refunded', () => {
      const units = healthyAftermath.units.map((it) => it.hold && { ...it, hold: { ...it.hold, refundedAt: null } });
      expect(broken({ units: units.filter((it) => it !== null) })).toEqual(['I14']);
    });
  });

  describe('I15: finds', () => {
    const refunded = (...refunds: Parameters<typeof intentOf>[1]) => ({
      intents: [intentOf(seller, refunds), ...intents.slice(1)],
    });

    it('a ticket that was refunded twice, or for more or less than it cost', () => {
      const again = refundOf('ticket-1', 1500, { refundId: 'ticket:ticket-1:2' });
      expect(broken(refunded(refundOf('ticket-1', 1500), again))).toContain('I15');
      expect(broken(refunded(refundOf('ticket-1', 1501)))).toContain('I15');
      const short = { ...intentOf(lost, [refundOf('unit-1', 1999)]), refunded: 1999 };
      expect(broken({ intents: [...intents.slice(0, 2), short] })).toContain('I15');
    });

    it('a ticket that was refunded although its buyer still has it and nobody asked for it', () => {
      const kept = { ...intentOf(buyer, [refundOf('ticket-1', 1500)]), refunded: 1500 };
      const asked = command(30, {
        path: '/api/payments/order-5/refund',
        body: { tickets: ['ticket-1'] },
        answer: { status: 200, body: {} },
      });
      const all = intents.with(1, kept);
      expect(broken({ intents: all })).toContain('I15');
      expect(broken({ intents: all, commands: [...healthyAftermath.commands, asked] })).not.toContain('I15');
      expect(broken({ commands: [...healthyAftermath.commands, asked] })).toEqual(['I15']);
    });
  });

  describe('I16: finds a cancelled show', () => {
    it('of which somebody still has a ticket', () => {
      expect(broken(orders(seller, waverer, buyer, endedAs(lost)))).toContain('I16');
    });

    it('of which somebody did not get everything back, unless their bank is the reason', () => {
      const owed = { ...intentOf(lost, []), refunded: 0 };
      expect(broken({ intents: intents.with(2, owed) })).toContain('I16');
      const failed = { ...owed, refunds: [refundOf('unit-1', 2000, { status: 'failed' })] };
      expect(broken({ intents: intents.with(2, failed) })).not.toContain('I16');
      const disputed = { ...owed, dispute: { status: 'open' as const, amount: 2000 } };
      expect(broken({ intents: intents.with(2, disputed) })).not.toContain('I16');
    });

    it('whose tickets ended although it takes place', () => {
      const shows = healthyAftermath.shows.map((it) => ({ ...it, state: 'on-sale' as const }));
      expect(broken({ shows, knownShows: shows })).toContain('I16');
    });
  });

  describe('I19: finds a show whose sales', () => {
    it('come to more or less than what Stripe has, or cannot be read', () => {
      expect(broken({ sales: new Map([['show-1', 2000]]) })).toEqual(['I19']);
      const kept = { ...intentOf(lost, []), refunded: 500 };
      expect(broken({ intents: intents.with(2, kept), sales: new Map([['show-1', 1500]]) })).not.toContain('I19');
      expect(broken({ intents: intents.with(2, kept), sales: new Map([['show-1', 2000]]) })).toContain('I19');
      expect(broken({ sales: new Map() })).toEqual(['I19']);
    });
  });

  describe('I17: finds a ticket sold again', () => {
    it('that its first holder still has, or that nobody bought', () => {
      expect(broken(orders(endedAs(seller), waverer, buyer, lost))).toContain('I17');
      expect(broken(orders(seller, waverer, { ...buyer, status: 'cancelled' }, lost))).toContain('I17');
    });

    it('whose first holder got nothing back', () => {
      expect(broken({ intents: intents.with(0, { ...intent, ...intentOf(seller, []), refunded: 0 }) })).toContain(
        'I17',
      );
    });

    it('whose first holder got more or less back than the new one has paid, if the price was cut', () => {
      const cheaper = { ...buyer, total: 900, tickets: buyer.tickets?.map((it) => ({ ...it, price: 900 })) ?? [] };
      const owed = (amount: number) => ({
        ...seller,
        ...{ refundedAt: undefined, refunded: amount },
        tickets: seller.tickets?.map((it) => ({ ...it, owed: amount })) ?? [],
      });
      const resoldFor = (amount: number, refunded: number) =>
        broken({
          ...orders(owed(amount), waverer, cheaper, lost),
          intents: intents.with(0, { ...intentOf(seller, [refundOf('ticket-1', refunded)]), refunded }),
        });
      expect(resoldFor(900, 900)).not.toContain('I15');
      expect(resoldFor(900, 900)).not.toContain('I17');
      expect(resoldFor(900, 1500)).toContain('I15');
      expect(resoldFor(800, 800)).toContain('I17');
      expect(broken(orders(seller, waverer, cheaper, lost))).toContain('I17');
    });

    it('that its holder has not taken again after somebody gave it up', () => {
      const again = {
        ...waverer,
        id: 'order-6',
        attempt: 5,
        tickets: buyer.tickets?.map((it) => ({ ...it, attempt: 5 })) ?? [],
      };
      expect(broken(orders(seller, waverer, buyer, again, lost))).toContain('I17');
    });

    it('whose first holder was refunded before the new one had paid', () => {
      const early = intentOf(seller, [refundOf('ticket-1', 1500, { createdMs: at(20) })]);
      expect(broken({ intents: intents.with(0, early) })).toEqual(['I17']);
    });
  });
});
