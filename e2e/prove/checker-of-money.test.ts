import {
  at,
  broken,
  command,
  commands,
  first,
  healthy,
  intent,
  payment,
  second,
  several,
  ticket,
} from './healthy-evidence.ts';
import type { Intent, MadeRefund } from './stripe-side.ts';

const refundedAt = '2030-01-01T12:01:00.000Z';
const refund = (amount: number, over: Partial<MadeRefund> = {}): MadeRefund => ({
  amount,
  status: 'succeeded',
  isUndecided: false,
  createdMs: at(60),
  ...over,
});
const request = (number: number, amount?: number, status?: number) =>
  command(number, {
    userId: 'seller',
    path: '/api/payments/order-2/refund',
    body: amount === undefined ? undefined : { amount },
    ...(status === undefined ? {} : { answer: { status, body: {} } }),
  });
/** What became of the payment of the second order, as Stripe, payment, order and ticket say. */
const became = (atStripe: Partial<Intent>, paid: object, ordered: object, sold: object = {}) => {
  const orders = [first, { ...second, ...ordered }, several];
  return {
    intents: [{ ...intent, ...atStripe }],
    payments: healthy.payments.map((it) => ({ ...it, ...paid })),
    orders,
    payableOrders: orders,
    tickets: [{ ...ticket, ...sold }],
  };
};
const asking = (...more: readonly ReturnType<typeof request>[]) => ({ commands: [...commands, ...more] });

describe('the checker', () => {
  const part = (over: Partial<Intent> = {}) => ({
    refunded: 500,
    refunds: [refund(500, { refundId: 'a' })],
    ...over,
  });

  describe('I14: finds', () => {
    it('a refund of a part that payment or order do not know, and accepts one that all know', () => {
      const whole = became(part(), { refunded: 500 }, { refunded: 500 });
      expect(broken({ ...whole, ...asking(request(9, 500, 200)) })).toEqual([]);
      expect(broken({ ...became(part(), {}, { refunded: 500 }), ...asking(request(9, 500, 200)) })).toContain('I14');
      expect(broken({ ...became(part(), { refunded: 500 }, {}), ...asking(request(9, 500, 200)) })).toEqual(['I14']);
    });

    it('a whole refund that one of payment, order and ticket does not know', () => {
      const all = { refunded: 1500, refunds: [refund(1500)] };
      const paid = { refunded: 1500, status: 'refunded' };
      const ordered = { refunded: 1500, refundedAt };
      const told = healthy.announcements.concat({
        owner: 'payments',
        type: 'payment.refunded',
        id: payment.id,
        version: 3,
        timeMs: 0,
        storedMs: 0,
      });
      const known = (...it: Parameters<typeof became>) => broken({ ...became(...it), announcements: told });
      expect(known(all, paid, ordered, { refundedAt })).toEqual([]);
      expect(known(all, paid, ordered)).toEqual(['I14']);
      expect(known(all, paid, {}, { refundedAt })).toContain('I14');
      expect(known(all, { refunded: 1500 }, ordered, { refundedAt })).toContain('I14');
    });

    it('a refund that failed at Stripe and is still believed', () => {
      const failed = { refunds: [refund(500, { refundId: 'a', status: 'failed' })] };
      expect(broken({ ...became(failed, {}, {}), ...asking(request(9, 500, 200)) })).toEqual([]);
      const believed = became(failed, { refunded: 500 }, { refunded: 500 });
      expect(broken({ ...believed, ...asking(request(9, 500, 200)) })).toContain('I14');
    });

    it('a dispute that one of payment, order and ticket does not know', () => {
      const dispute = { status: 'lost' as const, amount: 1500 };
      expect(broken(became({ dispute }, { dispute }, { dispute }, { dispute: 'lost' }))).toEqual([]);
      expect(broken(became({ dispute }, { dispute }, { dispute }, { dispute: 'open' }))).toEqual(['I14']);
      expect(broken(became({ dispute }, { dispute }, {}, { dispute: 'lost' }))).toEqual(['I14']);
      expect(broken(became({ dispute }, {}, { dispute }, { dispute: 'lost' }))).toEqual(['I14']);
      expect(broken(became({}, { dispute }, { dispute }, { dispute: 'lost' }))).toEqual(['I14']);
    });

    it('a refund that was asked for, and neither made nor refused', () => {
      expect(broken({ refundsDue: ['order-2'] })).toEqual(['I14']);
    });
  });

  describe('I15: finds', () => {
    it('a part that was refunded twice, or without being asked for', () => {
      const twice = { refunded: 1000, refunds: [refund(500, { refundId: 'a' }), refund(500, { refundId: 'a' })] };
      const known = became(twice, { refunded: 1000 }, { refunded: 1000 });
      expect(broken({ ...known, ...asking(request(9, 500, 200), request(10, 500, 200)) })).toEqual(['I15']);
      const more = became(part(), { refunded: 500 }, { refunded: 500 });
      expect(broken({ ...more, ...asking(request(9, 500, 409)) })).toEqual(['I15']);
      expect(broken({ ...more, ...asking(request(9, 500)) })).toEqual([]);
    });

    it('a refund that was confirmed and not made', () => {
      expect(broken(asking(request(9, 500, 200)))).toEqual(['I15']);
      expect(broken(asking(request(9, undefined, 200)))).toEqual(['I15']);
      expect(broken(asking(request(9, undefined, 409)))).toEqual([]);
    });
  });

  it('I3: accepts that money of a cancelled order stays if the bank has refused the refund', () => {
    const late = { ...intent, id: 'pi_0', orderId: 'order-1' };
    expect(broken({ intents: [late, intent] })).toEqual(['I3']);
    expect(broken({ intents: [{ ...late, refunds: [refund(1500, { status: 'failed' })] }, intent] })).toEqual([]);
  });
});
