import { useOrders } from '../orders-under-test.ts';
import { changeTo, kindOf } from '../shows/shows-under-test.ts';
import { becomes, cancel, joined, now, soldOut } from './waiting-under-test.ts';

useOrders(undefined, { everyMs: 3_600_000 });

it('a ticket that comes free where somebody joined is not left until the next round', async () => {
  const { show, orders } = await soldOut(1);
  const anna = await joined(show, 1, 'anna');
  await cancel(orders[0]);
  await becomes(anna, { state: 'served' });
});

it('a ticket that comes free does not cost a look at all other lines', async () => {
  // The lines are looked at in the order of their kinds, so this one would be served first.
  const [other, { show, orders }] = [await soldOut(1), await soldOut(1)];
  const [ben, anna] = [await joined(other.show, 1, 'ben'), await joined(show, 1, 'anna')];
  await changeTo({ ...other.show, version: 4, kinds: [{ ...kindOf(other.show), quantity: 2, made: 2 }] });
  await cancel(orders[0]);
  await becomes(anna, { state: 'served' });
  expect(await now(ben)).toMatchObject({ state: 'waiting' });
});
