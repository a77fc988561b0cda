import { setTimeout as sleep } from 'node:timers/promises';
import type { Show } from '@box-office/common/contracts/shows';
import type { NewWaiting } from '@box-office/common/contracts/waiting';
import { notFound, problem } from '@box-office/common/problem';
import type { Aggregates } from '@box-office/common/store/aggregates';
import { isDuplicateKey } from '@box-office/common/store/duplicate-key';
import type { Order } from '../order.ts';
import type { Asked } from '../ordering.ts';
import { limitReached, tickets } from '../places.ts';
import type { FreeUnits } from '../shows/free-units.ts';
import { mustBeForSale } from '../shows/reserve-show.ts';
import { type Entry, join, orderIdFor } from './entry.ts';
import type { Lines, Waiter } from './line.ts';
import { lineSlot, placeSlot } from './lookup.ts';
import type { DrawNumber, Entries } from './store.ts';
import { leftOf } from './turns.ts';

export interface JoiningParts {
  readonly entries: Entries;
  readonly lines: Lines;
  readonly orders: Pick<Aggregates<Order>, 'query'>;
  readonly draw: DrawNumber;
  readonly freeUnits: FreeUnits;
  /** How many lines one person may wait in at the same time; 0 for any number. */
  readonly mostLines: number;
  readonly now: () => Date;
}

/** Puts somebody at the end of a line. Every refusal is a `Problem`. */
export type Join = (asked: Asked, show: Show | null, wanted: NewWaiting) => Promise<Entry>;

/** How many of the times that somebody was served in a line are looked at: more than a day has room for. */
const servedAtMost = 20;
/** How long after tickets were held for somebody in vain they may not wait for the same again. */
const notAgainMs = 86_400_000;

/** How often to try again after collisions with other requests of the same person. */
const maxTries = 20;

export function joining({ entries, lines, orders, draw, freeUnits, mostLines, now }: JoiningParts): Join {
  const places = Array.from({ length: mostLines }, (_, index) => index + 1);

  async function mustBeSoldOut(show: Show, { kindId, quantity }: NewWaiting, person: Waiter): Promise<void> {
    const left = leftOf(await freeUnits.left(show), kindId);
    if (left < quantity) return;
    // What is left may be for others who wait already.
    const { fewest } = await lines.others(kindId, person);
    if (fewest === null || fewest > left) {
      throw problem('still-available', `${tickets(left)} can be ordered now, so there is no need to wait.`);
    }
  }

  /** They would hold the same tickets again, for as long, while others wait. */
  async function mustNotHaveLetPass(kindId: string, { userId, by }: Waiter): Promise<void> {
    const asked = { sort: { _id: -1 }, limit: servedAtMost } as const;
    const same = by === userId ? [{ userId }] : [{ userId }, { by }];
    const served = await Promise.all(same.map((it) => entries.query({ ...it, kindId, state: 'served' }, asked)));
    const ids = served.flat().map(orderIdFor);
    if (ids.length === 0) return;
    const unpaid = await orders.query({ _id: { $in: ids }, status: 'cancelled', reason: { $ne: 'withdrawn' } });
    if (unpaid.some(({ expiresAt }) => Date.parse(expiresAt) + notAgainMs > now().getTime())) {
      throw limitReached('Your turn came and you did not pay. You can wait for these tickets again tomorrow.');
    }
  }

  return async ({ id, userId, by }, found, wanted) => {
    const { kindId, quantity } = wanted;
    const show = mustBeForSale(found, new Map([[kindId, quantity]]), userId, now());
    const kind = show.kinds.find((it) => it.id === kindId);
    if (!kind) throw notFound('The show has no such kind of tickets.');
    const most = Math.min(kind.quantity, show.perPerson ?? kind.quantity);
    if (quantity > most) throw limitReached(`Nobody can have more than ${tickets(most)} of “${kind.name}”.`);
    await mustNotHaveLetPass(kindId, { userId, by });
    await mustBeSoldOut(show, wanted, { userId, by });

    const number = await draw(kindId);
    const { id: showId, title } = show;
    const facts = { id, showId, kindId, kind: kind.name, title, quantity, userId, by, number };
    let taken: ReadonlySet<number | null> = new Set();
    for (let tries = 1; tries <= maxTries; tries++) {
      const free = places.filter((place) => !taken.has(place));
      const place = free[Math.floor(Math.random() * free.length)] ?? null;
      if (mostLines > 0 && place === null) {
        throw limitReached(`You already wait for ${mostLines} kinds of tickets. Leave one of the lines first.`);
      }
      try {
        return await entries.add(join({ ...facts, place }));
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
      // An earlier attempt at the same request may have been only slow.
      const made = await entries.find(id);
      if (made) return made;
      const slots = [lineSlot(kindId, by), ...places.map((it) => placeSlot(by, it))];
      const mine = await entries.query({ slots: { $in: slots } });
      if (mine.some((it) => it.kindId === kindId)) {
        throw problem(
          'already-waiting',
          'You already wait for tickets of this kind. Leave the line to wait for another number of them.',
        );
      }
      taken = new Set(mine.map((it) => it.place));
      await sleep(Math.random() * Math.min(2 ** tries, 50));
    }
    throw problem('busy', 'You are joining several lines at this moment. Please try again.', { retryAfterSeconds: 1 });
  };
}
