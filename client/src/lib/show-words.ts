import { showPrice } from '@box-office/common/contracts/money';
import { mostTickets } from '@box-office/common/contracts/orders';
import type { Currency } from '@box-office/common/contracts/primitives';
import type { ListedShow, ShowAnswer, ShowState } from '@box-office/common/contracts/shows';
import { priceInWords } from './money.ts';
import { showThere } from './when.ts';

export type KindAnswer = ShowAnswer['kinds'][number];

/** What the sale of a kind depends on besides the kind itself. */
export type Sale = Pick<ShowAnswer, 'state' | 'over' | 'timeZone' | 'perPerson'>;

const stateWords: Record<ShowState, string> = {
  preparing: 'Being prepared',
  'on-sale': 'On sale',
  paused: 'Paused',
  cancelled: 'Cancelled',
};

/** A show as a list has it, or its own page. */
export type SeenShow = Pick<ListedShow, 'state' | 'over' | 'soldOut'>;

export function stateOf(show: SeenShow): string {
  if (show.over && show.state !== 'cancelled') return 'Over';
  return show.soldOut ? soldOut : stateWords[show.state];
}

/** Why no ticket of the show can be bought, as a sentence; undefined if it depends on the kind. */
export function whyClosed({ state, over }: Pick<ShowAnswer, 'state' | 'over'>): string | undefined {
  if (state === 'cancelled') return 'This show is cancelled. Whoever has paid for tickets gets the money back.';
  if (over) return 'This show has begun, so its tickets are no longer sold.';
  if (state === 'paused') return 'The organiser has paused the sale. Come back later.';
  if (state === 'preparing') return 'The tickets are being prepared. They go on sale in a moment.';
  return undefined;
}

export const soldOut = 'Sold out';

/** Why no ticket of the kind can be bought now, in a few words; undefined if one can be. */
export function whyNot({ salesFrom, salesUntil, left }: KindAnswer, { timeZone }: Sale, nowMs: number) {
  if (salesFrom && nowMs < Date.parse(salesFrom)) return `On sale from ${showThere(salesFrom, timeZone)}`;
  if (salesUntil && nowMs >= Date.parse(salesUntil)) return 'Sale has ended';
  return left === 0 ? soldOut : undefined;
}

/** How many tickets of the kind one order may have. */
export const mostOf = ({ left, maxPerOrder }: KindAnswer, { perPerson }: Sale): number =>
  Math.min(left, mostTickets, maxPerOrder ?? mostTickets, perPerson ?? mostTickets);

/** Why one order may have no more of the kind than that, as a sentence. */
export function whyNoMore(kind: KindAnswer, sale: Sale): string {
  const most = mostOf(kind, sale);
  if (most === kind.left) return `Only ${most} left.`;
  if (most === sale.perPerson) return `One person may have at most ${ticketsInWords(most)}.`;
  return `One order may have at most ${ticketsInWords(most)}${most === kind.maxPerOrder ? ` of ${kind.name}` : ''}.`;
}

/** `12 left`, and what else a buyer should know of a kind. */
export function aboutKind(kind: KindAnswer, sale: Sale): string {
  const { left, maxPerOrder, salesUntil } = kind;
  return [
    `${left} left`,
    ...(maxPerOrder ? [`at most ${maxPerOrder} per order`] : []),
    ...(salesUntil ? [`on sale until ${showThere(salesUntil, sale.timeZone)}`] : []),
  ].join(', ');
}

/** `€12.50 to €40`, `Free`: what a show costs, in a list. */
export function priceRange(kinds: readonly { readonly price: number }[], currency: Currency): string {
  const prices = kinds.map(({ price }) => price);
  const [least, most] = [Math.min(...prices), Math.max(...prices)];
  if (least === most) return priceInWords(least, currency);
  return `${priceInWords(least, currency)} to ${showPrice(most, currency)}`;
}

/** `1 ticket`, `3 tickets` */
export const ticketsInWords = (count: number): string => (count === 1 ? '1 ticket' : `${count} tickets`);
