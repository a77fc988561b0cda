import type Stripe from 'stripe';
import { type Aftermath, aftermathSentences } from './aftermath.ts';

const intent = { amount_received: 1500, currency: 'eur' } as Stripe.PaymentIntent;
const refund = (amount: number, status: string, more: object = {}) =>
  ({ id: 're_1', amount, status, failure_reason: null, ...more }) as unknown as Stripe.Refund;
const dispute = (status: string) =>
  ({ id: 'du_1', amount: 1500, reason: 'fraudulent', status }) as unknown as Stripe.Dispute;
const told = (aftermath: Partial<Aftermath>, status = 'captured', known = status === 'refunded' ? 1500 : 0) =>
  aftermathSentences(intent, { refunds: [], disputes: [], ...aftermath }, { status, refunded: known });

describe('what happened to money after it was taken', () => {
  it('is nothing for a plain payment, and for a whole refund that is known', () => {
    expect(told({})).toEqual([]);
    expect(told({ refunds: [refund(500, 'succeeded'), refund(1000, 'pending')] }, 'refunded')).toEqual([]);
  });

  it('is a refund that payments does not know', () => {
    expect(told({ refunds: [refund(1500, 'succeeded')] })).toEqual([
      'All of €15.00 was given back at Stripe; payments has not heard of it.',
    ]);
  });

  it('is a partial refund that payments does not know', () => {
    const part = { refunds: [refund(400, 'succeeded')] };
    expect(told(part)[0]).toContain('Only a part, €4.00 of €15.00');
    expect(told(part)[0]).toContain('payments counts €0.00 as given back');
    expect(told(part, 'refunded')[0]).toContain('payments counts €15.00 as given back');
    expect(told(part, 'captured', 400)).toEqual([]);
  });

  it.each(['failed', 'canceled'])('is a refund that %s, until another one is made', (status) => {
    const failed = refund(1500, status);
    expect(told({ refunds: [failed] }, 'refunded')).toEqual([
      expect.stringContaining('although payments counts it as given back'),
    ]);
    expect(told({ refunds: [failed] })).toEqual([expect.stringContaining('the buyer did not get this money.')]);
    const again = { refunds: [refund(1500, 'succeeded'), failed] };
    expect(told(again, 'refunded')).toEqual([]);
  });

  it.each([
    ['needs_response', /Stripe waits for an answer/],
    ['under_review', /has yet to decide/],
    ['lost', /this money is gone/],
    ['warning_needs_response', /bank asks about/],
    ['warning_under_review', /bank asks about/],
  ])('is a dispute that is %s', (status, words) => {
    expect(told({ disputes: [dispute(status)] })).toEqual([expect.stringMatching(words)]);
  });

  it.each(['won', 'warning_closed'])('is nothing once a dispute is %s', (status) => {
    expect(told({ disputes: [dispute(status)] })).toEqual([]);
  });

  it('is shown in yen without decimals', () => {
    const yen = { amount_received: 1500, currency: 'jpy' } as Stripe.PaymentIntent;
    const refunds = [refund(500, 'succeeded')];
    const known = { status: 'captured', refunded: 0 };
    expect(aftermathSentences(yen, { refunds, disputes: [] }, known)[0]).toContain('¥500 of ¥1,500');
  });
});
