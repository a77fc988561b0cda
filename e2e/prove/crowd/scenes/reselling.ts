import { comesTrue, type Scene } from './stage.ts';

const fewTries = 5;

/**
 * Tickets on offer: of one kind somebody reserves them and does not pay, so that their holder has them again. Those of
 * the other are bought, at a lower price than their holder has paid.
 */
export const reselling: Scene = async ({ asking, cast, organiser, announce, order, buy }) => {
  const [holder, undecided, buyer] = cast;
  const show = await announce([
    { name: 'Stalls', price: 3_000, quantity: 2 },
    { name: 'Circle', price: 5_000, quantity: 2 },
  ]);
  const cheaper = show?.kinds[1]?.id;
  if (!show || !holder || !undecided || !buyer) return;
  const bought = await buy(holder, show, [2, 2]);
  if (!bought) return;
  await asking.command(organiser, 'PUT', `/api/shows/${show.id}`, { kinds: [{ id: cheaper, price: 2_000 }] });
  const tickets = bought.tickets.map(({ id }) => id);
  await asking.command(holder, 'PUT', `/api/orders/${bought.id}/resale`, { tickets });

  await Promise.all([
    comesTrue(async () => (await buy(buyer, show, [0, 2])) !== undefined, fewTries),
    (async () => {
      const reserved = await order(undecided, show, [2, 0]);
      if (reserved) await asking.command(undecided, 'DELETE', `/api/orders/${reserved.id}`);
    })(),
  ]);
};
