import type { Scene } from './stage.ts';

const times = 4;

/**
 * Somebody offers tickets and takes them back, again and again. Others have seen the offer, and try to buy them as soon
 * as it is taken back, when some processes may still believe in it.
 */
export const takingBack: Scene = async ({ asking, cast, announce, order, buy }) => {
  const [holder, ...others] = cast;
  const show = await announce([{ name: 'Stalls', price: 3_000, quantity: 2 }]);
  if (!show || !holder) return;
  const bought = await buy(holder, show, [2]);
  if (!bought) return;
  const offer = async (tickets: readonly string[]) =>
    (await asking.command(holder, 'PUT', `/api/orders/${bought.id}/resale`, { tickets })).answer?.status === 200;

  for (let time = 0; time < times; time++) {
    if (!(await offer(bought.tickets.map(({ id }) => id)))) return;
    // More than there are: every process that is asked looks what is left.
    await Promise.all(others.slice(0, 4).map((it) => order(it, show, [3])));
    if (!(await offer([]))) return;
    await Promise.all(others.slice(0, 4).map((it) => order(it, show, [1])));
  }
};
