import type { Order } from '@box-office/common/contracts/orders';
import { isDone } from './broker.ts';
import type { Look, Scene } from './scene.ts';

/** What many situations end with. */
export async function checkComplete(
  { check, story }: Scene,
  { id }: Order,
  how = 'The order is complete',
): Promise<void> {
  await check(how, async () => {
    const { order, summary } = await story(id);
    return { ok: order.status === 'complete', seen: summary };
  });
}

/** Looks at Stripe's side, not at what payments has stored. */
export async function checkTakenOnce({ check, sandbox }: Scene, { id, ticket }: Order): Promise<void> {
  await check('Stripe has taken the money once', async () => {
    const { intents, charges } = await sandbox();
    const own = intents.filter(({ metadata }) => metadata.orderId === id);
    const taken = charges.filter(({ intentId, captured }) => captured && own.some((intent) => intent.id === intentId));
    const received = own.reduce((sum, it) => sum + it.received, 0);
    return {
      ok: own.length === 1 && taken.length === 1 && received === ticket.price,
      seen: `payments: ${own.length}, charges: ${taken.length}, ${received} received of ${ticket.price}`,
    };
  });
}

/** Of an order that somebody has paid. */
export async function checkOneMail({ check, stored }: Scene, { id }: Order): Promise<void> {
  await check('The buyer got one mail about it', async () => {
    const mails = await stored('mail', 'mails', { facts: `${id}:paid` });
    const states = mails.map(({ state }) => state).join(', ');
    return { ok: states === 'sent', seen: `mails: ${mails.length}, ${states || 'none'}` };
  });
}

export async function checkCopiesMatch({ check, story }: Scene, { id }: Order): Promise<void> {
  await check('Every copy of it equals what its owner has', async () => {
    const { copies } = await story(id);
    const differing = copies.filter(({ matches }) => !matches).map((it) => `${it.service} ${it.collection}`);
    return {
      ok: copies.length > 0 && differing.length === 0,
      seen: differing.length > 0 ? `These differ: ${differing.join(', ')}` : `${copies.length} copies agree`,
    };
  });
}

/** That all listeners of a stream have handled everything in it. */
export async function allHandled(scene: Scene, stream: string): Promise<Look> {
  const consumers = await scene.consumers(stream);
  const busy = consumers.filter((it) => !isDone(it)).map(({ name }) => name);
  return {
    ok: consumers.length > 0 && busy.length === 0,
    seen:
      busy.length > 0
        ? `Still busy: ${busy.join(', ')}`
        : `${consumers.map(({ name }) => name).join(', ')} have handled all`,
  };
}
