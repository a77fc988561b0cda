import { mostTickets } from '@box-office/common/contracts/orders';
import { lastPosition, type OverReason, type WaitingAnswer } from '@box-office/common/contracts/waiting';
import { type KindAnswer, type Sale, ticketsInWords } from './show-words.ts';

const overWords: Record<OverReason, string> = {
  'show-cancelled': 'The show is cancelled.',
  'sale-over': 'The sale is over, and nothing came free for you.',
  'limit-reached': 'You have as many tickets for this show as one person may have.',
};

/** What happens to whoever waits. */
export const howWaitingWorks =
  'When enough come free, we reserve them for you, usually for an hour. We write to you then.';

/** What became of somebody's place in a line, in a sentence for them. */
export function waitingInWords({ state, quantity, position = 1, reason }: WaitingAnswer): string {
  const what = ticketsInWords(quantity);
  if (state === 'served') {
    const are = quantity === 1 ? 'it is' : 'they are';
    return `${what} came free, and an order was made for you. It says until when ${are} held for you to pay.`;
  }
  if (state === 'left') return 'You have left the line.';
  if (state === 'over') return reason ? overWords[reason] : 'Nothing came free for you.';
  if (position === 1) return `You are next in line for ${what}.`;
  const place = position >= lastPosition ? `${lastPosition} or later` : `${position}`;
  return `You are number ${place} in line for ${what}.`;
}

/** How many tickets of a kind somebody may wait for. */
export const mostToWaitFor = ({ quantity, maxPerOrder }: KindAnswer, { perPerson }: Sale): number =>
  Math.min(quantity, mostTickets, maxPerOrder ?? mostTickets, perPerson ?? mostTickets);
