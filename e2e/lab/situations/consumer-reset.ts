import { isDone } from '../broker.ts';
import { checkComplete, checkOneMail, checkTakenOnce } from '../looks.ts';
import type { Situation } from '../situation.ts';

export const consumerReset: Situation = {
  name: 'consumer-reset',
  title: 'The broker forgets what was handled',
  teaches:
    'Where a listener has got to is kept by the broker, and can be lost with it, by a mistake of an operator or on purpose. Then everything since the beginning is delivered again, to everybody.',
  should: 'Every service handles all of it once more, and nothing changes: no money moves, nobody gets a second mail.',
  courseStyle:
    'What was done once for each message is done once more: cards are charged, mails are sent, and old versions overwrite newer ones until the last of them has gone by.',
  async make(scene) {
    const { step, check, checkAllAlong, people, listed, ordered, paid, bus, consumers, stored } = scene;
    const { seller, buyer } = await people();
    const order = await ordered(buyer, await listed(seller));
    step('Somebody orders a ticket and pays', order.id);
    await paid(buyer, order);
    await checkComplete(scene, order);
    await checkOneMail(scene, order);

    const places: readonly [service: string, collection: string, id: string][] = [
      ['orders', 'orders', order.id],
      ['payments', 'payments', order.id],
      ['payments', 'payable-orders', order.id],
      ['tickets', 'tickets', order.ticket.id],
    ];
    const documents = async () =>
      Promise.all(
        places.map(async ([service, collection, id]) => {
          // What was published leaves the outbox a little later.
          const [{ outbox: _, ...document }] = await stored(service, collection, { _id: id });
          return JSON.stringify(document);
        }),
      );
    await check('The ticket is sold', async () => {
      const [{ hold }] = await stored('tickets', 'tickets', { _id: order.ticket.id });
      return { ok: hold?.status === 'sold', seen: `The ticket is ${hold?.status}` };
    });
    const before = await documents();
    const known = await consumers('orders');
    const names = known.map(({ name }) => name).toSorted();
    step(`The consumers of ${names.join(', ')} on the stream orders are deleted`, order.id);
    const { jsm } = await bus();
    for (const name of names) await jsm.consumers.delete('orders', name);

    const handled = check(
      'Each service has a consumer again, and has handled everything from the first message',
      async () => {
        const now = await consumers('orders');
        const fresh = now.filter(({ name, created }) => created !== known.find((it) => it.name === name)?.created);
        const done = fresh.filter(isDone).map(({ name, delivered }) => `${name} (${delivered.consumer_seq} messages)`);
        return { ok: done.length === names.length, seen: done.toSorted().join(', ') || 'none yet' };
      },
    );
    await checkAllAlong(
      'No document has changed meanwhile',
      async () => {
        const now = await documents();
        const changed = places.filter((_, at) => before[at] !== now[at]).map(([service, name]) => `${service} ${name}`);
        return {
          ok: changed.length === 0,
          seen: changed.length > 0 ? `Changed: ${changed.join(', ')}` : `${places.length} documents, letter by letter`,
        };
      },
      handled,
    );
    await handled;
    await checkTakenOnce(scene, order);
    await checkOneMail(scene, order);
  },
};
