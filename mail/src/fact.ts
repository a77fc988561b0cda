import { type Order, ticketsOf } from '@box-office/common/contracts/orders';
import type { RequestedLink, SecurityNotice } from '@box-office/common/contracts/people';
import type { WaitingEntry } from '@box-office/common/contracts/waiting';
import type { Letter, Place } from './letter.ts';

/** Something that happened and that somebody is told by mail, once. */
export interface Fact {
  /**
   * What names it: each key is in at most one mail. Several if one mail tells of several things, such as tickets that
   * ended together.
   */
  readonly keys: readonly [string, ...string[]];
  readonly letter: Letter;
  /** The account whose address it goes to. */
  readonly personId: string;
  /** The address, if the fact brings one; otherwise the address book has it when the mail is sent. */
  readonly to?: { readonly email: string; readonly language: 'en' | 'de' };
  /** The organiser of the show, if the letter has no order that names its seller: sees whether the mail is refused. */
  readonly organiserId?: string | undefined;
  /** When nobody needs the mail any more. */
  readonly until?: string;
}

/**
 * What a snapshot of an order says, whatever event brought it. An event that was missed loses nothing if a later one
 * carries what it said, and a snapshot that comes again says nothing new: its keys are known.
 */
export function factsOf(order: Order): Fact[] {
  const { id, userId, sellerId, status, refundedAt, partlyRefundedAt, refundFailedAt, dispute } = order;
  const toBuyer = (key: string, kind: OrderLetterKind): Fact => ({
    keys: [`${id}:${key}`],
    personId: userId,
    letter: { kind, order },
  });
  const facts: Fact[] = [];
  if (status === 'created') facts.push({ ...toBuyer('made', 'made'), until: order.expiresAt });
  if (status === 'complete') facts.push(toBuyer('paid', 'paid'));
  if (status === 'cancelled') facts.push(toBuyer('cancelled', 'cancelled'));
  if (refundedAt) facts.push(toBuyer(`refunded:${refundedAt}`, 'refunded'));
  if (refundFailedAt) facts.push(toBuyer(`refund-failed:${refundFailedAt}`, 'refund-failed'));
  // What a bank has taken back also changes how much is refunded, and it is the other mail that says so.
  if (partlyRefundedAt && partlyRefundedAt !== refundFailedAt)
    facts.push(toBuyer(`partly-refunded:${partlyRefundedAt}`, 'partly-refunded'));
  if (dispute) {
    facts.push(toBuyer(`disputed:${dispute.status}`, 'disputed'));
    const letter = { kind: 'sale-disputed', order } as const;
    if (sellerId) facts.push({ keys: [`${id}:sale-disputed:${dispute.status}`], personId: sellerId, letter });
  }
  return [...facts, ...ended(order, 'show-cancelled'), ...ended(order, 'resold')];
}

type OrderLetterKind = 'made' | 'paid' | 'cancelled' | 'refunded' | 'partly-refunded' | 'refund-failed' | 'disputed';

/** One mail for all tickets that ended for the same reason and have not been in a mail before. */
function ended(order: Order, kind: 'show-cancelled' | 'resold'): Fact[] {
  const ticketIds = ticketsOf(order).flatMap((ticket) => (ticket.ended === kind ? [ticket.id] : []));
  const [first, ...more] = ticketIds.map((ticketId) => endedKey(order.id, kind, ticketId));
  return first ? [{ keys: [first, ...more], personId: order.userId, letter: { kind, order, ticketIds } }] : [];
}

const endedKey = (orderId: string, kind: string, ticketId: string): string => `${orderId}:${kind}:${ticketId}`;

/** The fact with the keys that are left once those of other mails are taken away; undefined if none is left. */
export function without(fact: Fact, known: ReadonlySet<string>): Fact | undefined {
  const [first, ...more] = fact.keys.filter((key) => !known.has(key));
  if (!first) return undefined;
  const keys = [first, ...more] as const;
  const { letter } = fact;
  if (letter.kind !== 'show-cancelled' && letter.kind !== 'resold') return { ...fact, keys: [...keys] };
  const ticketIds = letter.ticketIds.filter((id) => keys.includes(endedKey(letter.order.id, letter.kind, id)));
  return { ...fact, keys: [...keys], letter: { ...letter, ticketIds } };
}

/** Tickets have come free for somebody who waited: this order is theirs if they pay in time. */
export const offered = (order: Order): Fact => ({
  keys: [`${order.id}:offered`],
  personId: order.userId,
  letter: { kind: 'offered', order },
  until: order.expiresAt,
});

export const waitedInVain = (entry: WaitingEntry, organiserId: string | undefined): Fact => ({
  keys: [`${entry.id}:waited-in-vain`],
  personId: entry.userId,
  organiserId,
  letter: { kind: 'waited-in-vain', entry },
});

/** The version of the show that moved there is part of the key: a show may move there and back. */
export const moved = (order: Order, movedIn: number, before: Place, after: Place): Fact => ({
  keys: [`${order.id}:moved:${movedIn}`],
  personId: order.userId,
  letter: { kind: 'moved', order, before, after },
  until: after.startsAt,
});

export const linkFact = ({ id, personId, email, language, purpose, token, expiresAt }: RequestedLink): Fact => ({
  keys: [`link:${id}`],
  personId: personId ?? '',
  to: { email, language },
  letter: { kind: 'link', purpose, token, expiresAt },
  until: expiresAt,
});

export const noticeFact = ({ id, version, email, language, what, at, device }: SecurityNotice): Fact => ({
  keys: [`notice:${id}:${what}:${version}:${at}`],
  personId: id,
  to: { email, language },
  letter: { kind: 'notice', what, at, ...(device ? { device } : {}) },
});

/**
 * The keys of mails that make a mail needless while it has not been sent: nobody is asked to pay for an order that has
 * ended or is paid, or twice for one.
 */
export function overtakenBy({ letter }: Pick<Fact, 'letter'>): string[] {
  if (letter.kind !== 'made' && letter.kind !== 'offered') return [];
  const later = letter.kind === 'made' ? ['offered', 'paid', 'cancelled'] : ['paid', 'cancelled'];
  return later.map((key) => `${letter.order.id}:${key}`);
}
