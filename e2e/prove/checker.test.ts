import type { Order } from '@box-office/common/contracts/orders';
import type { Payment } from '@box-office/common/contracts/payments';
import type { Ticket } from '@box-office/common/contracts/tickets';
import { check } from './checker.ts';
import type { Evidence } from './evidence.ts';
import type { Command } from './history.ts';
import type { Announcement, TicketFacts } from './observer.ts';

const startMs = Date.parse('2030-01-01T12:00:00.000Z');
const at = (seconds: number) => startMs + seconds * 1000;

const ticket: Ticket = {
  id: 'ticket-1',
  version: 1,
  title: 'Seat 1',
  price: 1500,
  currency: 'eur',
  venue: null,
  startsAt: null,
  userId: 'seller',
  orderId: 'order-2',
  state: 'sold',
};
const held = { id: 'ticket-1', title: 'Seat 1', price: 1500, currency: 'eur' } as Order['ticket'];
/** Expired; the ticket went to somebody else. */
const first: Order = {
  id: 'order-1',
  version: 1,
  userId: 'slow',
  status: 'cancelled',
  reason: 'expired',
  expiresAt: new Date(at(10)).toISOString(),
  ticket: held,
  attempt: 1,
};
const second: Order = {
  id: 'order-2',
  version: 2,
  userId: 'buyer',
  status: 'complete',
  expiresAt: new Date(at(30)).toISOString(),
  ticket: held,
  attempt: 2,
};
const payment: Payment = {
  id: 'order-2',
  version: 2,
  orderId: 'order-2',
  userId: 'buyer',
  status: 'captured',
  amount: 1500,
  currency: 'eur',
  stripeId: 'pi_1',
};
const intent = { id: 'pi_1', status: 'succeeded', amount: 1500, received: 1500, orderId: 'order-2', refunded: 0 };

const says = (owner: string, type: string, id: string, version: number, seconds: number): Announcement => ({
  owner,
  type,
  id,
  version,
  timeMs: at(seconds),
});
const announcements = [
  { ...says('tickets', 'ticket.created', 'ticket-1', 0, 0), ticket: { state: 'reserved', details: 'Seat 1' } },
  says('orders', 'order.created', 'order-1', 0, 1),
  says('orders', 'order.cancelled', 'order-1', 1, 10.2),
  says('orders', 'order.created', 'order-2', 0, 12),
  says('orders', 'order.awaiting-payment', 'order-2', 1, 13),
  says('payments', 'payment.authorized', 'order-2', 1, 13),
  says('payments', 'payment.captured', 'order-2', 2, 14),
  says('orders', 'order.completed', 'order-2', 2, 15),
  { ...says('tickets', 'ticket.updated', 'ticket-1', 1, 16), ticket: { state: 'sold', details: 'Seat 1' } },
];
const command = (number: number, over: Partial<Command>): Command => ({
  number,
  userId: 'buyer',
  method: 'POST',
  path: '/api/orders',
  body: { ticketId: 'ticket-1' },
  key: `key-${number}`,
  tries: [],
  ...over,
});
const listing = command(0, {
  userId: 'seller',
  path: '/api/tickets',
  body: { title: 'Seat 1', price: 1500 },
  answer: { status: 201, body: { id: 'ticket-1', version: 0 } },
});
const commands = [
  listing,
  command(1, { userId: 'slow', answer: { status: 201, body: { id: 'order-1' } } }),
  command(2, { answer: { status: 201, body: { id: 'order-2' } } }),
  command(6, { path: '/api/payments', body: { orderId: 'order-2' }, fresh: true, answer: { status: 201, body: {} } }),
  command(3, { userId: 'late', answer: { status: 409, body: {} } }),
  command(4, {
    path: '/api/tickets',
    body: { title: 'Free', price: 0.5 },
    wrong: { why: 'half a cent', refusals: [400], cell: 'POST /api/tickets as forger' },
    answer: { status: 400, body: {} },
  }),
  command(5, { method: 'GET', path: '/api/tickets', body: undefined, answer: { status: 200, body: [] } }),
];

const healthy: Evidence = {
  tickets: [ticket],
  orders: [first, second],
  payments: [payment],
  unannounced: [],
  knownTickets: [ticket],
  payableOrders: [first, second],
  intents: [intent],
  announcements,
  streamsLost: false,
  regressions: [],
  looks: 100,
  commands,
  cells: ['POST /api/tickets as forger'],
  calm: true,
  away: [],
  died: [],
};

const broken = (over: Partial<Evidence>) =>
  check({ ...healthy, ...over })
    .filter(({ violations }) => violations.length > 0)
    .map(({ invariant }) => invariant);

