import { PaymentRefundPostponed } from '@box-office/common/contracts/payments';
import { Instant } from '@box-office/common/contracts/primitives';
import { type Change, changed, unchanged } from '@box-office/common/store/change';
import { z } from 'zod';
import { pendingParts, type WithParts } from './part-refund.ts';

/** Refunds that wait because there was not enough balance at Stripe. */
export const Postponement = z.object({
  since: Instant,
  /** How often in a row. */
  times: z.int().positive(),
  /** Not before is Stripe asked again. */
  retryAt: Instant,
});
type Postponement = z.infer<typeof Postponement>;

/** A payment, as far as refunds are concerned that wait. */
interface Postponable extends WithParts {
  readonly refundWanted: boolean;
  readonly wholePostponed: number;
  readonly postponed: Postponement | null;
}

/** What Stripe had no balance for, and how often it was postponed when it was asked for. */
export interface Unpaid {
  /** Null for a refund of all that is left. */
  readonly partId: string | null;
  readonly postponed: number;
}

const [firstPauseMs, longestPauseMs] = [5 * 60_000, 60 * 60_000];

/**
 * Asks again later: Stripe repeats its refusal to the same request, so the next one has another number. Does nothing if
 * another process has met the same refusal.
 */
export function postpone<Payment extends Postponable>(
  payment: Payment,
  unpaid: readonly Unpaid[],
  now: Date,
): Change<Payment> {
  const isNews = (partId: string | null, postponed: number) =>
    unpaid.some((it) => it.partId === partId && it.postponed === postponed);
  const partRefunds = payment.partRefunds.map((part) =>
    !part.made && isNews(part.id, part.postponed) ? { ...part, postponed: part.postponed + 1 } : part,
  );
  const isWhole = isNews(null, payment.wholePostponed);
  if (!isWhole && !partRefunds.some((part, place) => part !== payment.partRefunds[place])) return unchanged(payment);
  const { since = now.toISOString(), times = 0 } = payment.postponed ?? {};
  const pauseMs = Math.min(firstPauseMs * 2 ** times, longestPauseMs);
  const postponed = { since, times: times + 1, retryAt: new Date(now.getTime() + pauseMs).toISOString() };
  const wholePostponed = payment.wholePostponed + (isWhole ? 1 : 0);
  const next = { ...payment, partRefunds, wholePostponed, postponed };
  // How often it was tried concerns nobody else.
  return payment.postponed ? changed(next) : changed(next, PaymentRefundPostponed);
}

export const isPostponed = ({ postponed }: Pick<Postponable, 'postponed'>, now: Date): boolean =>
  postponed !== null && now.getTime() < Date.parse(postponed.retryAt);

/** Nothing waits any more once nothing is to be refunded. */
export const withoutWaiting = <Payment extends Postponable>(payment: Payment): Payment =>
  payment.postponed === null || payment.refundWanted || pendingParts(payment).length > 0
    ? payment
    : { ...payment, postponed: null };
