import type { StoredOrder, StoredPayment, StoredTicket } from './facts.ts';

/** In the smallest unit of the currency. */
interface OpenRefunds {
  /** Payments has stored it and is to have it made. */
  readonly pending: number;
  /** The buyer is owed it for tickets that have ended, and payments has not stored that. */
  readonly unheard: number;
  /** Stripe has refused it or the buyer's bank has returned it, and it is not requested again by itself. */
  readonly failed: number;
}

const none: OpenRefunds = { pending: 0, unheard: 0, failed: 0 };

/** What is left to refund of an order that has ended, by the rules of payments: see payments/src/owed.ts. */
export function openRefunds(order: StoredOrder, payment: StoredPayment): OpenRefunds {
  // All of a refunded payment is with the buyer, and nothing was taken in the other statuses.
  if (payment.status !== 'captured') return none;
  const left = payment.amount - (payment.refunded ?? 0);
  const pending = Math.min(pendingIn(order, payment), left);
  const unheard = Math.min(unheardIn(order, payment), left - pending);
  // The money of a lost dispute is with the buyer, too.
  const failed = payment.dispute?.status === 'lost' ? 0 : Math.min(failedIn(payment), left - pending - unheard);
  return { pending, unheard, failed };
}

function pendingIn({ status }: StoredOrder, payment: StoredPayment): number {
  const { refundWanted, failedRefunds = 0, partRefunds = [], amount } = payment;
  const isWhole = refundWanted || (status === 'cancelled' && failedRefunds === 0);
  return isWhole ? amount : sumOf(partRefunds.filter(({ made }) => !made));
}

function unheardIn({ tickets }: StoredOrder, { partRefunds = [], refusedTickets = [] }: StoredPayment): number {
  const known = new Set([...partRefunds, ...refusedTickets.filter(({ final }) => final)].map((it) => it.ticketId));
  return sumOf((tickets ?? []).filter(({ id, ended }) => ended && !known.has(id)).map(owedFor));
}

const owedFor = ({ owed, price }: StoredTicket) => ({ amount: owed ?? price });

/** Once for each ticket, unless another refund of it followed. */
function failedIn({ partRefunds = [], refusedTickets = [] }: StoredPayment): number {
  const sound = new Set(partRefunds.filter(({ failed }) => !failed).map(({ ticketId }) => ticketId));
  const failed = [...partRefunds.filter((it) => it.failed), ...refusedTickets.filter(({ final }) => final)];
  const last = new Map(
    failed.filter(({ ticketId }) => ticketId && !sound.has(ticketId)).map((it) => [it.ticketId, it]),
  );
  return sumOf([...last.values()]);
}

const sumOf = (parts: readonly { readonly amount: number }[]): number =>
  parts.reduce((sum, { amount }) => sum + amount, 0);
