import { Instant } from '@box-office/common/contracts/primitives';
import type { Sales } from '@box-office/common/contracts/shows';
import type { Unreadable } from '@box-office/common/store/unreadable';
import { readable, UnreadableDocument } from '@box-office/common/store/unreadable';
import { z } from 'zod';
import { leftOf } from './left.ts';
import { type Kind, type Show, standing } from './show.ts';
import type { StoredUnit } from './unit.ts';
import type { Units } from './units.ts';

/** What sales need of a ticket that was sold. */
const SoldUnit = z.object({
  hold: z.object({
    price: z.int().nonnegative(),
    at: Instant,
    refundedAt: Instant.nullable(),
    partRefund: z.object({ amount: z.int().nonnegative(), at: Instant }).nullable().optional(),
  }),
  earlier: z.record(z.string(), z.object({ money: z.int().nonnegative(), at: Instant })).default({}),
});

interface Tally {
  sold: number;
  refunded: number;
  money: number;
}

const nothing = (): Tally => ({ sold: 0, refunded: 0, money: 0 });

/** Reads the tickets of a show in parts, so that it holds one part of them at a time. */
export async function salesOf(units: Units, show: Show, unreadable: Unreadable): Promise<Sales> {
  const days = new Map<string, Tally>();
  const dayOf = dayIn(show.timeZone);
  const kinds: Sales['kinds'] = [];
  for (const kind of show.kinds) kinds.push(await salesOfKind(kind));
  const sum = (field: 'made' | 'left' | 'reserved' | keyof Tally) => kinds.reduce((all, kind) => all + kind[field], 0);
  return {
    showId: show.id,
    currency: show.currency,
    timeZone: show.timeZone,
    kinds,
    total: {
      made: sum('made'),
      left: sum('left'),
      reserved: sum('reserved'),
      sold: sum('sold'),
      refunded: sum('refunded'),
      money: sum('money'),
    },
    days: [...days].sort(([one], [other]) => (one < other ? -1 : 1)).map(([day, tally]) => ({ day, ...tally })),
  };

  async function salesOfKind(kind: Kind) {
    const { id, name } = kind;
    const all = { id, name, made: standing(kind), left: 0, reserved: 0, ...nothing() };
    let unavailable = 0;
    for await (const part of units.each(show.id, kind)) {
      for (const unit of part) {
        if (unit.state === 'live' || unit.state === 'sold') unavailable++;
        if (unit.state === 'live') all.reserved++;
        // A resale keeps the ticket sold until the new buyer's order takes the place of the first one's.
        if (unit.state === 'sold' || unit.state === 'offered' || unit.resale) addSold(all, unit);
      }
    }
    return { ...all, left: leftOf(kind, new Map([[id, unavailable]])) };
  }

  function addSold(all: Tally, unit: StoredUnit): void {
    try {
      const { hold, earlier } = readable(SoldUnit, 'units', unit);
      const { price, at, refundedAt, partRefund } = hold;
      for (const sale of Object.values(earlier)) for (const tally of [all, on(sale.at)]) tally.money += sale.money;
      for (const tally of [all, on(at)]) {
        tally.sold++;
        tally.money += price;
      }
      if (partRefund) for (const tally of [all, on(partRefund.at)]) tally.money -= partRefund.amount;
      if (refundedAt === null) return;
      for (const tally of [all, on(refundedAt)]) {
        tally.refunded++;
        tally.money -= price;
      }
    } catch (error) {
      if (!(error instanceof UnreadableDocument)) throw error;
      unreadable(error);
    }
  }

  function on(instant: string): Tally {
    const day = dayOf(instant);
    const tally = days.get(day) ?? nothing();
    days.set(day, tally);
    return tally;
  }
}

/** The day of an instant in a time zone, such as 2027-01-31. */
function dayIn(timeZone: string): (instant: string) => string {
  const format = new Intl.DateTimeFormat('en', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return (instant) => {
    const parts = new Map(format.formatToParts(new Date(instant)).map(({ type, value }) => [type, value]));
    return `${parts.get('year')?.padStart(4, '0')}-${parts.get('month')}-${parts.get('day')}`;
  };
}
