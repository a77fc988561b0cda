import type { Order, TicketEnd } from '@box-office/common/contracts/orders';
import {
  PaymentDisputed,
  PaymentPartlyRefunded,
  PaymentRefunded,
  PaymentRefundFailed,
} from '@box-office/common/contracts/payments';
import { owe } from './owed.ts';
import { current, observe, Payment, snapshot } from './payment.ts';
import { at, authorized, captured, listed, now, order, stepFor } from './payment-under-test.ts';
import { areRefunded, dropPartRefund, wantPartRefund, wantRefund, wantTicketRefunds } from './refund.ts';

const later = new Date('2026-01-02T12:00:00.000Z');
const [one, two, free] = ['1'.repeat(24), '2'.repeat(24), '3'.repeat(24)];

/** An order for two tickets and a free one, of which some have ended. */
const ordered = (...ended: string[]): Order => ({
  ...order,
  status: 'complete',
  tickets: [ticket(one, 1000, ended), ticket(two, 500, ended), ticket(free, 0, ended)],
  total: 1500,
});
const ticket = (id: string, price: number, ended: readonly string[]) => ({
  ...{ id, attempt: 1, price },
  ...(ended.includes(id) ? { ended: 'show-cancelled' as TicketEnd } : {}),
});
/** What Stripe shows. */
const seen = (refunded: number, made: string[], failed: string[] = []) => ({
  ...at('succeeded', refunded),
  parts: listed(made, failed),
});
const partsOf = ({ partRefunds }: Payment) => partRefunds.map(({ id, amount }) => [id, amount]);

describe('a buyer whose tickets have ended', () => {
  const oweOne = () => owe(captured, ordered(one), later);
  const owed = () => oweOne().next;

  it('is owed what each of them cost, once', () => {
    expect(oweOne()).toMatchObject({ changed: true, announce: [], next: { since: later.toISOString() } });
    expect(owed().partRefunds).toEqual([
      { id: `ticket:${one}`, ticketId: one, amount: 1000, made: false, owed: true, failed: false, postponed: 0 },
    ]);
    expect(owe(owed(), ordered(one), later).changed).toBe(false);
    const all = owe(owed(), ordered(one, two, free), later).next;
    expect(partsOf(all)).toEqual([
      [`ticket:${one}`, 1000],
      [`ticket:${two}`, 500],
    ]);
  });

  it('is owed what the next has paid for one, if that is said', () => {
    const resold = (owed: number): Order => ({
      ...ordered(one),
      tickets: ordered(one).tickets?.map((it) => (it.id === one ? { ...it, ended: 'resold', owed } : it)) ?? [],
    });
    expect(partsOf(owe(captured, resold(400), now).next)).toEqual([[`ticket:${one}`, 400]]);
    expect(owe(captured, resold(0), now).changed).toBe(false);
    // It needs no refund.
    expect(areRefunded(captured, (resold(0).tickets ?? []).slice(0, 1))).toBe(true);
    const asked = wantTicketRefunds(captured, (resold(400).tickets ?? []).slice(0, 1), now).next;
    expect(partsOf(asked)).toEqual([[`ticket:${one}`, 400]]);
  });

  it('is owed nothing for tickets that have not ended, for free ones, and without an order', () => {
    for (const it of [ordered(), ordered(free), order, null]) expect(owe(captured, it, now).changed).toBe(false);
  });

  it('is owed nothing before the money is captured, nor once all of it is refunded', () => {
    const refunded = observe(captured, at('succeeded', true), now).next;
    for (const payment of [authorized, refunded]) expect(owe(payment, ordered(one), now).changed).toBe(false);
  });

  it('is owed no more than what is left', () => {
    const part = wantPartRefund(captured, { id: 'a', amount: 700 }, now).next;
    expect(partsOf(owe(part, ordered(one), now).next)).toEqual([
      ['a', 700],
      [`ticket:${one}`, 800],
    ]);
    const made = observe(part, seen(700, ['a']), now).next;
    expect(partsOf(owe(made, ordered(one), now).next)[1]).toEqual([`ticket:${one}`, 800]);
    const nothingLeft = wantPartRefund(captured, { id: 'a', amount: 1500 }, now).next;
    expect(owe(nothingLeft, ordered(one), now).changed).toBe(false);
    // A request for all that is left comes last.
    expect(partsOf(owe(wantRefund(captured, now).next, ordered(one), now).next)).toEqual([[`ticket:${one}`, 1000]]);
  });

  it('is owed each once although an earlier release has stored the payment without what it does not know', () => {
    const all = observe(owe(captured, ordered(one), now).next, seen(1000, [`ticket:${one}`]), now).next;
    const partRefunds = all.partRefunds.map(({ id, amount, made }) => ({ id, amount, made }));
    const back = Payment.parse({ ...all, partRefunds });
    expect(back).toEqual({ ...all, partRefunds: [{ ...all.partRefunds[0], owed: false }] });
    expect(partsOf(owe(back, ordered(one, two), now).next)).toEqual([
      [`ticket:${one}`, 1000],
      [`ticket:${two}`, 500],
    ]);
  });

  it('is owed nothing that Stripe lists although the payment, from a backup, has forgotten it', () => {
    const again = `ticket:${one}:2`;
    expect(stepFor(owed(), ordered(one), seen(1000, [again]))).toBe('none');
    const found = observe(owed(), seen(1000, [again]), now);
    expect(found.announce).toEqual([PaymentPartlyRefunded]);
    expect(found.next.partRefunds).toMatchObject([{ id: again, made: true }]);
    expect(owe(found.next, ordered(one), now).changed).toBe(false);
    // The bank takes it back, and the seller requests another: the number of tries is not known, that of the last is.
    const back = observe(found.next, seen(0, [], [again]), now).next;
    const asked = wantTicketRefunds(back, ordered().tickets?.slice(0, 1) ?? [], now).next;
    expect(asked.partRefunds[1]).toMatchObject({ id: `ticket:${one}:3`, made: false });
  });

  it('is refunded as a step at Stripe, stored before it or not', () => {
    expect(stepFor(captured, ordered(one), at('succeeded'))).toBe('refundParts');
    expect(stepFor(owed(), ordered(one), seen(0, []))).toBe('refundParts');
    expect(stepFor(owed(), ordered(one), seen(1000, [`ticket:${one}`]))).toBe('none');
    expect(stepFor(captured, ordered(), at('succeeded'))).toBe('none');
  });

  it('is refunded when Stripe says so, which is announced with the ticket', () => {
    const made = observe(owed(), seen(1000, [`ticket:${one}`]), now);
    expect(made.announce).toEqual([PaymentPartlyRefunded]);
    expect(snapshot(made.next)).toMatchObject({ status: 'captured', refunded: 1000, refundedTickets: [one] });
    expect(snapshot(made.next)).toHaveProperty('refundFailedTickets', []);
    // The total came first.
    const total = observe(owed(), seen(1000, []), now);
    expect(snapshot(total.next)).not.toHaveProperty('refundedTickets');
    expect(observe(total.next, seen(1000, [`ticket:${one}`]), now)).toEqual(made);
    expect(snapshot(observe(made.next, seen(1500, [`ticket:${one}`]), now).next)).not.toHaveProperty('refundedTickets');
  });

  it('is no news once everything is refunded', () => {
    const all = observe(owed(), seen(1500, []), now);
    expect(all.announce).toEqual([PaymentRefunded]);
    const found = observe(all.next, seen(1500, [`ticket:${one}`]), now);
    expect(found.next.partRefunds).toMatchObject([{ made: true }]);
    expect(found.announce).toEqual([]);
  });
});

