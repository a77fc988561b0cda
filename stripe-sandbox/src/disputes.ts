import type { Announcement, Decision, Facts } from './decision.ts';
import type { Charge, Dispute } from './rows.ts';

/** An inquiry takes no money yet; anything else is a chargeback, and the money is gone until it is won. */
export const inquiry = 'inquiry';

interface Disputed extends Decision {
  readonly dispute: Dispute;
}

/** The buyer's bank takes the money back and asks the seller to prove the sale: docs.stripe.com/disputes. */
export function openDispute(charge: Charge, reason: string, facts: Facts): Disputed {
  const isInquiry = reason === inquiry;
  const disputed: Charge = { ...charge, disputed: true };
  const dispute: Dispute = {
    kind: 'dispute',
    id: facts.newId('du'),
    created: facts.now,
    intentId: charge.intentId,
    chargeId: charge.id,
    amount: charge.amountCaptured,
    currency: charge.currency,
    reason: isInquiry ? 'general' : reason,
    status: isInquiry ? 'warning_needs_response' : 'needs_response',
  };
  const events: Announcement[] = [{ type: 'charge.dispute.created', row: dispute }];
  if (!isInquiry) events.push({ type: 'charge.dispute.funds_withdrawn', row: dispute });
  return { shows: dispute, dispute, puts: [disputed, dispute], events };
}

/**
 * The outcome. The money of a won dispute comes back; that of a lost one stays with the buyer. The charge stays marked
 * as disputed.
 */
export function closeDispute(dispute: Dispute, outcome: 'won' | 'lost'): Disputed {
  const wasInquiry = dispute.status.startsWith('warning');
  const closed: Dispute = { ...dispute, status: wasInquiry ? 'warning_closed' : outcome };
  const events: Announcement[] = [{ type: 'charge.dispute.closed', row: closed }];
  if (closed.status === 'won') events.push({ type: 'charge.dispute.funds_reinstated', row: closed });
  return { shows: closed, dispute: closed, puts: [closed], events };
}

export const isOpen = ({ status }: Dispute): boolean => status.endsWith('needs_response');

/** Whether the money is with the buyer's bank, so that it cannot be given back as well. */
export const keepsMoney = ({ status }: Dispute): boolean => status === 'needs_response' || status === 'lost';

/** As Stripe's API shows it. */
export function disputeView(dispute: Dispute): Record<string, unknown> {
  return {
    id: dispute.id,
    object: 'dispute',
    amount: dispute.amount,
    balance_transactions: [],
    charge: dispute.chargeId,
    created: dispute.created,
    currency: dispute.currency,
    enhanced_eligibility_types: [],
    evidence: {},
    evidence_details: { due_by: null, has_evidence: false, past_due: false, submission_count: 0 },
    intended_submission_method: null,
    is_charge_refundable: dispute.status.startsWith('warning'),
    livemode: false,
    metadata: {},
    network_reason_code: null,
    payment_intent: dispute.intentId,
    reason: dispute.reason,
    status: dispute.status,
  };
}
