import { Ticket } from '@box-office/common/contracts/tickets';
import { type Copies, copies } from '@box-office/common/store/copies';
import type { Connection } from 'mongoose';

/** The tickets as far as orders know them: titles, prices and who sells, from what tickets last announced. */
export type KnownTickets = Copies<Ticket>;

export const knownTickets = (connection: Connection): KnownTickets =>
  copies({ collection: 'known-tickets', data: Ticket }, connection);
