import type { Dispute, DisputeStatus } from '@box-office/common/contracts/payments';
import type { Stripe } from '@box-office/local/service-env';
import type { Charge, Refund, Dispute as StoredDispute, Intent as StoredIntent } from '@box-office/stripe-sandbox/rows';

/** A payment as Stripe has it. */
export interface Intent {
  readonly id: string;
  readonly status: string;
  readonly amount: number;
  readonly received: number;
  readonly orderId: string;
  /** How much of the received amount was refunded. */
  readonly refunded: number;
  /** Every refund of received money, those that have failed included. */
  readonly refunds: readonly MadeRefund[];
  readonly dispute: Dispute | null;
}

export interface MadeRefund {
  readonly amount: number;
  readonly status: Refund['status'];
  /** The bank has yet to decide over it. */
  readonly isUndecided: boolean;
  /** When it was made, in whole seconds, as ms since 1970. */
  readonly createdMs: number;
  /** The id under which we asked for it, if it is a part. */
  readonly refundId?: string;
  /** The ticket it is for, if it is for one. */
  readonly ticketId?: string;
}

/** How a refund of one ticket is called; another follows only where the one before was refused or has failed. */
const ofTicket = /^ticket:(?<ticketId>[^:]+)(:\d+)?$/;

interface SandboxState {
  readonly intents: readonly Pick<StoredIntent, 'id' | 'status' | 'amount' | 'received' | 'chargeId' | 'metadata'>[];
  readonly charges: readonly Pick<Charge, 'id' | 'captured' | 'amountRefunded'>[];
  readonly refunds: readonly Refund[];
  readonly disputes: readonly StoredDispute[];
}

/** All payments, read from the sandbox and not through our own services. */
export async function stripeSide({ url, secretKey }: Stripe): Promise<Intent[]> {
  const response = await fetch(new URL('/sandbox/state', url), { headers: { authorization: `Bearer ${secretKey}` } });
  const { intents, charges, refunds, disputes } = (await response.json()) as SandboxState;
  const chargeOf = new Map(charges.map((charge) => [charge.id, charge]));
  const refundsOf = Map.groupBy(
    refunds.filter(({ released }) => !released),
    ({ intentId }) => intentId,
  );
  const disputesOf = Map.groupBy(disputes, ({ intentId }) => intentId);
  return intents.map(({ id, status, amount, received, chargeId, metadata }) => {
    const charge = chargeOf.get(chargeId ?? '');
    return {
      id,
      status,
      amount,
      received,
      orderId: metadata.orderId ?? '',
      refunded: charge?.captured ? charge.amountRefunded : 0,
      refunds: (refundsOf.get(id) ?? []).map(made),
      dispute: heaviest(disputesOf.get(id) ?? []),
    };
  });
}

function made({ amount, status, settlesAt, created, metadata: { refundId } }: Refund): MadeRefund {
  const ticketId = ofTicket.exec(refundId ?? '')?.groups?.ticketId;
  return {
    ...{ amount, status, isUndecided: settlesAt !== null, createdMs: created * 1_000 },
    ...(refundId === undefined ? {} : { refundId }),
    ...(ticketId === undefined ? {} : { ticketId }),
  };
}

/** What our services call each status; nothing for an inquiry that is over. */
const names: Readonly<Record<StoredDispute['status'], DisputeStatus | undefined>> = {
  needs_response: 'open',
  lost: 'lost',
  warning_needs_response: 'inquiry',
  won: 'won',
  warning_closed: undefined,
};
const byWeight: readonly DisputeStatus[] = ['open', 'lost', 'inquiry', 'won'];

function heaviest(disputes: readonly StoredDispute[]): Dispute | null {
  const known = disputes.flatMap(({ status, amount }) => {
    const name = names[status];
    return name ? [{ status: name, amount }] : [];
  });
  return known.toSorted((a, b) => byWeight.indexOf(a.status) - byWeight.indexOf(b.status))[0] ?? null;
}

export const wasTaken = ({ received }: Intent): boolean => received > 0;
export const hasFailed = ({ status }: MadeRefund): boolean => status === 'failed';
export const isMade = (refund: MadeRefund): boolean => !hasFailed(refund);

/** Whether a buyer may not have got everything back: a bank has refused it, or has the money because of a dispute. */
export const excusesRefund = ({ refunds, dispute }: Intent): boolean =>
  refunds.some(hasFailed) || (dispute !== null && dispute.status !== 'inquiry');
