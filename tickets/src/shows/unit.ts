import type { UnitRefund } from './refunds.ts';

/**
 * `offered` is what was sold and can be bought from its holder; `removed` is what was taken off sale while nobody held
 * it.
 */
export type UnitState = 'free' | 'live' | 'sold' | 'offered' | 'removed';

/** The order that holds a ticket, or held it last. */
export interface UnitHold {
  readonly orderId: string;
  readonly attempt: number;
  readonly version: number;
  /** What the buyer pays for it. */
  readonly price: number;
  /** When it was reserved, sold or released. */
  readonly at: string;
  readonly refundedAt: string | null;
  /** Its share of an amount that was refunded. Missing in what earlier releases have stored. */
  readonly partRefund?: UnitRefund['partRefund'];
}

/** A sale of a ticket that was resold since. */
export interface EarlierSale {
  /** The version of the order that says so. */
  readonly version: number;
  /** What the buyer paid, minus what they got back: something, if the price was cut or the refund has failed. */
  readonly money: number;
  readonly at: string;
}

/**
 * One ticket of a show. It is no aggregate: that it exists follows from the show, and who holds it is what orders have
 * announced last.
 */
export interface StoredUnit {
  _id: string;
  showId: string;
  kindId: string;
  /** From 1 within its kind. */
  number: number;
  state: UnitState;
  /** What was heard last: rises with each attempt, and within it with the order's version (see holds.ts). */
  heard: number;
  hold: UnitHold | null;
  /** The order by which somebody is buying it from the holder, while it is `live`. Until it is sold, `hold` stays. */
  resale?: UnitHold;
  /** What is left of the money of those who have resold it, by their orders. */
  earlier?: Readonly<Record<string, EarlierSale>>;
  /** It was taken off sale and sold at the same time. */
  clash?: true;
}
