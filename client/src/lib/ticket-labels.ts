import { type OrderedTicket, type SoldOrder, ticketsOf } from '@box-office/common/contracts/orders';

/** A name for each ticket of an order: `Stalls, A1`, or `Stalls, no. 2` if the tickets of a kind have no seats. */
export function labelled(order: SoldOrder): { readonly ticket: OrderedTicket; readonly label: string }[] {
  const counts = new Map<string, number>();
  return ticketsOf(order).map((ticket) => {
    const { kind = order.ticket.title, seat } = ticket;
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    return { ticket, label: `${kind}, ${seat ?? `no. ${count}`}` };
  });
}
