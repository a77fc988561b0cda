import { eventsWith } from '@box-office/common/contracts/event';
import * as orders from '@box-office/common/contracts/orders';
import { type Listener, on } from '@box-office/common/messaging/listener';
import type { Aggregates } from '@box-office/common/store/aggregates';
import type { Units } from './shows/units.ts';
import { follow, type Hold, type Ticket } from './ticket.ts';

/** Orders decide who holds a ticket; single tickets and those of shows follow. */
export function listeners(tickets: Aggregates<Ticket>, units: Units): Listener[] {
  const followOrder = async ({ data: order, time }: { data: orders.Order; time: string }) => {
    if (order.showId) await units.follow(order, time);
    else await tickets.change(order.ticket.id, (ticket) => follow(ticket, holdOf(order)));
  };
  return eventsWith(orders.Order, orders).map((contract) => on(contract, followOrder));
}

const holdStatus = { created: 'live', 'awaiting:payment': 'live', complete: 'sold', cancelled: 'ended' } as const;

/** What a ticket stores about an order. */
export function holdOf(order: orders.Order): Hold {
  const { id: orderId, attempt, version, status, refundedAt = null, refunded, refundFailedAt, dispute } = order;
  const [ticket] = orders.ticketsOf(order);
  const isOffered = status === 'complete' && ticket !== undefined && orders.isOnOffer(ticket);
  const hold = { orderId, attempt, version, status: isOffered ? ('offered' as const) : holdStatus[status], refundedAt };
  return {
    ...hold,
    ...(refunded && { refunded }),
    ...(refundFailedAt && { refundFailedAt }),
    ...(dispute && { dispute: dispute.status }),
  };
}
