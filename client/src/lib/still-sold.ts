import type { ListedShow } from '@box-office/common/contracts/shows';
import type { TicketAnswer } from '@box-office/common/contracts/tickets';
import { ticketsInWords } from './show-words.ts';

/** What somebody who deletes their account would leave without a seller. */
export interface StillSold {
  /** `2 shows to come and 1 ticket on sale` */
  readonly words: string;
  /** The first of them. */
  readonly first: readonly { readonly path: `/shows/${string}` | `/tickets/${string}`; readonly title: string }[];
  /** How many there are besides. */
  readonly more: number;
}

/** How many of each are looked at. */
export const mostRead = 100;
const mostNamed = 5;

/**
 * @param shows the newest ones of their organiser, `mostRead` at most
 * @param tickets the newest ones of their seller, `mostRead` at most
 * @returns null if none of these is still sold
 */
export function stillSold(shows: readonly ListedShow[], tickets: readonly TicketAnswer[]): StillSold | null {
  const toCome = shows.filter(({ state, over }) => state !== 'cancelled' && !over);
  const onSale = tickets.filter(({ state, over }) => (state === 'on-sale' || state === 'reserved') && !over);
  const all = [
    ...toCome.map(({ id, title }) => ({ path: `/shows/${id}` as const, title })),
    ...onSale.map(({ id, title }) => ({ path: `/tickets/${id}` as const, title })),
  ];
  if (all.length === 0) return null;
  const counts = [
    ...(toCome.length > 0 ? [`${toCome.length === 1 ? '1 show' : `${toCome.length} shows`} to come`] : []),
    ...(onSale.length > 0 ? [`${ticketsInWords(onSale.length)} on sale`] : []),
  ];
  // There may be older ones.
  const isAll = shows.length < mostRead && tickets.length < mostRead;
  return {
    words: `${isAll ? '' : 'at least '}${counts.join(' and ')}`,
    first: all.slice(0, mostNamed),
    more: Math.max(all.length - mostNamed, 0),
  };
}
