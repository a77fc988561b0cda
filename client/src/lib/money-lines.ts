import { showPrice } from '@box-office/common/contracts/money';
import { owedFor, type SoldOrder, ticketsOf, totalOf } from '@box-office/common/contracts/orders';
import type { DisputeStatus } from '@box-office/common/contracts/payments';
import { isHeld, stateOfTicket } from './states.ts';
import { showThere } from './when.ts';

/** What became of a complete order and its money, in sentences for its buyer. */
export function moneyForBuyer(order: SoldOrder): string[] {
  const { tickets, held, offered, resold, isShowCancelled, isFree, owed, refundedAt, refunded, failedAt, dispute } =
    factsOf(order);
  const { money, when, paid } = inWords(order);
  const lines: string[] = [];
  if (isShowCancelled) lines.push('The organiser has cancelled the show.');
  if (resold > 0) lines.push(some(resold, tickets, 'Your ticket is', 'of your tickets', 'resold'));
  if (isFree)
    lines.push(held > 0 ? 'It is free, so there is nothing to pay.' : 'It was free, so there is no money to return.');
  else if (refundedAt)
    lines.push(`You got ${paid} back ${backOn(order, refundedAt)}. Your bank may take some days to show it.`);
  else lines.push(`You have paid ${paid}${refunded > 0 ? ` and got ${money(refunded)} of it back` : ''}.`);
  if (owed > 0) lines.push(`${money(owed)} is on its way back to you.`);
  if (failedAt) {
    lines.push(
      `A refund failed on ${when(failedAt)}, so you did not get that money. The seller sees this too and can refund you again.`,
    );
  }
  if (dispute) lines.push(disputeForBuyer[dispute.status](money(dispute.amount)));
  const evening = failedAt || dispute ? '' : ' Enjoy the evening!';
  const wish = offered === held ? ' Others can buy what you offer.' : evening;
  if (held > 0) lines.push(`${some(held, tickets, 'The ticket is', 'of the tickets', 'yours')}${wish}`);
  return lines;
}

/** The same for its seller. */
export function moneyForSeller(order: SoldOrder): string[] {
  const { tickets, resold, isShowCancelled, isFree, owed, refundedAt, refunded, failedAt, waitingSince, dispute } =
    factsOf(order);
  const { money, when, paid } = inWords(order);
  const lines: string[] = [];
  if (isShowCancelled) lines.push('You have cancelled the show.');
  if (resold > 0) lines.push(some(resold, tickets, 'The ticket is', 'of the tickets', 'resold by the buyer'));
  if (isFree) lines.push('It is free, so there is nothing to refund.');
  else if (refundedAt) lines.push(`The buyer paid ${paid} and got it back ${backOn(order, refundedAt)}.`);
  else lines.push(`The buyer has paid ${paid}${refunded > 0 ? ` and got ${money(refunded)} of it back` : ''}.`);
  if (owed > 0) lines.push(`${money(owed)} is on its way back to the buyer.`);
  if (waitingSince) {
    lines.push(
      `A refund has been waiting for balance since ${when(waitingSince)}: there is not enough at Stripe. It is made by itself as soon as there is.`,
    );
  }
  if (failedAt) {
    lines.push(
      `A refund failed on ${when(failedAt)}, so the buyer does not have that money: refund them again, or find another way.`,
    );
  }
  if (dispute) lines.push(disputeForSeller[dispute.status](money(dispute.amount)));
  return lines;
}

type DisputeWords = Record<DisputeStatus, (money: string) => string>;

const disputeForBuyer: DisputeWords = {
  inquiry: () => 'Your bank has asked the seller about this payment.',
  open: (money) => `Your bank has taken ${money} back from the seller and decides who gets it.`,
  won: (money) => `Your bank has decided that the seller keeps ${money}.`,
  lost: (money) => `Your bank has decided that you get ${money} back.`,
};

const disputeForSeller: DisputeWords = {
  inquiry: () => 'The buyer’s bank asks about this payment, and waits for an answer in Stripe’s dashboard.',
  open: (money) =>
    `The buyer disputes the payment: their bank has taken ${money} back, and waits for an answer in Stripe’s dashboard.`,
  won: (money) => `The buyer disputed the payment, and their bank has decided that you keep ${money}.`,
  lost: (money) => `The buyer disputed the payment, and their bank has decided that they keep ${money}.`,
};

/** `The ticket is yours.`, `The tickets are yours.`, `1 of the tickets is yours.` */
function some(count: number, all: number, one: string, of: string, what: string): string {
  if (all === 1) return `${one} ${what}.`;
  if (count === all) return `${one.replace('ticket is', 'tickets are')} ${what}.`;
  return `${count} ${of} ${count === 1 ? 'is' : 'are'} ${what}.`;
}

/** Tickets of a cancelled show are refunded one after the other, which is one refund to whoever reads of it. */
const atOnceMs = 60_000;

/** When all of the price had come back, and whether in parts. */
function backOn(order: SoldOrder, refundedAt: string): string {
  const tickets = ticketsOf(order);
  const parts = [...tickets.map((ticket) => ticket.refundedAt), order.partlyRefundedAt];
  const earliest = Math.min(...parts.map((at) => Date.parse(at ?? refundedAt)));
  const reasons = new Set(tickets.map(({ ended }) => ended));
  const isAtOnce = reasons.size === 1 && Date.parse(refundedAt) - earliest <= atOnceMs;
  return `${isAtOnce ? 'on' : 'in several parts, the last on'} ${inWords(order).when(refundedAt)}`;
}

/** What can still be refunded by its seller, in the smallest unit of the currency. */
export function leftToRefund(order: SoldOrder): number {
  const { status, refundedAt, refunded = 0, dispute } = order;
  if (status !== 'complete' || refundedAt || dispute?.status === 'open' || dispute?.status === 'lost') return 0;
  return Math.max(0, totalOf(order) - refunded);
}

function factsOf(order: SoldOrder) {
  const tickets = ticketsOf(order);
  const { refundedAt, refunded = 0, refundFailedAt, dispute } = order;
  const owed = tickets.filter((it) => it.ended && !refundedAt && !it.refundedAt && !it.refundFailedAt);
  const failed = tickets.flatMap((it) => it.refundFailedAt ?? []).toSorted();
  return {
    tickets: tickets.length,
    held: tickets.filter((ticket) => isHeld(order, ticket)).length,
    offered: tickets.filter((ticket) => stateOfTicket(order, ticket) === 'on-offer').length,
    resold: tickets.filter(({ ended }) => ended === 'resold').length,
    isShowCancelled: tickets.some(({ ended }) => ended === 'show-cancelled'),
    isFree: totalOf(order) === 0,
    owed: Math.min(
      owed.reduce((sum, ticket) => sum + owedFor(ticket), 0),
      totalOf(order) - refunded,
    ),
    refundedAt,
    refunded,
    failedAt: refundedAt ? undefined : (refundFailedAt ?? failed.at(-1)),
    waitingSince: order.awaitsBalanceSince,
    dispute,
  };
}

function inWords({ ticket, ...order }: SoldOrder) {
  const money = (amount: number) => showPrice(amount, ticket.currency);
  const when = (instant: string) => showThere(instant, ticket.timeZone);
  return { money, when, paid: money(totalOf({ ticket, ...order })) };
}
