import { publishAgain } from '../broker.ts';
import { allHandled, checkComplete, checkTakenOnce } from '../looks.ts';
import type { Situation } from '../situation.ts';

const [oldPrice, newPrice] = [1_500, 2_000];

export const oldVersionLate: Situation = {
  name: 'old-version-late',
  title: 'An old version arrives after a newer one',
  teaches:
    'Retries and restarts deliver messages late and in another order. An event that carries the whole state and its version needs no order: the newer one wins.',
  should: 'The old version changes nothing: the ticket keeps its new price, and a sold ticket stays sold.',
  courseStyle:
    'The copy takes whatever comes last: the next buyer pays yesterday’s price, and a sold ticket is on sale again. Or it refuses what is out of order, and the message is delivered again for ever.',
  async make(scene) {
    const { step, check, checkAllAlong, people, listed, ordered, paid, bus, stored } = scene;
    const { seller, buyer } = await people();
    const ticket = await listed(seller, { price: oldPrice });
    const copy = async () => (await stored('orders', 'known-tickets', { _id: ticket.id }))[0];
    step(`A ticket is listed at ${oldPrice}, and its seller raises the price to ${newPrice}`);
    await seller.call('PUT', `/api/tickets/${ticket.id}`, { price: newPrice });
    await check('Orders knows the new price', async () => {
      const { version, price } = await copy();
      return { ok: price === newPrice, seen: `Version ${version} of the ticket, at ${price}` };
    });

    step('The first version is delivered once more, after the second');
    await publishAgain(await bus(), 'tickets', `tickets.${ticket.id}.created`);
    await check('Everybody has handled it', () => allHandled(scene, 'tickets'));
    await checkAllAlong('Orders still knows the new price', async () => {
      const { version, price } = await copy();
      return { ok: price === newPrice, seen: `Version ${version} of the ticket, at ${price}` };
    });
    const order = await ordered(buyer, ticket);
    step('Somebody orders the ticket and pays', order.id);
    await check(
      'They pay the new price',
      async () => ({
        ok: order.ticket.price === newPrice,
        seen: `The order says ${order.ticket.price}`,
      }),
      0,
    );
    await paid(buyer, order);
    await checkComplete(scene, order);

    step('The first version of the order is delivered once more: “created”, as if nobody had paid yet', order.id);
    await publishAgain(await bus(), 'orders', `orders.${order.id}.created`);
    await check('Everybody has handled it', () => allHandled(scene, 'orders'));
    await checkAllAlong('The ticket is still sold', async () => {
      const [{ hold }] = await stored('tickets', 'tickets', { _id: ticket.id });
      return { ok: hold?.status === 'sold', seen: `The ticket is ${hold?.status}` };
    });
    await checkAllAlong('Payments still knows that the order is complete', async () => {
      const [{ status, version }] = await stored('payments', 'payable-orders', { _id: order.id });
      return { ok: status === 'complete', seen: `Version ${version} of the order, ${status}` };
    });
    await checkTakenOnce(scene, order);
  },
};