describe('the checker', () => {
  it('finds nothing where nothing is wrong, and has looked at something for each promise', () => {
    const verdicts = check(healthy);
    expect(verdicts.flatMap(({ violations }) => violations)).toEqual([]);
    expect(verdicts.filter(({ checked }) => checked === 0)).toEqual([]);
  });

  describe('I1', () => {
    it('finds two live orders for one ticket', () => {
      expect(broken({ orders: [{ ...first, status: 'created' }, second] })).toContain('I1');
    });

    it('finds two orders that were live at one time, though one has ended since', () => {
      const overlapping = announcements.map((it) => (it.type === 'order.cancelled' ? { ...it, timeMs: at(12.5) } : it));
      expect(broken({ announcements: overlapping })).toContain('I1');
    });

    it('finds two orders that are the same attempt', () => {
      expect(broken({ orders: [{ ...first, attempt: 2 }, second] })).toContain('I1');
    });
  });

  describe('I2', () => {
    it('finds a version that was never announced', () => {
      expect(broken({ announcements: announcements.filter(({ type }) => type !== 'order.awaiting-payment') })).toEqual([
        'I2',
      ]);
    });

    it('lets an earlier version be lost with a stream, the last one not', () => {
      const without = (type: string) => announcements.filter((it) => it.type !== type);
      expect(broken({ streamsLost: true, announcements: without('order.awaiting-payment') })).toEqual([]);
      expect(broken({ streamsLost: true, announcements: without('ticket.updated') })).toEqual(['I2']);
    });

    it('finds a payment whose end was never announced', () => {
      expect(broken({ announcements: announcements.filter(({ type }) => type !== 'payment.captured') })).toEqual([
        'I2',
      ]);
    });

    it('finds a copy that is old, missing, different or without an owner', () => {
      expect(broken({ knownTickets: [{ ...ticket, version: 0 }] })).toEqual(['I2']);
      expect(broken({ payableOrders: [first] })).toEqual(['I2']);
      expect(broken({ knownTickets: [{ ...ticket, price: 1 }] })).toEqual(['I2']);
      expect(broken({ knownTickets: [ticket, { ...ticket, id: 'ticket-2' }] })).toEqual(['I2']);
    });

    it('finds what still waits to be announced', () => {
      expect(broken({ unannounced: ['orders/order-2'] })).toEqual(['I2']);
    });
  });

  describe('I3', () => {
    it('finds money that was taken for a cancelled order, unless it was refunded', () => {
      const late = { ...intent, id: 'pi_0', orderId: 'order-1' };
      expect(broken({ intents: [late, intent] })).toEqual(['I3']);
      expect(broken({ intents: [{ ...late, refunded: 1500 }, intent] })).toEqual([]);
    });

    it('finds a complete order that is unpaid, paid twice or paid with another sum', () => {
      expect(broken({ intents: [] })).toEqual(['I3']);
      expect(broken({ intents: [intent, { ...intent, id: 'pi_2' }] })).toEqual(['I3']);
      expect(broken({ intents: [{ ...intent, received: 1499 }] })).toEqual(['I3']);
    });

    it('finds a reservation of money that a cancelled order left behind', () => {
      const kept = { ...intent, id: 'pi_0', orderId: 'order-1', status: 'requires_capture', received: 0 };
      expect(broken({ intents: [kept, intent] })).toEqual(['I3']);
    });
  });

  it('I4: finds a copy that went back', () => {
    expect(broken({ regressions: ['orders.known-tickets/1 went from version 2 back to 1'] })).toEqual(['I4']);
  });

  describe('I5', () => {
    it('finds an order that never ends, and one that ended much too late or too early', () => {
      const ended = (seconds: number) =>
        announcements.map((it) => (it.type === 'order.cancelled' ? { ...it, timeMs: at(seconds) } : it));
      expect(broken({ orders: [first, { ...second, status: 'awaiting:payment' }] })).toContain('I5');
      expect(broken({ announcements: ended(71) })).toContain('I5');
      expect(broken({ announcements: ended(9.5) })).toEqual(['I5']);
    });

    it('does not count the time in which an engine was down, even when it is reported twice', () => {
      const ended = (seconds: number) =>
        announcements.map((it) => (it.type === 'order.cancelled' ? { ...it, timeMs: at(seconds) } : it));
      const stretch = (from: number, to: number) => ({ fromMs: at(from), toMs: at(to) });
      // 5 s before the deadline, then 35 s in all.
      const away = [stretch(25, 45), stretch(5, 30), stretch(26, 28), stretch(200, 300)];
      expect(broken({ away, announcements: ended(104) })).not.toContain('I5');
      expect(broken({ away, announcements: ended(106) })).toContain('I5');
    });

    it('finds an order that came back to life, and one that is no longer complete', () => {
      const cancelled = announcements.find(({ type }) => type === 'order.cancelled');
      const completed = announcements.find(({ type }) => type === 'order.completed');
      if (!cancelled || !completed) throw new Error('the example has both ends');
      const revived = { ...cancelled, id: second.id, version: 1 };
      const undone = { ...completed, id: first.id, version: 0 };
      expect(broken({ announcements: [...announcements, revived] })).toContain('I5');
      expect(broken({ announcements: [...announcements, undone] })).toContain('I5');
    });

    it('finds a ticket that is neither sold to its buyer nor back on sale', () => {
      const inBoth = (over: Partial<Ticket>) => ({
        tickets: [{ ...ticket, ...over }],
        knownTickets: [{ ...ticket, ...over }],
      });
      expect(broken(inBoth({ state: 'on-sale', orderId: null }))).toEqual(['I5']);
      expect(broken(inBoth({ orderId: 'order-1' }))).toEqual(['I5']);
    });
  });

  describe('I6', () => {
    it('finds something forgotten that was answered 201', () => {
      const answer = { status: 201, body: { id: 'order-9' } };
      expect(broken({ commands: [...commands, command(9, { userId: 'third', answer })] })).toEqual(['I6']);
    });

    it('finds what a refused command left behind', () => {
      expect(broken({ commands: commands.with(2, command(2, { answer: { status: 409, body: {} } })) })).toEqual(['I6']);
    });

    it('lets a command without an answer have made one thing, not two', () => {
      expect(broken({ commands: commands.with(2, command(2, {})) })).toEqual([]);
      const twice = { ...ticket, id: 'ticket-2', orderId: null, state: 'on-sale' } as const;
      const made = {
        tickets: [ticket, twice],
        knownTickets: [ticket, twice],
        announcements: [
          ...announcements,
          ...[0, 1].map((version) => says('tickets', 'ticket.created', 'ticket-2', version, 1)),
        ],
      };
      const { answer: _, ...silent } = listing;
      expect(broken({ ...made, commands: commands.with(0, silent) })).toEqual(['I6']);
    });

    it('finds a field that a change did not name and yet changed', () => {
      const put = (currency: string) =>
        command(9, {
          method: 'PUT',
          path: '/api/tickets/ticket-1',
          leaves: { currency: 'jpy' },
          answer: { status: 200, body: { version: 1, currency } },
        });
      expect(broken({ commands: [...commands, put('eur')] })).toEqual(['I6']);
      expect(broken({ commands: [...commands, put('jpy')] })).toEqual([]);
    });

    it('finds a cancellation that was confirmed and did not happen', () => {
      const cancel = command(9, { method: 'DELETE', path: '/api/orders/order-2', answer: { status: 200, body: {} } });
      expect(broken({ commands: [...commands, cancel] })).toEqual(['I6']);
    });
  });

  describe('I8: finds what should have been refused', () => {
    const forged = (status: number) =>
      command(9, {
        path: '/api/payments/webhook',
        wrong: { why: 'signed by nobody', refusals: [400] },
        answer: { status, body: {} },
      });

    it.each([200, 404, 409])('and was answered %p', (status) => {
      expect(broken({ commands: [...commands, forged(status)] })).toEqual(['I8']);
      expect(broken({ commands: [...commands, forged(400)] })).toEqual([]);
    });

    it('and was never tried', () => {
      expect(broken({ cells: [...healthy.cells, 'DELETE /api/orders/:id as seller'] })).toEqual(['I8']);
    });
  });

  describe('I9: finds a ticket that was', () => {
    const next = (facts: TicketFacts) => ({ ...says('tickets', 'ticket.updated', 'ticket-1', 2, 17), ticket: facts });
    const followedBy = (facts: TicketFacts) => ({
      tickets: [{ ...ticket, version: 2 }],
      knownTickets: [{ ...ticket, version: 2 }],
      announcements: [...announcements, next(facts)],
    });

    it('edited while it was sold', () => {
      expect(broken(followedBy({ state: 'sold', details: 'Seat 2' }))).toEqual(['I9']);
    });

    it('withdrawn while it was sold', () => {
      expect(broken(followedBy({ state: 'withdrawn', details: 'Seat 1' }))).toEqual(['I9']);
    });

    it('and accepts a refund of it', () => {
      expect(broken(followedBy({ state: 'sold', details: 'Seat 1' }))).toEqual([]);
    });
  });

  it('I10: finds a list that is not served', () => {
    const { answer: _, ...asked } = command(9, {
      method: 'GET',
      path: '/api/tickets',
      tries: [{ atMs: 0, tookMs: 5, status: 500 }],
    });
    expect(broken({ commands: [...commands, asked] })).toEqual(['I10']);
  });

  it('I11: finds what could not be used immediately, unless processes were disturbed', () => {
    const late = command(9, { path: '/api/payments', fresh: true, answer: { status: 404, body: {} } });
    expect(broken({ commands: [...commands, late] })).toEqual(['I11']);
    expect(broken({ commands: [...commands, late], calm: false })).toEqual([]);
  });

  it('I7: finds a process that ended by itself', () => {
    expect(broken({ died: ['orders-1: it ended with code 1'] })).toEqual(['I7']);
  });
});
