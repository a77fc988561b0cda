import { testCard } from './cards.ts';
import type { Decision, Facts } from './decision.ts';
import { invalid, Refusal } from './refusal.ts';
import type { Charge, Intent, Refund } from './rows.ts';

/** How long the bank takes over a refund of the test cards whose refunds are decided later. */
const refundTakesSeconds = 5;

export interface NewRefund {
  amount: number | undefined;
  reason: string | null;
  metadata: Record<string, string>;
}

export function refund(intent: Intent, given: NewRefund, facts: Facts): Decision {
  const charge = intent.chargeId === null ? undefined : facts.charge(intent.chargeId);
  if (intent.status !== 'succeeded' || charge === undefined) {
    throw new Refusal(
      400,
      {
        type: 'invalid_request_error',
        message: `This PaymentIntent (${intent.id}) does not have a successful charge to refund.`,
        param: 'payment_intent',
      },
      { remembered: true },
    );
  }
  const left = charge.amount - charge.amountRefunded;
  if (left === 0) {
    throw new Refusal(
      400,
      {
        type: 'invalid_request_error',
        code: 'charge_already_refunded',
        message: `Charge ${charge.id} has already been refunded.`,
      },
      { remembered: true },
    );
  }
  const amount = given.amount ?? left;
  if (amount < 1) throw invalid('Invalid positive integer', 'amount', 'parameter_invalid_integer');
  if (amount > left) {
    throw new Refusal(
      400,
      {
        type: 'invalid_request_error',
        message: `Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`,
        param: 'amount',
      },
      { remembered: true },
    );
  }
  const later = testCard(facts.method(charge.methodId)?.testCard ?? '').onRefund;
  const row: Refund = {
    ...newRefund(charge, { ...given, amount, released: false }, facts),
    ...(later && { status: later.begins, settlesAt: facts.now + refundTakesSeconds }),
  };
  const next: Charge = { ...charge, amountRefunded: charge.amountRefunded + amount };
  return {
    shows: row,
    puts: [next, row],
    events: [
      { type: 'refund.created', row },
      { type: 'charge.refunded', row: next },
    ],
  };
}

export const chargedBack = ({ chargeId }: Intent): Refusal =>
  new Refusal(
    400,
    {
      type: 'invalid_request_error',
      code: 'charge_disputed',
      message: `Charge ${chargeId} has been charged back; cannot issue a refund.`,
    },
    { remembered: true },
  );

export const emptyBalance = (): Refusal =>
  new Refusal(
    400,
    {
      type: 'invalid_request_error',
      code: 'balance_insufficient',
      message: 'Insufficient funds in your Stripe balance to refund this amount.',
    },
    { remembered: true },
  );

interface Settled extends Decision {
  readonly refund: Refund;
}

/**
 * The bank has decided over a refund: it went through, or the money comes back to the seller days after the buyer was
 * promised it.
 */
export function settleRefund(refund: Refund, outcome: 'succeeded' | 'failed', facts: Facts): Settled {
  const settled: Refund = { ...refund, settlesAt: null, status: outcome };
  const charge = facts.charge(refund.chargeId);
  if (outcome === 'succeeded' || !charge || refund.status === 'failed') {
    return { shows: settled, refund: settled, puts: [settled], events: [{ type: 'refund.updated', row: settled }] };
  }
  const failed: Refund = { ...settled, failureReason: 'unknown' };
  // Nothing was given back after all.
  const next: Charge = { ...charge, amountRefunded: charge.amountRefunded - refund.amount };
  return {
    shows: failed,
    refund: failed,
    puts: [next, failed],
    events: [
      { type: 'refund.updated', row: failed },
      { type: 'charge.refund.updated', row: failed },
      { type: 'refund.failed', row: failed },
    ],
  };
}

export const isDecided = ({ settlesAt }: Refund, { now }: Facts): boolean => settlesAt !== null && settlesAt <= now;

/** What the bank of this refund's card decides, for those that decide later. */
export function bankDecides(refund: Refund, facts: Facts): 'succeeded' | 'failed' {
  const method = facts.charge(refund.chargeId)?.methodId ?? '';
  return testCard(facts.method(method)?.testCard ?? '').onRefund?.ends ?? 'succeeded';
}

export function newRefund(
  charge: Charge,
  given: { amount: number; reason?: string | null; released: boolean; metadata?: Record<string, string> },
  facts: Facts,
): Refund {
  return {
    kind: 'refund',
    id: facts.newId('re'),
    created: facts.now,
    intentId: charge.intentId,
    chargeId: charge.id,
    amount: given.amount,
    currency: charge.currency,
    reason: given.reason ?? null,
    released: given.released,
    metadata: given.metadata ?? {},
    status: 'succeeded',
    failureReason: null,
    settlesAt: null,
  };
}

/** As Stripe's API shows it. */
export function refundView(refund: Refund): Record<string, unknown> {
  return {
    id: refund.id,
    object: 'refund',
    amount: refund.amount,
    balance_transaction: null,
    charge: refund.chargeId,
    created: refund.created,
    currency: refund.currency,
    customer: null,
    customer_account: null,
    ...(refund.failureReason === null
      ? {}
      : { failure_balance_transaction: null, failure_reason: refund.failureReason }),
    destination_details: { card: { type: refund.released ? 'reversal' : 'refund' }, type: 'card' },
    metadata: refund.metadata,
    payment_intent: refund.intentId,
    payment_method: null,
    reason: refund.reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: refund.status,
    transfer_reversal: null,
  };
}
