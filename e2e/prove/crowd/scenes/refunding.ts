import type { Person } from '../../../support/shop.ts';
import { cards } from '../paying.ts';
import { comesTrue, type Scene } from './stage.ts';

const fewTries = 5;

/**
 * Orders of several tickets, of which some are refunded: by two at once, again, and an amount for none of them. And an
 * order whose refund the bank takes back.
 */
export const refunding: Scene = async ({ asking, cast, organiser, announce, buy }) => {
  const show = await announce([{ name: 'Stalls', price: 1_500, quantity: 12 }]);
  if (!show) return;
  const refund = async (orderId: string, body?: object) =>
    (await asking.command(organiser, 'POST', `/api/payments/${orderId}/refund`, body)).answer?.status === 200;

  const takenBack = async (buyer: Person) => {
    const bought = await buy(buyer, show, [1], cards.refundFails);
    if (bought) await refund(bought.id);
  };

  await Promise.all([
    ...cast.slice(3, 4).map(takenBack),
    ...cast.slice(0, 3).map(async (buyer, place) => {
      const bought = await buy(buyer, show, [3]);
      const ticketId = bought?.tickets[0]?.id;
      if (!bought || ticketId === undefined) return;
      const ofTicket = () => refund(bought.id, { tickets: [ticketId] });
      if (place === 2) await refund(bought.id, { amount: 700 });
      await Promise.all([ofTicket(), ofTicket()]);
      await comesTrue(ofTicket, fewTries);
    }),
  ]);
};
