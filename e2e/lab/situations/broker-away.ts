import { setTimeout as sleep } from 'node:timers/promises';
import type { Order } from '@box-office/common/contracts/orders';
import { checkComplete, checkCopiesMatch } from '../looks.ts';
import type { Situation } from '../situation.ts';

/** So long the broker hangs after the order was made, before it dies. */
const hangsMs = 1_500;

export const brokerAway: Situation = {
  name: 'broker-away',
  title: 'The broker is away while an order is made',
  teaches:
    'A database and a broker cannot be written to together. So what is to be announced is stored with the change, in the same write, and published from there.',
  should: 'The order is made all the same. Everybody hears of it as soon as the broker is back, and it can be paid.',
  courseStyle:
    'The order is saved, publishing it fails, and nobody ever hears of it: no timer ends it, nobody can pay for it, and its ticket is still shown to others.',
  async make(scene) {
    const { step, check, people, listed, paid, stored, story, whileHanging, kill, pid } = scene;
    const { seller, buyer } = await people();
    const ticket = await listed(seller);
    const before = pid('nats');
    const order = await whileHanging('nats', async () => {
      step('NATS hangs: it takes what is sent to it, and answers nobody');
      const { status, body } = await buyer.call<Order>('POST', '/api/orders', { ticketId: ticket.id });
      step(`Somebody orders a ticket: answered ${status}`, body.id);
      await check(
        'The order is made, although nobody can hear of it',
        async () => ({
          ok: status === 201,
          seen: `Answered ${status}`,
        }),
        0,
      );
      await check('Its event lies beside it in the same document', async () => {
        const [document] = await stored('orders', 'orders', { _id: body.id });
        const types = document?.outbox.map(({ type }: { type: string }) => type) ?? [];
        return { ok: types.includes('order.created'), seen: `In the outbox: ${types.join(', ') || 'nothing'}` };
      });
      await sleep(hangsMs);
      kill('nats');
      step('NATS dies, and what was on its way with it', body.id);
      return body;
    });
    await check('NATS runs again', async () => {
      const now = pid('nats');
      return { ok: now !== before, seen: `Process ${before} then, ${now} now` };
    });
    await check('The order is announced, once', async () => {
      const types = (await story(order.id)).steps
        .filter(({ kind }) => kind === 'event')
        .map(({ event }) => event?.type);
      return { ok: types.filter((it) => it === 'order.created').length === 1, seen: types.join(', ') || 'nothing' };
    });
    await checkCopiesMatch(scene, order);
    step('The buyer pays', order.id);
    await paid(buyer, order);
    await checkComplete(scene, order);
  },
};
