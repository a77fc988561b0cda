import {
  type OrderedTicket,
  type OrderStatus,
  owedFor,
  type SoldOrder,
  ticketsOf,
} from '@box-office/common/contracts/orders';
import type { Ticket, TicketAnswer } from '@box-office/common/contracts/tickets';

/** Every state of an order or a ticket has one word, the same on all pages and for everybody who sees it. */
const words = {
  'on-sale': 'On sale',
  reserved: 'Reserved',
  paying: 'Being paid',
  confirmed: 'Confirmed',
  sold: 'Sold',
  withdrawn: 'Withdrawn',
  cancelled: 'Cancelled',
  refunded: 'Refunded',
  'partly-refunded': 'Refunded in part',
  'refund-failed': 'Refund failed',
  disputed: 'Disputed',
  'charged-back': 'Charged back',
  'on-offer': 'On offer',
  resold: 'Resold',
  'show-cancelled': 'Show cancelled',
  waiting: 'Waiting',
  served: 'Served',
  left: 'Left',
  over: 'Over',
} as const;

export type State = keyof typeof words;

export const inWords = (state: State): string => words[state];

const looks: Partial<Record<State, 'good' | 'warn' | 'bad'>> = {
  'on-sale': 'good',
  confirmed: 'good',
  reserved: 'warn',
  paying: 'warn',
  refunded: 'warn',
  'partly-refunded': 'warn',
  'refund-failed': 'bad',
  disputed: 'bad',
  'charged-back': 'bad',
  'on-offer': 'warn',
  'show-cancelled': 'bad',
  waiting: 'warn',
  served: 'good',
};

/** How a state is coloured; the word says the same. */
export const lookOf = (state: State): 'good' | 'warn' | 'bad' | 'plain' => looks[state] ?? 'plain';

const before: Record<Exclude<OrderStatus, 'complete'>, State> = {
  created: 'reserved',
  'awaiting:payment': 'paying',
  cancelled: 'cancelled',
};

/**
 * The state of an order: that of its tickets if it is the same for all, and otherwise that of the money. What is wrong
 * with the money comes first.
 */
export function stateOfOrder(order: SoldOrder): State {
  const states = ticketsOf(order).map((ticket) => stateOfTicket(order, ticket));
  const [first = 'confirmed', ...others] = states;
  const common = others.every((other) => other === first) ? first : 'confirmed';
  if (common === 'refunded' || order.status !== 'complete') return common;
  const disputed = disputeState(order.dispute?.status);
  if (disputed) return disputed;
  if (order.refundFailedAt) return 'refund-failed';
  if (common !== 'confirmed') return common;
  if (states.every((state) => ends.has(state)))
    return states.includes('show-cancelled') ? 'show-cancelled' : 'refunded';
  return refundedBySeller(order) > 0 ? 'partly-refunded' : 'confirmed';
}

/** A ticket in one of these states is its buyer's no longer. */
const ends: ReadonlySet<State> = new Set(['show-cancelled', 'resold', 'refunded']);

/** What came back other than for resold tickets, which their buyer gave away. */
function refundedBySeller(order: SoldOrder): number {
  const resold = ticketsOf(order).filter(({ ended, refundedAt }) => ended === 'resold' && refundedAt);
  return (order.refunded ?? 0) - resold.reduce((sum, ticket) => sum + owedFor(ticket), 0);
}

/** The state of one ticket of an order. */
export function stateOfTicket(
  order: SoldOrder,
  { ended, refundedAt, refundFailedAt, offeredAt }: OrderedTicket,
): State {
  if (order.status !== 'complete') return before[order.status];
  if (ended) return ended;
  if (order.refundedAt || refundedAt) return 'refunded';
  const disputed = disputeState(order.dispute?.status);
  if (disputed) return disputed;
  if (refundFailedAt) return 'refund-failed';
  return offeredAt ? 'on-offer' : 'confirmed';
}

/** Whether a ticket of a complete order is still its buyer's. */
export const isHeld = (order: SoldOrder, ticket: OrderedTicket): boolean =>
  ['confirmed', 'on-offer', 'refund-failed'].includes(stateOfTicket(order, ticket));

/** The state of a ticket that somebody sells alone, as everybody sees it. */
export const stateForAll = ({ state, over }: Pick<TicketAnswer, 'state' | 'over'>): State =>
  state === 'on-sale' && over ? 'over' : state;

/** The same for its seller, who also sees what became of the money. */
export function stateOfListing(ticket: TicketAnswer): State {
  const { state, offered, refundedAt, refunded = 0, refundFailedAt, dispute } = ticket;
  if (state !== 'sold') return stateForAll(ticket);
  if (refundedAt) return 'refunded';
  const disputed = disputeState(dispute);
  if (disputed) return disputed;
  if (refundFailedAt) return 'refund-failed';
  if (offered) return 'on-offer';
  return refunded > 0 ? 'partly-refunded' : 'sold';
}

/** What the buyer of a single ticket can still be refunded, in the smallest unit of the currency. */
export function leftOfListing(ticket: Ticket): number {
  const { price, refunded = 0 } = ticket;
  const isRefundable = ['sold', 'partly-refunded', 'on-offer', 'refund-failed'].includes(stateOfListing(ticket));
  return isRefundable ? Math.max(0, price - refunded) : 0;
}

/** A bank that only asks, or has decided for the seller, leaves the sale as it is. */
function disputeState(dispute: Ticket['dispute']): State | undefined {
  if (dispute === 'open') return 'disputed';
  return dispute === 'lost' ? 'charged-back' : undefined;
}
