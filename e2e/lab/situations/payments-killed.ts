import { eventually } from '@box-office/common/testing/eventually';
import { checkComplete, checkTakenOnce } from '../looks.ts';
import type { Situation } from '../situation.ts';

export const paymentsKilled: Situation = {
  name: 'payments-killed',
  title: 'Payments is killed while it takes the money',
  teaches:
    'Between a call to somebody else and the write that remembers its answer, a process can die. So the wish is stored first, the call can be repeated under the same key, and afterwards one looks at what is true there.',
  should: 'Payments starts again, finds that the money was taken, and the order is completed. The money is taken once.',
  courseStyle:
    'The charge is made and the process dies before it is saved: the buyer has paid and has no ticket. When they try again, they pay twice.',
  async make(scene) {
    const { step, check, people, listed, ordered, paid, sandbox, stored, withFaults, pid, kill, answers, story } =
      scene;
    const { seller, buyer } = await people();
    const order = await ordered(buyer, await listed(seller));
    step('An order is made', order.id);
    const before = pid('payments');
    // Stripe does what it is asked for, but the answer is cut off, and its webhook comes late.
    const capture = { probability: 1, path: '/v1/payment_intents/*/capture' };
    await withFaults({ dropReplies: capture, delayWebhooksMs: 3_000 }, async () => {
      step('The buyer pays. Stripe takes the money, but its answer to payments is cut off', order.id);
      await paid(buyer, order);
      await eventually(async () => {
        const intent = (await sandbox()).intents.find(({ metadata }) => metadata.orderId === order.id);
        if (intent?.status !== 'succeeded') throw new Error(`Stripe has not taken the money: ${intent?.status}`);
      });
      const [payment] = await stored('payments', 'payments', { _id: order.id });
      kill('payments');
      step(`Payments is killed with -9; it had stored the payment as “${payment?.status}”`, order.id);
      if (payment?.status === 'captured') throw new Error('Payments was too fast: it knew already. Try again.');
    });
    await check(
      'Payments is started again',
      async () => {
        const now = pid('payments');
        const isReady = await answers('payments');
        return {
          ok: now !== before && isReady,
          seen: `Process ${before} then, ${now} now, which ${isReady ? 'answers' : 'does not answer yet'}`,
        };
      },
      30_000,
    );
    await checkComplete(scene, order, 'It finds out what it missed: the order is complete');
    await check('Its own database says that the money was taken', async () => {
      const [payment] = await stored('payments', 'payments', { _id: order.id });
      return { ok: payment?.status === 'captured', seen: `The payment is ${payment?.status}` };
    });
    await checkTakenOnce(scene, order);
    await check('It was announced once', async () => {
      const types = (await story(order.id)).steps
        .filter(({ kind }) => kind === 'event')
        .map(({ event }) => event?.type);
      return { ok: types.filter((it) => it === 'payment.captured').length === 1, seen: types.join(', ') };
    });
  },
};
