import { showPrice } from '@box-office/common/contracts/money';
import { type SoldOrder, ticketsOf, totalOf } from '@box-office/common/contracts/orders';
import { showThere } from './when.ts';

/** What became of the money of a complete order, in sentences for its buyer. */
export function moneyForBuyer(order: SoldOrder): string[] {
  const { refundedAt, refunded, refundFailedAt, dispute, paid, money, when } = factsOf(order);
  const yours = ticketsOf(order).length === 1 ? 'The ticket is yours' : 'The tickets are yours';
  if (totalOf(order) === 0) return [`It is free, so there is nothing to pay. ${yours}. Enjoy the evening!`];
  if (refundedAt) return [`You got ${paid} back on ${when(refundedAt)}. Your bank may take some days to show it.`];
  const lines: string[] = [];
  if (refunded > 0) lines.push(`You have paid ${paid} and got ${money(refunded)} of it back.`);
  if (refundFailedAt) {
    lines.push(
      `Your bank returned a refund on ${when(refundFailedAt)}, so you did not get that money. The seller sees this too and can refund you again.`,
    );
  }
  if (dispute?.status === 'open') {
    lines.push(`Your bank has taken ${money(dispute.amount)} back from the seller and decides who gets it.`);
  }
  if (dispute?.status === 'lost') lines.push(`Your bank has decided that you get ${money(dispute.amount)} back.`);
  if (dispute?.status === 'inquiry') lines.push('Your bank has asked the seller about this payment.');
  if (dispute?.status === 'won') lines.push(`Your bank has decided that the seller keeps ${money(dispute.amount)}.`);
  if (lines.length === 0) lines.push(`You have paid ${paid}.`);
  if (dispute?.status === 'open' || dispute?.status === 'lost') return lines;
  return [...lines, refundFailedAt ? `${yours}.` : `${yours}. Enjoy the evening!`];
}

/** The same for its seller. */
export function moneyForSeller(order: SoldOrder): string[] {
  const { refundedAt, refunded, refundFailedAt, dispute, paid, money, when } = factsOf(order);
  if (totalOf(order) === 0) return ['It is free, so there is nothing to refund.'];
  if (refundedAt) return [`The buyer paid ${paid} and got it back on ${when(refundedAt)}.`];
  const lines = [`The buyer has paid ${paid}${refunded > 0 ? ` and got ${money(refunded)} of it back` : ''}.`];
  if (refundFailedAt) {
    lines.push(
      `The buyer’s bank returned a refund on ${when(refundFailedAt)}, so the buyer does not have that money: refund them again, or find another way.`,
    );
  }
  if (dispute?.status === 'open') {
    lines.push(
      `The buyer disputes the payment: their bank has taken ${money(dispute.amount)} back, and waits for an answer in Stripe’s dashboard.`,
    );
  }
  if (dispute?.status === 'lost') {
    lines.push(`The buyer disputed the payment, and their bank has decided that they keep ${money(dispute.amount)}.`);
  }
  if (dispute?.status === 'won') {
    lines.push(`The buyer disputed the payment, and their bank has decided that you keep ${money(dispute.amount)}.`);
  }
  if (dispute?.status === 'inquiry') {
    lines.push('The buyer’s bank asks about this payment, and waits for an answer in Stripe’s dashboard.');
  }
  return lines;
}

/** What can still be refunded by its seller, in the smallest unit of the currency. */
export function leftToRefund(order: SoldOrder): number {
  const { status, refundedAt, refunded = 0, dispute } = order;
  if (status !== 'complete' || refundedAt || dispute?.status === 'open' || dispute?.status === 'lost') return 0;
  return Math.max(0, totalOf(order) - refunded);
}

function factsOf(order: SoldOrder) {
  const { ticket, refundedAt, refunded = 0, refundFailedAt, dispute } = order;
  const money = (amount: number) => showPrice(amount, ticket.currency);
  const when = (instant: string) => showThere(instant, ticket.timeZone);
  return { refundedAt, refunded, refundFailedAt, dispute, money, when, paid: money(totalOf(order)) };
}
