import { broken, first, healthy, orderSays, second } from './healthy-evidence.ts';
import { brokenInLine, early, late } from './healthy-line.ts';
import { withMails } from './healthy-mails.ts';

const { mails, addresses } = withMails(healthy);
const paid = { id: 'order-2.paid', to: 'buyer@example.com', isUnanswered: false };
const without = (id: string) => mails.filter((mail) => mail.id !== id);

describe('I20: finds', () => {
  it('nothing where each fact was mailed once', () => {
    expect(broken({ mails, addresses })).toEqual([]);
  });

  it.each(['order-1.cancelled', 'order-2.paid', 'order-3.paid'])('that %s was not mailed', (id) => {
    expect(broken({ mails: without(id) })).toEqual(['I20']);
  });

  it('what did not happen, in whatever words', () => {
    for (const id of [
      'order-1.paid',
      'order-2.cancelled',
      'order-9.paid',
      'order-2.refunded.2030-01-01',
      'order-2.soon',
      '',
    ])
      expect(broken({ mails: [...mails, { ...paid, id }] })).toEqual(['I20']);
  });

  it('somebody else’s mail', () => {
    expect(broken({ mails: [...without(paid.id), { ...paid, to: 'slow@example.com' }] })).toEqual(['I20']);
  });

  it('a second copy, unless the server did not answer the first or somebody was killed', () => {
    expect(broken({ mails: [...mails, paid] })).toEqual(['I20']);
    expect(broken({ mails: [...mails, { ...paid, isUnanswered: true }] })).toEqual([]);
    expect(broken({ mails: [...mails, paid], calm: false })).toEqual([]);
  });

  it('nothing in a request to pay, which may be overtaken, if there was an order to pay', () => {
    const made = { ...paid, id: 'order-1.made', to: 'slow@example.com' };
    expect(
      broken({
        mails: [...mails, made],
        announcements: [...healthy.announcements, orderSays('order.created', first, 0, 1)],
      }),
    ).toEqual([]);
    expect(broken({ mails: [...mails, { ...made, id: 'order-3.made', to: paid.to }] })).toEqual(['I20']);
  });

  it('a refund, a dispute and an ended ticket that were not mailed', () => {
    const refundedAt = '2030-01-01T12:01:00.000Z';
    const ended = { id: 'ticket-1', attempt: 2, price: 1500, ended: 'resold' as const };
    const dispute = { status: 'open' as const, amount: 1500 };
    for (const more of [{ refundedAt }, { dispute }, { tickets: [ended] }]) {
      const orders = healthy.orders.map((it) => (it === second ? { ...it, ...more } : it));
      expect(broken({ orders })).not.toContain('I20');
      expect(broken({ orders, mails })).toContain('I20');
    }
  });

  it('that somebody waited in vain and was not told, or is told and still waits', () => {
    const { orderId: _, ...over } = { ...late, state: 'over' as const, reason: 'sale-over' as const };
    const told = withMails({ ...healthy, entries: [early, over] }).mails;
    expect(brokenInLine({ entries: [early, over] })).not.toContain('I20');
    expect(
      brokenInLine({ entries: [early, late], mails: [...told, { ...paid, id: `${early.id}.waited-in-vain` }] }),
    ).toContain('I20');
  });
});
