import type { Ticket } from '@box-office/common/contracts/tickets';
import type { TicketFacts } from './announced-facts.ts';
import { check } from './checker.ts';
import { healthyAftermath } from './healthy-aftermath.ts';
import {
  announcements,
  at,
  broken,
  command,
  commands,
  first,
  healthy,
  intent,
  knownTicket,
  listing,
  orderSays,
  says,
  second,
  several,
  ticket,
} from './healthy-evidence.ts';
import { healthyLine } from './healthy-line.ts';
import { withMails } from './healthy-mails.ts';

describe('the checker', () => {
  it('finds nothing where nothing is wrong, and has looked at something for each promise', () => {
    const verdicts = [healthy, healthyAftermath, healthyLine].map((it) => withMails(it)).flatMap(check);
    expect(verdicts.flatMap(({ violations }) => violations)).toEqual([]);
    const looked = Map.groupBy(verdicts, ({ invariant }) => invariant);
    expect([...looked].filter(([, both]) => both.every(({ checked }) => checked === 0))).toEqual([]);
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
      const same = [orderSays('order.created', first, 0, 1, { attempt: 2 }), ...announcements.slice(3)];
      expect(broken({ announcements: same })).toContain('I1');
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
      expect(broken({ knownTickets: [{ ...knownTicket, version: 0 }] })).toEqual(['I2']);
      expect(broken({ payableOrders: [first, several] })).toEqual(['I2']);
      expect(broken({ knownShows: [] })).toEqual(['I2']);
      expect(broken({ knownTickets: [{ ...knownTicket, price: 1 }] })).toEqual(['I2']);
      expect(broken({ knownTickets: [knownTicket, { ...knownTicket, id: 'ticket-2' }] })).toEqual(['I2']);
    });

    it('finds a copy that has not received a withdrawal, and accepts one that does not know who holds the ticket', () => {
      const known = (state: Ticket['state'], copy: Ticket) =>
        broken({ tickets: [{ ...ticket, state, orderId: null }], knownTickets: [copy] });
      expect(known('withdrawn', knownTicket)).toContain('I2');
      expect(known('withdrawn', { ...knownTicket, state: 'withdrawn' })).not.toContain('I2');
      expect(known('on-sale', { ...ticket, state: 'reserved' })).not.toContain('I2');
      expect(broken({ knownTickets: [{ ...ticket, state: 'sold' }] })).toEqual([]);
      expect(broken({ knownTickets: [{ ...ticket, state: 'withdrawn' }] })).toEqual([]);
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

    it('finds a refund of a part that its payment does not know, and one that was never made', () => {
      const knowing = healthy.payments.map((payment) =>
        payment.id === 'order-2' ? { ...payment, refunded: 500 } : payment,
      );
      expect(broken({ intents: [{ ...intent, refunded: 500 }] })).toContain('I3');
      expect(broken({ intents: [{ ...intent, refunded: 500 }], payments: knowing })).not.toContain('I3');
      expect(broken({ payments: knowing })).toContain('I3');
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
    it('finds an order that came back to life, and one that is no longer complete', () => {
      const cancelled = announcements.find(({ type }) => type === 'order.cancelled');
      const completed = announcements.find(({ type }) => type === 'order.completed');
      if (!cancelled || !completed) throw new Error('the example has both ends');
      const revived = { ...cancelled, id: second.id, version: 1 };
      const undone = { ...completed, id: first.id, version: 0 };
      expect(broken({ announcements: [...announcements, revived] })).toContain('I5');
      expect(broken({ announcements: [...announcements, undone] })).toContain('I5');
    });

    it('finds an order that came back to life and ended again', () => {
      const again = [
        orderSays('order.awaiting-payment', first, 2, 10.3, { status: 'awaiting:payment' }),
        orderSays('order.cancelled', first, 3, 10.4),
      ];
      const orders = healthy.orders.map((order) => (order.id === first.id ? { ...order, version: 3 } : order));
      expect(broken({ announcements: [...announcements, ...again], orders })).toContain('I5');
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
    const said = (version: number, seconds: number, facts: Partial<TicketFacts>) => ({
      ...says('tickets', 'ticket.updated', 'ticket-1', version, seconds),
      ticket: { state: 'on-sale', orderId: null, details: 'Seat 1', ...facts },
    });
    const followedBy = (facts: Partial<TicketFacts>, seconds = 17) => ({
      tickets: [{ ...ticket, version: 2 }],
      knownTickets: [{ ...ticket, version: 2 }],
      announcements: [...announcements, said(2, seconds, facts)],
    });
    const orderId = second.id;

    it('edited while it was held or sold', () => {
      expect(broken(followedBy({ state: 'reserved', orderId, details: 'Seat 2' }, 12.5))).toEqual(['I9']);
      expect(broken(followedBy({ state: 'sold', orderId, details: 'Seat 2' }))).toEqual(['I9']);
    });

    it('withdrawn while it was held', () => {
      expect(broken(followedBy({ state: 'withdrawn', orderId }))).toEqual(['I9']);
    });

    it('and accepts an edit of a free ticket, and one that is announced again when somebody has bought the ticket', () => {
      expect(broken(followedBy({ details: 'Seat 2' }))).toEqual([]);
      expect(broken(followedBy({ state: 'sold', orderId, details: 'Seat 2' }, 0.7))).toEqual([]);
    });

    it('and accepts that a withdrawal is announced again for an order that came too late', () => {
      const again = followedBy({ state: 'withdrawn', orderId });
      const withdrawnBefore = again.announcements.with(1, said(1, 0.5, { state: 'withdrawn' }));
      expect(broken({ ...again, announcements: withdrawnBefore })).toEqual([]);
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

  it('I10: does not count the time in which all replicas of a service or an engine were down', () => {
    const refused = [10, 25, 40].map((seconds) => ({ atMs: seconds * 1_000, tookMs: 5, status: 503 }));
    const { answer: _, ...asked } = command(9, { method: 'GET', path: '/api/tickets', tries: refused });
    const down = (name: string, from: number, to: number) => ({ name, fromMs: from * 1_000, toMs: to * 1_000 });
    const judgedOf =
      (it: typeof asked) =>
      (...away: ReturnType<typeof down>[]) =>
        broken({ commands: [...commands, it], away });
    const judged = judgedOf(asked);
    expect(judged()).toEqual(['I10']);
    expect(judged(down('mongo', 0, 26))).toEqual([]);
    expect(judged(down('mongo', 0, 24))).toEqual(['I10']);
    expect(judged(down('tickets-1', 0, 50))).toEqual(['I10']);
    expect(judged(down('tickets-1', 0, 50), down('orders-2', 0, 50))).toEqual(['I10']);
    expect(judged(down('tickets-1', 0, 50), down('tickets-2', 15, 35))).toEqual([]);
    expect(judged(down('tickets-1', 0, 25), down('tickets-2', 15, 35))).toEqual(['I10']);
    // It was taken by a process that is held, and given up.
    const held = judgedOf({ ...asked, tries: [...refused, { atMs: 41_000, tookMs: 5_000 }] });
    expect(held(down('mongo', 0, 30))).toEqual(['I10']);
    expect(held(down('mongo', 0, 32))).toEqual([]);
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
