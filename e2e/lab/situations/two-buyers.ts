import type { Order } from '@box-office/common/contracts/orders';
import type { Situation } from '../situation.ts';

/** Each is a race of its own: one alone might be won by chance. */
const races = 5;

export const twoBuyers: Situation = {
  name: 'two-buyers',
  title: 'Two people reserve one ticket at the same moment',
  teaches:
    'Looking whether something is free and taking it are two steps, and somebody else fits between them. A unique index makes them one.',
  should: 'One of them gets the ticket. The other one is told at once that it is reserved, and can never pay for it.',
  courseStyle:
    'Both requests find no order for the ticket, and both insert one. Two people pay for one seat, and one of them is sent home at the door.',
  async make({ shop, step, check, people, listed, paid, stored, story }) {
    const { seller, buyer: ada } = await people();
    const grace = await shop.person();
    const tickets = await Promise.all(
      Array.from({ length: races }, (_, at) => listed(seller, { title: `Seat ${at + 1}` })),
    );
    step(`Ada and Grace order the same ticket at the same moment, ${races} times over`);
    const rounds = await Promise.all(
      tickets.map(async ({ id: ticketId }) => {
        const answers = await Promise.all(
          [ada, grace].map(async (buyer) => ({ buyer, ...(await buyer.call('POST', '/api/orders', { ticketId })) })),
        );
        return { ticketId, answers, winners: answers.filter(({ status }) => status === 201) };
      }),
    );

    await check('Each time one of them gets the ticket, and the other one is told that it is reserved', async () => {
      const seen = rounds.map(({ answers }) => answers.map(({ status, body }) => body.code ?? status).join(' and '));
      const ok = rounds.every(
        ({ answers, winners }) => winners.length === 1 && answers.some(({ body }) => body.code === 'ticket-reserved'),
      );
      return {
        ok,
        seen: `Answered: ${[...Map.groupBy(seen, (it) => it)].map(([it, all]) => `${all.length} × ${it}`).join(', ')}`,
      };
    });
    await check('Orders has stored one order for each ticket', async () => {
      const orders = await stored('orders', 'orders', { ticketId: { $in: tickets.map(({ id }) => id) } });
      return { ok: orders.length === races, seen: `${orders.length} orders for ${races} tickets` };
    });

    const [winner] = rounds[0]?.winners ?? [];
    if (!winner) throw new Error('Nobody got the first ticket.');
    const order: Order = winner.body;
    step('Whoever got the first one pays', order.id);
    await paid(winner.buyer, order);
    await check('It is theirs: the order is complete, and the ticket is sold to it', async () => {
      const { order: now } = await story(order.id);
      const [ticket] = await stored('tickets', 'tickets', { _id: order.ticket.id });
      return {
        ok: now.status === 'complete' && ticket?.hold?.orderId === order.id && ticket.hold.status === 'sold',
        seen: `The order is ${now.status}; the ticket is ${ticket?.hold?.status} to order ${ticket?.hold?.orderId}`,
      };
    });
    const loser = winner.buyer === ada ? grace : ada;
    await check('The other one cannot get it any more', async () => {
      const { status, body } = await loser.call('POST', '/api/orders', { ticketId: order.ticket.id });
      return { ok: status === 409 && body.code === 'ticket-reserved', seen: `Answered ${status} ${body.code ?? ''}` };
    });
  },
};
