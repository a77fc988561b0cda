import type { HoldNews } from '../news.ts';
import { cards } from '../paying.ts';
import type { Scene } from './stage.ts';

const buyers = 3;
/** Less than a service waits for news of what it is asked about. */
const lateMs = 700;

/** Some pay at once for an order of which payments hears late. */
export const lateNews =
  (hold: HoldNews): Scene =>
  async ({ cast, announce, order, pay }) => {
    const show = await announce([{ name: 'Stalls', price: 1_500, quantity: 10 }]);
    if (!show) return;
    for (const buyer of cast.slice(0, buyers)) {
      await hold('orders', 'payments', lateMs);
      const ordered = await order(buyer, show, [1]);
      if (ordered) await pay(buyer, ordered.id, cards.good);
    }
  };
