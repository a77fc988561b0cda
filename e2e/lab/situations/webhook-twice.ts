import { checkComplete, checkOneMail, checkTakenOnce } from '../looks.ts';
import type { Situation } from '../situation.ts';

const repeats = 3;

export const webhookTwice: Situation = {
  name: 'webhook-twice',
  title: 'Every webhook is delivered again',
  teaches:
    'Stripe delivers at least once, as every queue does. A handler must reach the same result however often it runs: it looks at what is true, instead of adding up what it is told.',
  should: 'The money is taken once, the order is completed once, and the buyer gets one mail.',
  courseStyle:
    'Each delivery completes the order again: a second payment is stored, a second ticket or mail is sent, or the handler fails on what it finds and is called for days.',
  async make(scene) {
    const { step, check, checkAllAlong, people, listed, ordered, paid, sandbox, story, withFaults } = scene;
    const { seller, buyer } = await people();
    const order = await ordered(buyer, await listed(seller));
    step('An order is made', order.id);
    const before = (await sandbox()).webhooks.repeated;
    await withFaults({ repeatWebhooks: { probability: 1, times: repeats } }, async () => {
      step(`The buyer pays; Stripe delivers each webhook ${repeats} times more after it was confirmed`, order.id);
      await paid(buyer, order);
      await checkComplete(scene, order);
      await check('All its webhooks came again after they had been confirmed', async () => {
        const again = (await sandbox()).webhooks.repeated - before;
        const own = (await story(order.id)).stripe?.webhooks.length ?? 0;
        return { ok: own > 0 && again >= repeats * own, seen: `${again} deliveries of ${own} confirmed webhooks` };
      });
    });
    await checkTakenOnce(scene, order);
    await checkAllAlong('Each event was announced once', async () => {
      const { steps } = await story(order.id);
      const types = steps.filter(({ kind }) => kind === 'event').map(({ event }) => event?.type ?? '');
      return { ok: new Set(types).size === types.length && types.includes('order.completed'), seen: types.join(', ') };
    });
    await checkOneMail(scene, order);
  },
};
