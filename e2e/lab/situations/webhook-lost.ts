import { checkComplete, checkTakenOnce } from '../looks.ts';
import type { Situation } from '../situation.ts';

export const webhookLost: Situation = {
  name: 'webhook-lost',
  title: 'A webhook never comes',
  teaches:
    'A webhook is a hint that something has changed, and hints get lost. Whoever depends on one also looks by itself, after a while.',
  should:
    'The order stays open and says why. Payments asks Stripe by itself after a minute, and the order is completed.',
  courseStyle:
    'Nothing happens until the webhook comes. The buyer has paid, the order expires, and the ticket is sold to somebody else.',
  async make(scene) {
    const { step, check, people, listed, ordered, paid, story, overwrite, withFaults } = scene;
    const { seller, buyer } = await people();
    const order = await ordered(buyer, await listed(seller));
    step('An order is made', order.id);
    await withFaults({ loseWebhooks: { probability: 1 } }, async () => {
      step('The buyer pays at Stripe. The webhooks that tell it are lost', order.id);
      await paid(buyer, order);
      await check('Stripe holds the money, and its webhook was lost', async () => {
        const { stripe } = await story(order.id);
        const states = stripe?.webhooks.map(({ type, state }) => `${type} ${state}`) ?? [];
        return {
          ok: stripe?.intent?.status === 'requires_capture' && states.some((it) => it.endsWith(' lost')),
          seen: `${stripe?.intent?.status}; ${states.join(', ')}`,
        };
      });
    });
    await check('The story says why the order is open, and who will see to it', async () => {
      const { summary } = await story(order.id);
      return { ok: /its webhook was lost; payments asks Stripe by itself/.test(summary), seen: summary };
    });
    step('A minute passes: the lab dates the payment back, so that nobody has to wait', order.id);
    await overwrite('payments', 'payments', order.id, { since: new Date(Date.now() - 61_000).toISOString() });
    await checkComplete(scene, order, 'Payments has asked by itself: the order is complete');
    await check('No webhook has told it: they are still lost', async () => {
      const { stripe } = await story(order.id);
      const lost = stripe?.webhooks.filter(({ state }) => state === 'lost').map(({ type }) => type) ?? [];
      return { ok: lost.includes('payment_intent.amount_capturable_updated'), seen: `Lost: ${lost.join(', ')}` };
    });
    await checkTakenOnce(scene, order);
  },
};
