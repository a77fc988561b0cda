import type { Order } from '@box-office/common/contracts/orders';
import { eventually } from '@box-office/common/testing/eventually';
import { checkComplete } from '../looks.ts';
import type { Look, Scene } from '../scene.ts';
import type { Situation } from '../situation.ts';

export const webhookReordered: Situation = {
  name: 'webhook-reordered',
  title: 'Webhooks arrive in the wrong order',
  teaches:
    'Stripe promises no order. A webhook says that something has happened, not that it is so now: what is so now is read from Stripe.',
  should: 'The order completes, and once it is refunded it stays refunded, although Stripe’s older news arrive last.',
  courseStyle:
    'Each webhook sets the status it names: after the refund, “payment succeeded” comes late, and the order counts as paid again.',
  async make(scene) {
    const { step, check, people, listed, ordered, paid, story, withFaults, redeliver, sandbox } = scene;
    const { seller, buyer } = await people();
    const order = await ordered(buyer, await listed(seller));
    step('An order is made', order.id);
    await withFaults({ reorderWebhooks: { probability: 1 } }, async () => {
      step('The buyer pays; each webhook is held back until a later one was delivered', order.id);
      await paid(buyer, order);
      await checkComplete(scene, order);
    });
    step('The seller refunds the buyer', order.id);
    await seller.call('POST', `/api/payments/${order.id}/refund`);
    await check('The order is refunded, and its webhooks have come', () => refunded(scene, order));
    const webhooks = (await story(order.id)).stripe?.webhooks ?? [];
    const { delivered, repeated } = (await sandbox()).webhooks;
    const latestFirst = webhooks.toReversed();
    step(
      `All ${webhooks.length} webhooks come once more, the latest first: ${latestFirst.map(({ type }) => type).join(', ')}`,
      order.id,
    );
    for (const [at, { id }] of latestFirst.entries()) {
      await redeliver(id);
      // One is confirmed before the next is sent, so that they do arrive in this order.
      await eventually(async () => {
        const now = (await sandbox()).webhooks;
        if (now.delivered + now.repeated <= delivered + repeated + at) throw new Error('A webhook is not confirmed.');
      });
    }
    await check('All were confirmed, the oldest news last', async () => {
      const now = (await sandbox()).webhooks;
      const again = now.delivered + now.repeated - delivered - repeated;
      return { ok: again >= webhooks.length, seen: `${again} deliveries, ${now.undelivered.length} open` };
    });
    await scene.checkAllAlong('The order is still refunded', () => refunded(scene, order));
    await check('Stripe has taken the money once and given it back once', async () => {
      const { intent, refunds = [] } = (await story(order.id)).stripe ?? {};
      const back = refunds.reduce((sum, { amount }) => sum + amount, 0);
      return {
        ok: intent?.received === order.ticket.price && refunds.length === 1 && back === order.ticket.price,
        seen: `${intent?.received} received, ${back} back in ${refunds.length} refund`,
      };
    });
  },
};

async function refunded({ story, stored }: Scene, { id }: Order): Promise<Look> {
  const [told, [payment]] = await Promise.all([story(id), stored('payments', 'payments', { _id: id })]);
  const open = told.stripe?.webhooks.filter(({ state }) => state !== 'delivered') ?? [];
  return {
    ok: payment?.status === 'refunded' && /; refunded at/.test(told.summary) && open.length === 0,
    seen: `${told.summary} The payment is ${payment?.status}; ${open.length} webhooks are open`,
  };
}
