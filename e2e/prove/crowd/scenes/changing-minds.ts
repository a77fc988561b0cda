import { z } from 'zod';
import type { HoldNews } from '../news.ts';
import { cards } from '../paying.ts';
import type { Scene } from './stage.ts';

const buyers = 3;
/** Longer than it takes to pay and to cancel. */
const lateMs = 2_000;

const Made = z.object({ id: z.string() });

/** Some pay for a single ticket and cancel their order before orders hears of the payment. */
export const changingMinds =
  (hold: HoldNews): Scene =>
  async ({ asking, cast, organiser, pay, title }) => {
    for (const buyer of cast.slice(0, buyers)) {
      const offer = { title: title(), price: 1_500 };
      const { answer: offered } = await asking.command(organiser, 'POST', '/api/tickets', offer);
      const ticketId = Made.safeParse(offered?.body).data?.id;
      if (ticketId === undefined) continue;
      const { answer } = await asking.onceHeard(() => asking.command(buyer, 'POST', '/api/orders', { ticketId }));
      const orderId = Made.safeParse(answer?.body).data?.id;
      if (answer?.status !== 201 || orderId === undefined) continue;
      await hold('payments', 'orders', lateMs);
      await pay(buyer, orderId, cards.good);
      await asking.command(buyer, 'DELETE', `/api/orders/${orderId}`);
    }
  };
