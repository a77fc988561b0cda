import type { Order } from '@box-office/common/contracts/orders';
import type { Aggregates } from '@box-office/common/store/aggregates';
import { endedTickets, owe } from './owed.ts';
import { pendingParts } from './part-refund.ts';
import { isOpen, type Payment } from './payment.ts';

/**
 * Stores what the buyer of an order is owed for tickets that have ended, and has it refunded soon. It need not be the
 * newest state of the order: what has ended stays so.
 */
export type OweEnded = (order: Order) => Promise<void>;

export interface OweParts {
  readonly payments: Aggregates<Payment>;
  readonly settleSoon: (orderId: string) => void;
  readonly now: () => Date;
}

export function createOweEnded({ payments, settleSoon, now }: OweParts): OweEnded {
  return async (order) => {
    if (endedTickets(order).length === 0) return;
    const before = await payments.find(order.id);
    // Free tickets have no payment.
    if (!before) return;
    const payment = await payments.change(order.id, (it) => owe(it, order, now()), before);
    if (isOpen(payment) || pendingParts(payment).length > 0) settleSoon(order.id);
  };
}
