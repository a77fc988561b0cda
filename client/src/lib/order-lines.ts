import { type Order, ticketsOf } from '@box-office/common/contracts/orders';

/** Tickets of an order that are alike. */
export interface OrderLine {
  readonly name: string;
  readonly count: number;
  /** Of one ticket, in the smallest unit of the order's currency. */
  readonly price: number;
  readonly seats: readonly string[];
}

/** The tickets of an order, those of one kind and price together. */
export function linesOf(order: Order): OrderLine[] {
  const alike = Map.groupBy(ticketsOf(order), ({ kindId, price }) => `${kindId} ${price}`);
  return [...alike.values()].flatMap((tickets) => {
    const [first] = tickets;
    if (!first) return [];
    const seats = tickets.flatMap(({ seat }) => (seat === undefined ? [] : [seat]));
    return [{ name: first.kind ?? order.ticket.title, count: tickets.length, price: first.price, seats }];
  });
}
