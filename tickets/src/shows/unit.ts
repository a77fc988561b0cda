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
  /** It was taken off sale and sold at the same time. */
  clash?: true;
}
