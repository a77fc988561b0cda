import { type SoldOrder, ticketsOf } from '@box-office/common/contracts/orders';
import { type State, stateOfTicket } from './states.ts';

/** Tickets of an order that are alike. */
export interface OrderLine {
  readonly key: string;
  readonly name: string;
  readonly count: number;
  /** Of one ticket, in the smallest unit of the order's currency. */
  readonly price: number;
  readonly seats: readonly string[];
  readonly state: State;
}

/** `4 × Balcony, 1 × Students`: the tickets of an order by kind, whatever their states. */
export function kindsInWords(order: SoldOrder): string {
  const kinds = Map.groupBy(ticketsOf(order), ({ kindId, kind = order.ticket.title }) => kindId ?? kind);
  return [...kinds.values()].map((of) => `${of.length} × ${of[0]?.kind ?? order.ticket.title}`).join(', ');
}

/** The tickets of an order, those of one kind, price and state together. */
export function linesOf(order: SoldOrder): OrderLine[] {
  const alike = Map.groupBy(ticketsOf(order), (it) => `${it.kindId} ${it.price} ${stateOfTicket(order, it)}`);
  return [...alike].flatMap(([key, tickets]) => {
    const [first] = tickets;
    if (!first) return [];
    const seats = tickets.flatMap(({ seat }) => (seat === undefined ? [] : [seat]));
    const { kind = order.ticket.title, price } = first;
    return [{ key, name: kind, count: tickets.length, price, seats, state: stateOfTicket(order, first) }];
  });
}
