import { showPrice } from '@box-office/common/contracts/money';
import { Currency } from '@box-office/common/contracts/primitives';
import type { DeadLetter } from '../api/dead-letters.ts';
import type { Event } from '../api/events.ts';
import type { LogLine } from '../api/logs.ts';
import type { Process } from '../api/system.ts';
import type { Stored } from './databases.ts';
import type { AtStripe } from './stripe-side.ts';

/** What became of an event at one of its listeners. */
export interface Hearing {
  readonly service: string;
  readonly state: 'handled' | 'delivered' | 'waiting';
}

export interface HeardEvent extends Event {
  readonly hearings: readonly Hearing[];
  readonly data: Readonly<Record<string, unknown>>;
}

/** Everything that is known about one order, from everybody. */
export interface Facts {
  readonly now: Date;
  readonly order: StoredOrder;
  readonly payment: StoredPayment | undefined;
  /** Payments' copy of the order. */
  readonly payable: Stored | undefined;
  /** Single tickets of the order, at their owner and as orders knows them. */
  readonly tickets: readonly Stored[];
  readonly knownTickets: readonly Stored[];
  /** Tickets of a show. */
  readonly units: readonly Stored[];
  readonly mails: readonly StoredMail[];
  /** Oldest first, without the timers. */
  readonly events: readonly HeardEvent[];
  /** When the timer that is set now fires. */
  readonly timerAt: string | undefined;
  /** Oldest first. */
  readonly letters: readonly DeadLetter[];
  readonly processes: readonly Process[];
  /** The requests that are about the order or caused its events. Oldest first. */
  readonly requests: readonly LogLine[];
  readonly stripe: AtStripe | undefined;
  /** Why nothing is known of what Stripe has: it does not answer, or it is the real one, which is not asked. */
  readonly stripeUnknown?: 'away' | 'elsewhere' | undefined;
  /** Warnings and errors about the order. Oldest first. */
  readonly warnings: readonly LogLine[];
  /** What could not be asked. */
  readonly missing: readonly string[];
}

/** An order as orders stores it: see orders/src/order.ts. Only what the story tells is named. */
export interface StoredOrder extends Stored {
  version: number;
  userId: string;
  status: 'created' | 'awaiting:payment' | 'complete' | 'cancelled';
  reason: 'buyer' | 'expired' | 'payment-failed' | 'withdrawn' | null;
  expiresAt: string;
  ticketId: string;
  attempt: number;
  title: string;
  price: number;
  currency: string;
  refundedAt?: string | null;
  refunded?: number;
  refundFailedAt?: string | null;
  awaitsBalanceSince?: string | null;
  dispute?: { status: string } | null;
  showId?: string | null;
  tickets?: readonly StoredTicket[] | null;
}

/** See orders/src/order.ts. */
export interface StoredTicket {
  readonly id: string;
  readonly price: number;
  readonly kind?: string | null;
  readonly seat?: string | null;
  readonly ended?: string | null;
  /** What the buyer is owed for it then, if less than the price. */
  readonly owed?: number | null;
}

/** As payments stores it: see payments/src/payment.ts. */
export interface StoredPayment extends Stored {
  version: number;
  status: 'pending' | 'authorized' | 'captured' | 'failed' | 'voided' | 'refunded';
  stripeId: string | null;
  since: string;
  captureRefused: boolean;
  amount: number;
  refunded?: number;
  refundWanted?: boolean;
  partRefunds?: readonly StoredPartRefund[];
  refusedTickets?: readonly { readonly ticketId: string; readonly amount: number; readonly final: boolean }[];
  postponed?: { readonly since: string } | null;
  failedRefunds?: number;
  dispute?: { readonly status: string } | null;
}

/** See payments/src/part-refund.ts. */
interface StoredPartRefund {
  readonly amount: number;
  readonly made: boolean;
  readonly ticketId?: string | null;
  readonly failed?: boolean;
}

/** As mail stores it: see mail/src/mails.ts. */
export interface StoredMail extends Stored {
  kind: string;
  state: string;
  at: Date;
  endedAt?: Date;
  dueAt?: Date;
  tries: number;
}

export const ticketsIn = ({ tickets, ticketId, price, title }: StoredOrder) =>
  tickets?.map((it) => ({
    id: it.id,
    price: it.price,
    title: [title, it.kind, it.seat].filter(Boolean).join(', '),
  })) ?? [{ id: ticketId, price, title }];

/** What was bought, in a few words. */
export function whatIn({ title, tickets }: StoredOrder): string {
  if (!tickets || tickets.length === 0) return title;
  const kinds = Map.groupBy(tickets, ({ kind }) => kind ?? '');
  const words = [...kinds].map(([kind, own]) => `${own.length > 1 || kind ? `${own.length} × ` : ''}${kind}`.trim());
  const quantity = words.filter(Boolean).join(', ');
  return quantity ? `${quantity}, ${title}` : title;
}

/** An amount in the smallest unit of its currency, as people write it. */
export function amount(value: number, currency: string): string {
  const { data } = Currency.safeParse(currency);
  return data ? showPrice(value, data) : `${value} ${currency}`;
}

/** The time of day, as on the clock of the machine that the console runs on. */
export const clock = (at: string | Date): string => new Date(at).toTimeString().slice(0, 8);

/** When an id was made: its first four bytes are seconds. */
export const madeAt = (id: string): string => new Date(Number.parseInt(id.slice(0, 8), 16) * 1_000).toISOString();

/** How long it is from one to the other, in words. */
export function lasts(ms: number): string {
  const seconds = Math.max(Math.round(ms / 1_000), 0);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3_600)} h`;
}
