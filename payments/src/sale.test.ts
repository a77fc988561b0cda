import type { Order } from '@box-office/common/contracts/orders';
import fc from 'fast-check';
import { type IntentView, observe, type Payment, refuseCapture, withIntent } from './payment.ts';
import { at, now, order, pending, stepFor } from './payment-under-test.ts';
import { wantRefund } from './refund.ts';

/**
 * A sale in small: the order as its owner has it, payments' copy of it, the intent at Stripe, and a look at it that may
 * be old by the time it is acted on.
 */
function sale() {
  let arbiter = order;
  let copy = order;
  let intent = at('requires_payment_method');
  let payment = withIntent(pending, 'pi_1').next;
  let look: { step: ReturnType<typeof stepFor>; seen: IntentView } | undefined;
  const news: string[] = [];
  const takenFor: string[] = [];
  let given = 0;

  const is = (status: string) => intent.status === status;
  const letGo = () => {
    if (!is('succeeded')) intent = at('canceled');
  };
  const decide = (next: Payment) => {
    payment = next;
  };
  const become = (status: Order['status']) => {
    arbiter = { ...arbiter, status, version: arbiter.version + 1 };
  };

  const capture = () => {
    if (!is('requires_capture')) return;
    takenFor.push(arbiter.status);
    intent = at('succeeded');
  };
  const refused = () => {
    if (is('requires_capture')) intent = at('requires_payment_method');
    decide(refuseCapture(payment).next);
    letGo();
  };

  const moves = {
    confirms: () => {
      if (is('requires_payment_method')) intent = at('requires_capture');
    },
    deadline: () => {
      if (arbiter.status === 'created') become('cancelled');
    },
    takesBack: () => {
      if (is('requires_capture')) letGo();
    },
    copies: () => {
      copy = arbiter;
    },
    looks: () => {
      look = { step: stepFor(payment, copy, intent), seen: intent };
    },
    acts: () => {
      if (!look) return;
      const { step, seen } = look;
      look = undefined;
      if (step === 'capture') capture();
      if (step === 'refuse') refused();
      if (step === 'void') letGo();
      if (step === 'refund' && is('succeeded')) {
        if (!intent.refunded) given++;
        intent = at('succeeded', true);
      }
      if (step !== 'none') return;
      const { next, announce } = observe(payment, seen, now);
      decide(next);
      news.push(...announce.map(({ type }) => type));
    },
    /** The order tells payments that the money may be captured, and Stripe is not looked at before. */
    capturesAtOnce: () => {
      if (payment.status !== 'authorized' || copy.status !== 'awaiting:payment') return;
      const mayCapture = stepFor(payment, copy, at('requires_capture')) === 'capture' && is('requires_capture');
      if (!mayCapture) return;
      capture();
      const { next, announce } = observe(payment, intent, now);
      decide(next);
      news.push(...announce.map(({ type }) => type));
    },
    sellerRefunds: () => {
      if (payment.status === 'captured') decide(wantRefund(payment, now).next);
    },
    bankRefuses: () => {
      if (look?.step !== 'capture') return;
      look = undefined;
      refused();
    },
    orderHears: () => {
      const type = news.shift();
      const { status } = arbiter;
      if (type === 'payment.authorized' && status === 'created') become('awaiting:payment');
      if (type === 'payment.captured' && status !== 'cancelled') become('complete');
      if ((type === 'payment.failed' || type === 'payment.voided') && status !== 'complete') become('cancelled');
    },
  };
  return { moves, end: () => ({ order: arbiter.status, intent, payment, takenFor, given }) };
}

describe('a sale', () => {
  const names = fc.constantFrom<keyof ReturnType<typeof sale>['moves']>(
    'confirms',
    'deadline',
    'takesBack',
    'copies',
    'looks',
    'acts',
    'capturesAtOnce',
    'bankRefuses',
    'sellerRefunds',
    'orderHears',
  );

  it('ends paid and complete, or refunded as its seller wants, or cancelled and free, whatever happens in whatever order', () => {
    fc.assert(
      fc.property(fc.array(names, { maxLength: 60 }), fc.boolean(), (happenings, regretted) => {
        const { moves, end } = sale();
        for (const name of happenings) moves[name]();
        // Then the dust settles: the deadline passes, and whatever was missed is looked after.
        for (let round = 0; round < 8; round++) {
          if (regretted) moves.sellerRefunds();
          for (const name of ['acts', 'orderHears', 'deadline', 'copies', 'looks', 'acts', 'orderHears'] as const) {
            moves[name]();
          }
        }
        const { order: status, intent, payment, takenFor, given } = end();
        expect(takenFor.every((then) => then === 'awaiting:payment')).toBe(true);
        const { refundWanted } = payment;
        expect(given).toBe(refundWanted ? 1 : 0);
        if (status === 'complete') {
          expect([intent, payment.status]).toEqual([
            at('succeeded', refundWanted),
            refundWanted ? 'refunded' : 'captured',
          ]);
        } else {
          expect([status, intent.status]).toEqual(['cancelled', 'canceled']);
        }
        expect(['captured', 'refunded', 'failed', 'voided']).toContain(payment.status);
      }),
      { numRuns: 2_000 },
    );
  });
});
