import { Ticket } from '@box-office/common/contracts/tickets';
import { type Copies, type CopiesOptions, copies } from '@box-office/common/store/copies';

/** This service's copy of the tickets, from what tickets last announced. */
export type KnownTickets = Copies<Ticket>;

export const knownTickets = (options: CopiesOptions): KnownTickets =>
  copies({ collection: 'known-tickets', data: Ticket }, options);
