import { eventsWith } from '@box-office/common/contracts/event';
import * as orders from '@box-office/common/contracts/orders';
import { type Listener, on } from '@box-office/common/messaging/listener';
import type { Aggregates } from '@box-office/common/store/aggregates';
import { follow, type Hold, type Ticket } from './ticket.ts';

/** Orders decide who holds a ticket; the ticket follows. */
export function listeners(tickets: Aggregates<Ticket>): Listener[] {
  const followOrder = async ({ data: order }: { data: orders.Order }) => {
    await tickets.change(order.ticket.id, (ticket) => follow(ticket, holdOf(order)));
  };
  return eventsWith(orders.Order, orders).map((contract) => on(contract, followOrder));
}

const holdStatus = { created: 'live', 'awaiting:payment': 'live', complete: 'sold', cancelled: 'ended' } as const;

/** What a ticket stores about an order. */
export function holdOf(order: orders.Order): Hold {
  const { id: orderId, attempt, version, status, refundedAt = null } = order;
  return { orderId, attempt, version, status: holdStatus[status], refundedAt };
}
