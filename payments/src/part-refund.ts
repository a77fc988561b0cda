import type { Payment } from '@box-office/common/contracts/payments';
import { Charge, Id } from '@box-office/common/contracts/primitives';
import { z } from 'zod';

/** The id of the refund of a ticket: of the first, or of one after others that were refused or taken back. */
export const idOfTicketRefund = (ticketId: string, number: number): string =>
  number === 1 ? `ticket:${ticketId}` : `ticket:${ticketId}:${number}`;

const ofTicket = /^ticket:([0-9a-f]{24})(?::(\d+))?$/;
const ticketIn = (id: string): string | null => ofTicket.exec(id)?.[1] ?? null;

/** Which of the refunds of its ticket has this id. */
export const numberIn = (id: string): number => Number(ofTicket.exec(id)?.[2] ?? 1);

/** A refund of a part: of an amount that the seller has named, or of one ticket. */
export const PartRefund = z
  .object({
    /** The same for a request and its repeats. */
    id: z.string().min(1),
    amount: Charge,
    /** False until Stripe has made it. */
    made: z.boolean(),
    /** The ticket it is for; null if it is for none in particular. */
    ticketId: Id.nullable().default(null),
    /** The ticket has ended, so the buyer must get this: if Stripe refuses, that is remembered and announced. */
    owed: z.boolean().default(false),
    /** The buyer's bank took it back after it had been made. */
    failed: z.boolean().default(false),
    /** How often there was not enough balance at Stripe for it: each further request to Stripe has another number. */
    postponed: z.int().nonnegative().default(0),
  })
  // While a release is replaced by the next, the earlier one stores a payment without what it does not know.
  .overwrite((it) => ({ ...it, ticketId: it.ticketId ?? ticketIn(it.id) }));
export type PartRefund = z.infer<typeof PartRefund>;

/** A refund of one ticket that Stripe has refused. */
export const RefusedTicket = z.object({
  ticketId: Id,
  amount: Charge,
  /** The buyer is owed it, and it is not requested again by itself. */
  final: z.boolean(),
});
export type RefusedTicket = z.infer<typeof RefusedTicket>;

/** A refund of a part as Stripe lists it. */
export interface PartAtStripe {
  readonly id: string;
  readonly amount: number;
  /** Taken back, and not made after that. */
  readonly failed: boolean;
}

/** A payment, as far as its parts are concerned. */
export interface WithParts {
  readonly partRefunds: PartRefund[];
  readonly refusedTickets: RefusedTicket[];
}

/**
 * The parts as they are at Stripe, which may list more refunds of tickets than are stored if the payment was put back
 * from a backup. Those are taken over, and replace what would only repeat them. Without an answer the parts stay as
 * they are.
 */
export function partsAt(parts: readonly PartRefund[], seen: readonly PartAtStripe[] | undefined): PartRefund[] {
  if (!seen) return [...parts];
  const others = seen.filter(({ id }) => parts.every((part) => part.id !== id)).flatMap(takenOver);
  const known = parts.map((part) => {
    const found = seen.find(({ id }) => id === part.id);
    return found ? { ...part, made: true, failed: found.failed } : part;
  });
  return [...known.filter((part) => part.made || !others.some((other) => isRepeat(part, other))), ...others];
}

function takenOver({ id, amount, failed }: PartAtStripe): PartRefund[] {
  const ticketId = ticketIn(id);
  return ticketId === null ? [] : [{ id, amount, made: true, ticketId, owed: false, failed, postponed: 0 }];
}

/** After one that a bank has taken back, only people request another. */
const isRepeat = (part: PartRefund, other: PartRefund): boolean =>
  part.ticketId === other.ticketId && (part.owed || !other.failed);

/** What remains to be made. */
export const pendingParts = ({ partRefunds }: WithParts, seen?: readonly PartAtStripe[]): PartRefund[] =>
  partsAt(partRefunds, seen).filter(({ made }) => !made);

export const isRefunded = ({ made, failed }: PartRefund): boolean => made && !failed;

/** The tickets that were refunded one by one. */
export const refundedTickets = ({ partRefunds }: WithParts): string[] =>
  partRefunds.flatMap((part) => (part.ticketId !== null && isRefunded(part) ? part.ticketId : []));

/** The tickets whose refund was refused or taken back, unless another was made or is about to be. */
export function refundFailedTickets({ partRefunds, refusedTickets }: WithParts): string[] {
  const asked = partRefunds.map(({ ticketId }) => ticketId);
  const sound = partRefunds.filter((it) => !it.failed).map(({ ticketId }) => ticketId);
  const refused = refusedTickets.filter((it) => it.final).map(({ ticketId }) => ticketId);
  const all = new Set([...asked, ...refused]);
  return [...all].filter((id): id is string => id !== null && !sound.includes(id));
}

/**
 * What is announced of single tickets. The list of those whose refund has failed is always there, so that an empty one
 * says that none has failed any more.
 */
export function ticketFacts(payment: WithParts): Pick<Payment, 'refundedTickets' | 'refundFailedTickets'> {
  const refunded = refundedTickets(payment);
  return {
    ...(refunded.length > 0 ? { refundedTickets: refunded } : {}),
    refundFailedTickets: refundFailedTickets(payment),
  };
}
