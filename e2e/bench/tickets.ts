import { type Ticket, Ticket as TicketContract, TicketUpdated } from '@box-office/common/contracts/tickets';
import type { AggregateKind } from '@box-office/common/store/aggregates';
import { newId } from './workbench.ts';

export const aTicket = (id = newId()): Ticket => ({
  id,
  version: 0,
  title: 'Opera',
  price: 1500,
  currency: 'eur',
  venue: null,
  startsAt: null,
  userId: 'seller',
  orderId: null,
  state: 'on-sale',
});

/** Tickets as a service keeps them. */
export const ticketKind: AggregateKind<Ticket> = {
  collection: 'tickets',
  state: TicketContract,
  snapshot: (ticket) => ticket,
  current: () => [TicketUpdated],
};
