import { PaymentRefundPostponed } from '@box-office/common/contracts/payments';
import { current, nextStep, observe, Payment, snapshot } from './payment.ts';
import { at, captured, listed, now, order } from './payment-under-test.ts';
import { isPostponed, postpone, withoutWaiting } from './postponed.ts';
import { dropPartRefund, dropRefund, wantPartRefund, wantRefund } from './refund.ts';

const minutes = (count: number) => new Date(now.getTime() + count * 60_000);
const part = (postponed = 0, partId = 'one') => ({ partId, postponed });
const whole = (postponed = 0) => ({ partId: null, postponed });

const wanted = () => wantPartRefund(captured, { id: 'one', amount: 500 }, now).next;
const waiting = () => postpone(wanted(), [part()], now).next;
const seen = (refunded = 0, made: string[] = []) => ({ ...at('succeeded', refunded), parts: listed(made) });

describe('a refund for which there is not enough balance', () => {
  it('is asked for again under another number, and that is announced once', () => {
    const change = postpone(wanted(), [part()], now);
    expect(change).toMatchObject({ changed: true, announce: [PaymentRefundPostponed] });
    expect(change.next).toMatchObject({
      partRefunds: [{ id: 'one', postponed: 1 }],
      wholePostponed: 0,
      postponed: { since: now.toISOString(), times: 1, retryAt: minutes(5).toISOString() },
    });
    const again = postpone(change.next, [part(1)], minutes(5));
    expect(again).toMatchObject({ changed: true, announce: [] });
    expect(again.next).toMatchObject({ partRefunds: [{ postponed: 2 }], postponed: { since: now.toISOString() } });
  });

  it('is postponed once if two processes meet the same refusal', () => {
    expect(postpone(waiting(), [part()], now).changed).toBe(false);
    expect(postpone(waiting(), [part(1, 'two')], now).changed).toBe(false);
    const all = wantRefund(captured, now).next;
    const once = postpone(all, [whole()], now).next;
    expect(once).toMatchObject({ wholePostponed: 1, partRefunds: [], postponed: { times: 1 } });
    expect(postpone(once, [whole()], now).changed).toBe(false);
  });

  it('is postponed together with others that met the same', () => {
    const all = wantRefund(wantPartRefund(wanted(), { id: 'two', amount: 300 }, now).next, now).next;
    const { next } = postpone(all, [part(0, 'two'), whole()], now);
    expect(next).toMatchObject({ wholePostponed: 1, partRefunds: [{ postponed: 0 }, { postponed: 1 }] });
    // One waits, and the rest is not asked for any more.
    expect(dropRefund(next)).toMatchObject({ changed: true, announce: [], next: { postponed: next.postponed } });
    expect(Payment.parse(next)).toEqual(next);
  });

  it('is not postponed if it was made meanwhile', () => {
    const made = observe(wanted(), seen(500, ['one']), now).next;
    expect(postpone(made, [part()], now).changed).toBe(false);
  });

  it('waits for twice as long each time, up to an hour', () => {
    let payment = wanted();
    const pauses = [0, 1, 2, 3, 4, 5].map((times) => {
      payment = postpone(payment, [part(times)], now).next;
      return (Date.parse(payment.postponed?.retryAt ?? '') - now.getTime()) / 60_000;
    });
    expect(pauses).toEqual([5, 10, 20, 40, 60, 60]);
  });

  it('is left alone until then', () => {
    expect(isPostponed(wanted(), now)).toBe(false);
    expect(isPostponed(waiting(), minutes(4.9))).toBe(true);
    expect(isPostponed(waiting(), minutes(5))).toBe(false);
    const complete = { ...order, status: 'complete' as const };
    expect(nextStep(waiting(), complete, seen(), minutes(4.9))).toBe('none');
    expect(nextStep(waiting(), complete, seen(), minutes(5))).toBe('refundParts');
    const all = postpone(wantRefund(captured, now).next, [whole()], now).next;
    expect(nextStep(all, complete, seen(), minutes(4.9))).toBe('none');
    expect(nextStep(all, complete, seen(), minutes(5))).toBe('refund');
  });

  it('is shown as waiting, until nothing is to be refunded any more', () => {
    expect(snapshot(wanted())).not.toHaveProperty('awaitsBalanceSince');
    expect(snapshot(waiting())).toMatchObject({ awaitsBalanceSince: now.toISOString() });
    expect(current(waiting())).toContain(PaymentRefundPostponed);
    expect(current(wanted())).not.toContain(PaymentRefundPostponed);
    expect(observe(waiting(), seen(500, ['one']), now).next.postponed).toBeNull();
    const two = postpone(wantPartRefund(waiting(), { id: 'two', amount: 300 }, now).next, [part(0, 'two')], now).next;
    expect(observe(two, seen(500, ['one']), now).next.postponed).toMatchObject({ times: 2 });
    const all = postpone(wantRefund(captured, now).next, [whole()], now).next;
    expect(observe(all, seen(500), now).next.postponed).not.toBeNull();
    expect(observe(all, at('succeeded', true), now).next.postponed).toBeNull();
    expect(withoutWaiting(captured)).toBe(captured);
  });

  it('waits no longer once Stripe has refused it, which is announced', () => {
    const dropped = dropPartRefund(waiting(), 'one', now);
    expect(dropped).toMatchObject({ announce: [PaymentRefundPostponed], next: { postponed: null } });
    expect(dropPartRefund(wanted(), 'one', now).announce).toEqual([]);
    const all = postpone(wantRefund(captured, now).next, [whole()], now).next;
    expect(dropRefund(all)).toMatchObject({ announce: [PaymentRefundPostponed], next: { postponed: null } });
  });
});
