import { isDeepStrictEqual } from 'node:util';
import { Order as OrderSnapshot } from '@box-office/common/contracts/orders';
import { Ticket as TicketSnapshot } from '@box-office/common/contracts/tickets';
import { withoutHold } from '@box-office/ops/audit/copies';
import { type Fields, plain, readable } from '@box-office/ops/audit/view';
import { Order, snapshot as orderSnapshot } from '@box-office/orders/order';
import { Ticket, snapshot as ticketSnapshot } from '@box-office/tickets/ticket';
import type { Copy } from '../api/story.ts';
import type { Stored } from './databases.ts';
import { type Facts, ticketsIn } from './facts.ts';

/** What other services know of the order and its tickets, compared as `npm run audit` does. */
export function copiesOf(facts: Facts): Copy[] {
  return [payableCopy(facts), ...knownTicketCopies(facts), ...holdCopies(facts)];
}

function payableCopy({ order, payable }: Facts): Copy {
  const owned = readable(() => OrderSnapshot.parse(orderSnapshot(Order.parse(plain(order)))));
  const held = payable && readable(() => OrderSnapshot.parse(plain(payable)));
  return compared({ service: 'payments', collection: 'payable-orders', id: order._id }, held, owned);
}

function knownTicketCopies({ tickets, knownTickets }: Facts): Copy[] {
  return tickets.map((ticket) => {
    const owned = readable(() => TicketSnapshot.parse(ticketSnapshot(Ticket.parse(plain(ticket)))));
    const copy = knownTickets.find(({ _id }) => _id === ticket._id);
    const held =
      copy &&
      withoutHold(
        readable(() => TicketSnapshot.parse(plain(copy))),
        owned,
      );
    return compared(
      { service: 'orders', collection: 'known-tickets', id: ticket._id },
      held,
      withoutHold(owned, owned),
    );
  });
}

function compared(what: Pick<Copy, 'service' | 'collection' | 'id'>, held: Fields | undefined, owned: Fields): Copy {
  const version = numberIn(held?.version);
  const ownerVersion = numberIn(owned.version);
  return {
    ...what,
    ...(version === undefined ? {} : { version }),
    ...(ownerVersion === undefined ? {} : { ownerVersion }),
    matches: held !== undefined && isDeepStrictEqual(held, owned),
    ...(held ? {} : { missing: true }),
  };
}

/** Whether each ticket says of this order what the order says of the ticket. */
function holdCopies({ order, tickets, units }: Facts): Copy[] {
  const { status, showId } = order;
  const ownerVersion = numberIn(plain(order).version);
  return ticketsIn(order).map(({ id }) => {
    const ticket = [...tickets, ...units].find(({ _id }) => _id === id);
    const hold = ticket && holdOf(ticket, order._id);
    return {
      service: 'tickets',
      collection: showId ? 'units' : 'tickets',
      id,
      ...(hold?.version === undefined ? {} : { version: hold.version }),
      ...(ownerVersion === undefined ? {} : { ownerVersion }),
      matches: fits(status, hold?.state),
      ...(ticket ? {} : { missing: true }),
    };
  });
}

interface Hold {
  readonly version: number | undefined;
  /** Undefined once another order has it. */
  readonly state: 'live' | 'sold' | 'free';
}

function holdOf(ticket: Stored, orderId: string): Hold | undefined {
  const hold = [ticket.hold, ticket.resale, ticket.hold?.buying].find((it) => it?.orderId === orderId);
  if (!hold) return undefined;
  const isHolder = hold === ticket.hold;
  // While somebody buys it from its holder it is marked `live`, and stays its holder's until they have.
  const itsState = ticket.resale ? 'sold' : (ticket.state ?? hold.status);
  const status = isHolder ? itsState : hold.isLive === false ? 'ended' : 'live';
  const state = status === 'live' ? 'live' : status === 'sold' || status === 'offered' ? 'sold' : 'free';
  return { version: numberIn(hold.version), state };
}

function fits(status: Facts['order']['status'], state: Hold['state'] | undefined): boolean {
  // A later order may have taken the ticket over.
  if (status === 'cancelled') return state === undefined || state === 'free';
  return status === 'complete' ? state === 'sold' || state === undefined : state === 'live';
}

const numberIn = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
