import type { Order } from '@box-office/common/contracts/orders';
import { eventually } from '@box-office/common/testing/eventually';
import { cancel, offer, parts, pay, useOrders } from '../orders-under-test.ts';
import { askFor, kind, showOnSale } from '../shows/shows-under-test.ts';
import { attemptsIn } from './attempts.ts';
import { ended, idsOf, mine, stored } from './resale-under-test.ts';

useOrders();

/** Two who offer a ticket each, and the order of somebody who wants both. */
async function twoOnOffer() {
  const show = await showOnSale([kind(2)]);
  const holders: Order[] = [];
  for (const name of ['anna', 'carla']) {
    const holder = await pay((await askFor(show, 1, name).expect(201)).body);
    await offer(holder, idsOf(holder)).expect(200);
    holders.push(holder);
  }
  return { holders, buyer: (await askFor(show, 2, 'ben').expect(201)).body as Order };
}

/** Counts as a write, so that no process goes on with what it remembers. */
const price = (order: Order, value: unknown) =>
  parts.connection
    .collection<{ _id: string; version: number }>('orders')
    .updateOne({ _id: order.id }, { $set: { price: value }, $inc: { version: 1 } });

const isSettled = (buyer: Order) =>
  eventually(async () => expect(await stored(buyer)).toMatchObject({ settled: true }));

describe('a holder who is told first, and whose order cannot be read,', () => {
  async function firstUnreadable() {
    const { holders, buyer } = await twoOnOffer();
    // Which of them is first is up to the database.
    const bought = (buyer.tickets ?? []).map(({ id, attempt = 0 }) => ({ id, attempt }));
    const [first] = await attemptsIn(parts.connection).holdersBefore(bought, buyer.id);
    const [broken, sound] = holders[0]?.id === first ? holders : holders.toReversed();
    if (!broken || !sound) throw new Error('there are two holders');
    await price(broken, 'much');
    return { broken, sound, buyer };
  }

  it('does not keep the other from being told that the ticket is sold, and is told once it can be', async () => {
    const { broken, sound, buyer } = await firstUnreadable();
    await pay(buyer);
    await ended(sound, 'resold');
    expect(await stored(buyer)).toMatchObject({ settled: false, unsettled: expect.any(String) });
    await price(broken, 1_500);
    await ended(broken, 'resold');
    await isSettled(buyer);
  });

  it('does not keep the other from having the ticket again, and has it once it can', async () => {
    const { broken, sound, buyer } = await firstUnreadable();
    await cancel(buyer);
    const again = (order: Order) =>
      eventually(async () =>
        expect((await mine(order)).tickets).toMatchObject([{ attempt: 3, offeredAt: expect.any(String) }]),
      );
    await again(sound);
    expect(await stored(buyer)).toMatchObject({ settled: false, unsettled: expect.any(String) });
    await price(broken, 1_500);
    await again(broken);
    await isSettled(buyer);
  });
});
