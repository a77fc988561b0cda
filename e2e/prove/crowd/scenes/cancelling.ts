import { setTimeout as sleep } from 'node:timers/promises';
import { cards } from '../paying.ts';
import type { Scene } from './stage.ts';

const apartMs = 40;

/**
 * A show is cancelled that some have bought tickets of, one of which was refunded before, that some have free tickets
 * of, and while others are paying.
 */
export const cancelling: Scene = async ({ asking, pay, cast, organiser, announce, order, buy }) => {
  const show = await announce([
    { name: 'Stalls', price: 1_500, quantity: 40 },
    { name: 'Friends', price: 0, quantity: 10 },
  ]);
  const [early, ...others] = cast;
  if (!show || !early) return;
  const [bought] = await Promise.all([
    buy(early, show, [2, 0]),
    ...others.slice(0, 3).map((it) => buy(it, show, [0, 2])),
  ]);
  const ticketId = bought?.tickets[0]?.id;
  if (bought) await asking.command(organiser, 'POST', `/api/payments/${bought.id}/refund`, { tickets: [ticketId] });

  const paying = [...others, ...others].slice(0, 16);
  const ordered = await Promise.all(paying.map(async (buyer) => ({ buyer, order: await order(buyer, show, [1, 0]) })));
  const paid = ordered.map(async ({ buyer, order }, place) => {
    await sleep(place * apartMs);
    if (order) await pay(buyer, order.id, cards.good);
  });
  // By then some have paid, however fast the machine is, and the others are at it.
  await Promise.all(paid.slice(0, 4));
  await asking.command(organiser, 'POST', `/api/shows/${show.id}/cancel`);
  await Promise.all(paid);
};
