import { Charge, Id } from '@box-office/common/contracts/primitives';
import { z } from 'zod';

/** The id of the refund of a ticket: of the first, or of one after others that were refused or taken back. */
export const idOfTicketRefund = (ticketId: string, number: number): string =>
  number === 1 ? `ticket:${ticketId}` : `ticket:${ticketId}:${number}`;

const ticketIn = (id: string): string | null => /^ticket:([0-9a-f]{24})(?::\d+)?$/.exec(id)?.[1] ?? null;

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

/** What Stripe says about refunds of a part, by their ids. */
export interface PartsAtStripe {
  readonly made: readonly string[];
  /** Taken back, and not made after that. */
  readonly failed: readonly string[];
}

/** A payment, as far as its parts are concerned. */
export interface WithParts {
  readonly partRefunds: PartRefund[];
  readonly refusedTickets: RefusedTicket[];
}

/** The parts as they are at Stripe. Without an answer they stay as they are. */
export const partsAt = (parts: readonly PartRefund[], seen: PartsAtStripe | undefined): PartRefund[] =>
  parts.map((part) => {
    const failed = seen?.failed.includes(part.id) ?? false;
    return failed || seen?.made.includes(part.id) ? { ...part, made: true, failed } : part;
  });

/** What remains to be made. */
export const pendingParts = ({ partRefunds }: WithParts, seen?: PartsAtStripe): PartRefund[] =>
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
