import { setTimeout as sleep } from 'node:timers/promises';
import { cards } from '../paying.ts';
import type { Scene } from './stage.ts';

/** Buyers that pay at the same time, one after the other in each place. */
const atOnce = 16;
const apartMs = 125;
/** How many have paid when the show is cancelled. */
const paidBefore = 12;

/**
 * A show is cancelled that some have bought tickets of, one of which was refunded before, that some have free tickets
 * of, and while others are paying.
 */
export const cancelling: Scene = async ({ asking, pay, cast, organiser, announce, order, buy }) => {
  const show = await announce([
    { name: 'Stalls', price: 1_500, quantity: 70 },
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

  const left = Array.from({ length: 60 }, (_, number) => others[number % others.length]).values();
  let paid = 0;
  let cancelled: Promise<unknown> | undefined;
  const payInTurn = async (place: number) => {
    // Not in step, or all of them would have paid, or none, when the cancellation comes.
    await sleep(place * apartMs);
    for (const buyer of left) {
      if (!buyer) return;
      const ordered = await order(buyer, show, [1, 0], 1);
      // Nobody gets any more once it is cancelled.
      if (!ordered) return;
      await pay(buyer, ordered.id, cards.good);
      // By then, however fast the machine is, some have paid and the others are at it.
      if (++paid === paidBefore) cancelled = asking.command(organiser, 'POST', `/api/shows/${show.id}/cancel`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, (_, place) => payInTurn(place)));
  await cancelled;
};
