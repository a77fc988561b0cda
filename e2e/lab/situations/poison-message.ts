import { OrderCreated } from '@box-office/common/contracts/orders';
import type { DeadLetter } from '@box-office/console/api/dead-letters';
import type { Page } from '@box-office/console/api/page';
import { headers } from '@nats-io/transport-node';
import { services } from '../../../services.ts';
import { checkComplete } from '../looks.ts';
import type { Situation } from '../situation.ts';

const listening = services.filter(({ listensTo }) => listensTo.some((it) => it === 'orders')).map(({ name }) => name);

export const poisonMessage: Situation = {
  name: 'poison-message',
  title: 'A message that nobody can handle',
  teaches:
    'A message that always fails must not be tried for ever, must not be dropped silently, and must not hold up the others. It is put aside with the reason, and a person decides.',
  should: 'Each listener puts it aside as a dead letter and goes on. It can be read, handed back, and discarded.',
  courseStyle:
    'The handler throws, the message is delivered again at once, and again: the log fills up and the processor is busy. Or it is acknowledged in a catch block, and nobody ever learns of it.',
  async make(scene) {
    const { step, check, people, listed, ordered, paid, bus, console } = scene;
    const { seller, buyer } = await people();
    const order = await ordered(buyer, await listed(seller));
    const letters = async () =>
      (await console.get<Page<DeadLetter>>(`/api/dead-letters?q=${order.id}`)).items.toSorted(
        (a, b) => a.number - b.number,
      );
    const discardAll = async () => {
      for (const { number } of await letters()) await console.post(`/api/dead-letters/${number}/discard`);
    };
    step('An order is made', order.id);
    const lines = headers();
    lines.set('ce-id', `lab-${crypto.randomUUID()}`);
    lines.set('ce-type', OrderCreated.type);
    await (await bus()).js.publish(`orders.${order.id}.created`, '{"not":', { headers: lines });
    step('A message in the name of the same order is published that is not JSON', order.id);
    try {
      await check('Every listener puts it aside, with the reason', async () => {
        const all = await letters();
        const who = all.map(({ service }) => service).toSorted();
        const reasons = [...new Set(all.map(({ reason }) => reason))];
        return {
          ok: `${who}` === `${listening.toSorted()}` && reasons.every(Boolean),
          seen: all.length > 0 ? `${all.length} dead letters, of ${who.join(', ')}: ${reasons.join(', ')}` : 'none',
        };
      });
      step('The buyer pays for that order all the same', order.id);
      await paid(buyer, order);
      await checkComplete(scene, order, 'The others go on: the order is complete');

      const [first] = await letters();
      if (!first) throw new Error('There is no dead letter to hand back.');
      step(`The dead letter of ${first.service} is handed back, as if it had been mended`, order.id);
      await console.post(`/api/dead-letters/${first.number}/retry`);
      await check(`It fails again, and is a dead letter again: of ${first.service}, and of nobody else`, async () => {
        const back = (await letters()).filter(({ number, retries }) => number > first.number && retries > 0);
        return {
          ok: back.length === 1 && back[0]?.service === first.service,
          seen: `Dead letters that were retried: ${back.map((it) => `${it.number} of ${it.service}`).join(', ') || 'none'}`,
        };
      });
      step('All of them are discarded', order.id);
      await discardAll();
      await check('Nothing is left of it', async () => {
        const { length } = await letters();
        return { ok: length === 0, seen: `${length} dead letters` };
      });
    } finally {
      await discardAll();
    }
  },
};
