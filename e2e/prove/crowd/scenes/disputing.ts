import { setTimeout as sleep } from 'node:timers/promises';
import type { Bank } from '../bank.ts';
import type { Scene } from './stage.ts';

const apartMs = 1_200;
const bankTakesMs = 500;

/** One buyer after the other disputes a payment, so that one of them meets whatever goes wrong meanwhile. */
export const disputing =
  (bank: Bank): Scene =>
  async ({ cast, announce, buy }) => {
    const show = await announce([{ name: 'Stalls', price: 1_500, quantity: 40 }]);
    if (!show) return;
    await Promise.all(
      cast.slice(0, 8).map(async (buyer, place) => {
        const bought = await buy(buyer, show, [1]);
        await sleep(place * apartMs);
        const disputeId = bought?.intentId && (await bank.dispute(bought.intentId, 'product_not_received'));
        if (!disputeId) return;
        await sleep(bankTakesMs);
        if (place % 3 > 0) await bank.decide(disputeId, place % 3 === 1 ? 'won' : 'lost');
      }),
    );
  };
