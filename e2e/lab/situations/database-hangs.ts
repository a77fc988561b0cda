import { checkComplete } from '../looks.ts';
import type { Situation } from '../situation.ts';

const hangsAtMostMs = 12_000;

export const databaseHangs: Situation = {
  name: 'database-hangs',
  title: 'The database stops answering',
  teaches:
    'A database that hangs is worse than one that is gone: connections stay open, and requests pile up. A service notices, answers 503 in time, and needs nobody to start it again.',
  should:
    'Requests are answered 503 within seconds, not 500 and not never. When the database answers again, so does everything else, and nothing is there twice.',
  courseStyle:
    'Requests wait without a limit until memory is full, or are answered 400 as if the buyer had done something wrong. Some services never recover until somebody starts them again.',
  async make(scene) {
    const { shop, step, check, people, listed, ordered, paid, stored, whileHanging, pids } = scene;
    const { seller, buyer } = await people();
    const ticket = await listed(seller);
    const before = pids();
    await whileHanging('mongo', async () => {
      step('The database hangs: it takes connections, and answers nobody');
      const began = performance.now();
      const deadline = AbortSignal.timeout(hangsAtMostMs);
      const requests = {
        'GET /api/tickets': shop.ask('GET', '/api/tickets'),
        'POST /api/orders': buyer.call('POST', '/api/orders', { ticketId: ticket.id }),
      };
      const late = new Promise<{ status: number }>((resolve) =>
        deadline.addEventListener('abort', () => resolve({ status: 0 })),
      );
      const answers = await Promise.all(
        Object.entries(requests).map(async ([what, asked]) => {
          const { status } = await Promise.race([asked.catch(() => ({ status: -1 })), late]);
          return { what, status, seconds: ((performance.now() - began) / 1_000).toFixed(1) };
        }),
      );
      await check(
        `Everybody is answered 503 within ${hangsAtMostMs / 1_000} s`,
        async () => ({
          ok: answers.every(({ status }) => status === 503),
          seen: answers.map((it) => `${it.what}: ${it.status || 'no answer'} after ${it.seconds} s`).join('; '),
        }),
        0,
      );
    });
    step('The database answers again');
    const order = await ordered(buyer, ticket);
    step('The buyer tries again, and has the ticket', order.id);
    await check('There is one order for it', async () => {
      const orders = await stored('orders', 'orders', { ticketId: ticket.id });
      return { ok: orders.length === 1, seen: `${orders.length} orders` };
    });
    await paid(buyer, order);
    await checkComplete(scene, order, 'They pay, and the order is complete');
    await check('No process had to be started again', async () => {
      const now = pids();
      const fresh = Object.keys(before).filter((name) => before[name] !== now[name]);
      return {
        ok: fresh.length === 0,
        seen: fresh.length > 0 ? `Started again: ${fresh.join(', ')}` : 'All are those of before',
      };
    });
  },
};