describe('a refund of a ticket that has ended', () => {
  const owed = () => owe(captured, ordered(one), now).next;
  const made = () => observe(owed(), seen(1000, [`ticket:${one}`]), now).next;

  it('that the bank takes back is announced, and not made again by itself', () => {
    const failed = observe(made(), seen(0, [], [`ticket:${one}`]), now);
    expect(failed.announce).toEqual([PaymentRefundFailed]);
    expect(snapshot(failed.next)).toMatchObject({ refunded: 0, refundFailedTickets: [one] });
    expect(snapshot(failed.next)).not.toHaveProperty('refundedTickets');
    expect(stepFor(failed.next, ordered(one), seen(0, [], [`ticket:${one}`]))).toBe('none');
    // Another refund was made in the same moment, so the total is the same.
    expect(observe(made(), seen(1000, [], [`ticket:${one}`]), now).announce).toEqual([PaymentRefundFailed]);
  });

  it('is not requested by itself once a refund of everything was taken back: that is for people', () => {
    const whole = observe(captured, at('succeeded', true), now).next;
    const back = observe(whole, at('succeeded'), now).next;
    const left = owe(back, ordered(one, free), now);
    expect(left).toMatchObject({ announce: [PaymentRefundFailed], next: { partRefunds: [] } });
    expect(snapshot(left.next)).toMatchObject({ status: 'captured', refundFailedTickets: [one] });
    expect(owe(left.next, ordered(one, free), now).changed).toBe(false);
    expect(stepFor(left.next, ordered(one), at('succeeded'))).toBe('none');
    // What somebody requests then is made, and a part that was taken back concerns no other ticket.
    expect(stepFor(wantRefund(left.next, now).next, ordered(one), at('succeeded'))).toBe('refund');
    const part = observe(made(), seen(0, [], [`ticket:${one}`]), now).next;
    expect(partsOf(owe(part, ordered(one, two), now).next)[1]).toEqual([`ticket:${two}`, 500]);
  });

  it('is told from a refund of everything that was taken back', () => {
    const both = owe(captured, ordered(one, two), now).next;
    const [first, second] = [`ticket:${one}`, `ticket:${two}`];
    const isWhole = (before: Payment, after: ReturnType<typeof seen>) => observe(before, after, now).next.wholeFailed;
    const byParts = observe(both, seen(1500, [first, second]), now).next;
    expect(isWhole(byParts, seen(1000, [first], [second]))).toBe(false);
    const rest = observe(owed(), seen(1500, [first]), now).next;
    expect(isWhole(rest, seen(1000, [first]))).toBe(true);
    // The same, after a part of it had been taken back before.
    const again = observe(observe(made(), seen(0, [], [first]), now).next, seen(1500, [], [first]), now).next;
    expect(isWhole(again, seen(500, [], [first]))).toBe(true);
    expect(isWhole(observe(captured, at('succeeded', 500), now).next, seen(0, []))).toBe(false);
    const { wholeFailed: _, refusedTickets: __, ...earlier } = captured;
    expect(Payment.parse(earlier)).toEqual({ ...captured, wholeFailed: false, refusedTickets: [] });
  });

  it('that Stripe refuses is announced, and not requested again by itself', () => {
    const refused = dropPartRefund(owed(), `ticket:${one}`, later);
    expect(refused.announce).toEqual([PaymentRefundFailed]);
    expect(refused.next.refusedTickets).toEqual([{ ticketId: one, amount: 1000, final: true }]);
    expect(snapshot(refused.next)).toMatchObject({ refundFailedTickets: [one] });
    expect(current(refused.next)).toContain(PaymentRefundFailed);
    expect(current(captured)).not.toContain(PaymentRefundFailed);
    expect(owe(refused.next, ordered(one), now).changed).toBe(false);
    expect(dropPartRefund(made(), `ticket:${one}`, later).changed).toBe(false);
  });

  it('that has failed is looked at once more when it fails, and when its ticket ends after that', () => {
    const since = later.toISOString();
    expect(dropPartRefund(owed(), `ticket:${one}`, later).next.since).toBe(since);
    const returned = observe(made(), seen(0, [], [`ticket:${one}`]), later).next;
    expect(returned.since).toBe(since);
    // As the seller wished it, before the ticket has ended.
    const wished = wantTicketRefunds(captured, ordered().tickets?.slice(0, 1) ?? [], now).next;
    const back = observe(wished, seen(0, [], [`ticket:${one}`]), now).next;
    const change = owe(back, ordered(one), later);
    expect(change).toMatchObject({ changed: true, announce: [], next: { since } });
    expect(change.next.partRefunds).toEqual([{ ...back.partRefunds[0], owed: true }]);
    expect(owe(change.next, ordered(one), now).changed).toBe(false);
    const paid = observe(wished, seen(1000, [`ticket:${one}`]), now).next;
    expect(owe(paid, ordered(one), later).changed).toBe(false);
  });

  it('that was refused does not keep another ticket from being refunded', () => {
    const refused = dropPartRefund(owe(captured, ordered(two), now).next, `ticket:${two}`, now).next;
    expect(partsOf(owe(refused, ordered(one, two), now).next)).toEqual([[`ticket:${one}`, 1000]]);
  });

  it('that was refused is requested again when less is left, under an id of its own', () => {
    const refused = dropPartRefund(owed(), `ticket:${one}`, later).next;
    const less = observe(refused, at('succeeded', 900), now).next;
    expect(partsOf(owe(less, ordered(one), now).next)).toEqual([[`ticket:${one}:2`, 600]]);
  });

  it.each(['won', null] as const)('that was refused during a dispute is requested again when that is %s', (end) => {
    const dispute = { status: 'open', amount: 1500 } as const;
    const disputed = observe(
      dropPartRefund(owed(), `ticket:${one}`, later).next,
      { ...at('succeeded'), dispute },
      now,
    ).next;
    expect(stepFor(disputed, ordered(one), { ...at('succeeded'), dispute })).toBe('none');
    const lost = observe(disputed, { ...at('succeeded'), dispute: { ...dispute, status: 'lost' } }, now).next;
    expect(owe(lost, ordered(one), now).changed).toBe(false);
    const over = observe(disputed, { ...at('succeeded'), dispute: end && { ...dispute, status: end } }, now);
    expect(over.announce).toEqual([PaymentDisputed]);
    // Orders would take silence for that of an earlier release, and keep the refund as failed.
    expect(snapshot(disputed)).toMatchObject({ refundFailedTickets: [one] });
    expect(snapshot(over.next)).toMatchObject({ refundFailedTickets: [] });
    expect(partsOf(owe(over.next, ordered(one), now).next)).toEqual([[`ticket:${one}:2`, 1000]]);
  });
});
