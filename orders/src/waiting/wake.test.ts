import { useOrders } from '../orders-under-test.ts';
import { becomes, cancel, joined, soldOut } from './waiting-under-test.ts';

useOrders(undefined, { everyMs: 3_600_000 });

it('a ticket that comes free where somebody joined is not left until the next round', async () => {
  const { show, orders } = await soldOut(1);
  const anna = await joined(show, 1, 'anna');
  await cancel(orders[0]);
  await becomes(anna, { state: 'served' });
});
