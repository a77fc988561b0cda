import type { Order } from '@box-office/common/contracts/orders';
import type { Fault } from './problem.ts';
import { stateOfTicket } from './states.ts';
import { labelled } from './ticket-labels.ts';

export interface Offerable {
  readonly id: string;
  readonly label: string;
  /** What it has cost its holder. */
  readonly price: number;
  readonly isOffered: boolean;
}

/** The tickets of an order that its buyer may offer to others, or has offered already. */
export const offerable = (order: Order): Offerable[] =>
  labelled(order).flatMap(({ ticket: { id, price, ...ticket }, label }) => {
    const state = stateOfTicket(order, { id, price, ...ticket });
    if (state !== 'confirmed' && state !== 'on-offer') return [];
    return [{ id, label, price, isOffered: state === 'on-offer' }];
  });

/** Why nothing was offered or taken back, as a sentence. */
export const resaleFault = ({ code, detail }: Fault): string =>
  code === 'ticket-reserved'
    ? 'Somebody is buying it at this moment. It is yours again if they do not pay in time.'
    : detail;
