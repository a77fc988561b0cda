import type { Order } from '@box-office/common/contracts/orders';
import { eventually } from '@box-office/common/testing/eventually';
import type { Person, Visitor } from './visitor.ts';

/** Pays for an order of which payments may not have heard yet. Any other refusal fails at once. */
export async function paid(shop: Visitor, buyer: Person, order: Order): Promise<void> {
  const { status } = await eventually(async () => {
    const answer = await shop.pay(buyer, order);
    if (answer.status === 404) throw new Error(`payments has not heard of order ${order.id}`);
    return answer;
  });
  expect(status).toBe(200);
}
