import { showPrice } from '@box-office/common/contracts/money';
import type { SoldOrder } from '@box-office/common/contracts/orders';
import type { Currency } from '@box-office/common/contracts/primitives';
import { parsePrice } from './money.ts';
import type { Fault } from './problem.ts';
import { isHeld } from './states.ts';
import { labelled } from './ticket-labels.ts';

export type ReadAmount = { readonly amount: number } | { readonly fault: string };

/** Parses the amount to refund, of which at most `left` may be. */
export function readAmount(typed: string, currency: Currency, left: number): ReadAmount {
  const amount = parsePrice(typed, currency);
  if (amount === undefined || amount === 0) return { fault: `Enter an amount such as ${showPrice(left, currency)}.` };
  if (amount > left) return { fault: `At most ${showPrice(left, currency)} can be refunded.` };
  return { amount };
}

/** The tickets of an order that can be refunded one by one. */
export const refundableTickets = (order: SoldOrder) =>
  labelled(order).flatMap(({ ticket, label }) =>
    isHeld(order, ticket) && ticket.price > 0 ? [{ id: ticket.id, price: ticket.price, label }] : [],
  );

/** Why nothing was refunded, as a sentence. */
export function refundFault({ code, detail }: Fault): string {
  if (code === 'refund-too-large') return 'That much is no longer left to refund. Reload the page to see what is.';
  if (code === 'refund-refused') return 'Stripe refuses to refund this payment, for example because it is disputed.';
  return detail;
}
