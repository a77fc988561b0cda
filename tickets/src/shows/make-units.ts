import { forEach } from '@box-office/common/each';
import { type Repeating, repeat } from '@box-office/common/repeat';
import type { BaseParts } from '@box-office/common/service';
import type { Aggregates } from '@box-office/common/store/aggregates';
import { keepHeld, marked, putBack, soldAfterAll, takeOffSale, unitsMade } from './quantity.ts';
import { numbersIn, rangesOf } from './ranges.ts';
import { isKindUnfinished, isUnfinished, type Kind, type Show, standing } from './show.ts';
import type { Units } from './units.ts';

/** Tickets made at a time: all that the job holds in memory of a show, beside the show itself. */
const batch = 1_000;
/** Shows that are read together. All are worked on in turns, so that a small one does not wait for large ones. */
const readTogether = 5;

export interface MakeUnitsOptions extends Pick<BaseParts, 'logger'> {
  readonly shows: Aggregates<Show>;
  readonly units: Units;
  /** How often to look for what another process has left unfinished. */
  readonly everyMs: number;
}

/**
 * Makes the tickets of shows, or takes some off sale, until there are as many as the organiser wants: one batch after
 * the other, and how far it is stands in the show. After a crash it goes on from there. Several processes may do so at
 * the same time: they make the same tickets, and each only once.
 */
export function makeUnits({ shows, units, everyMs, logger }: MakeUnitsOptions): Repeating {
  return repeat({ name: 'making of tickets', everyMs, logger, atOnce: true }, async (signal) => {
    while (!signal.aborted && (await round(signal))) {}
  });

  /** One batch for each show. @returns whether there was anything to do */
  async function round(signal: AbortSignal): Promise<boolean> {
    let worked = false;
    for (let after = ''; !signal.aborted; ) {
      const filter = { unfinished: true, _id: { $gt: after } };
      const found = await shows.query(filter, { sort: { _id: 1 }, limit: readTogether });
      for (const show of found.filter(isUnfinished)) worked = (await step(show)) || worked;
      const last = found.at(-1);
      if (!last || found.length < readTogether) break;
      after = last.id;
    }
    return worked || (await settleClashes());
  }

  /** A show that fails does not stop the others. @returns whether it went well */
  async function step(show: Show): Promise<boolean> {
    try {
      const kind = show.kinds.find(isKindUnfinished);
      if (kind) await workOn(show, kind);
      return true;
    } catch (error) {
      logger.warn({ err: error, id: show.id }, 'could not make the tickets of a show; will try again');
      return false;
    }
  }

  /** Does one batch for a kind, and then stores that in the show. */
  async function workOn(show: Show, kind: Kind): Promise<void> {
    const { id, made, marking, quantity, removed, seats } = kind;
    const lacking = quantity - standing(kind);
    if (marking.length > 0) await mark(show, id, numbersIn(marking).slice(0, batch));
    else if (seats && made < seats.length) await make(show, kind, seats.length - made);
    else if (lacking < 0) await remove(show, kind, Math.min(batch, -lacking));
    else if (removed.length > 0) await restore(show, id, numbersIn(removed).slice(0, Math.min(batch, lacking)));
    else await make(show, kind, lacking);
  }

  async function make(show: Show, { id, made }: Kind, lacking: number): Promise<void> {
    const upTo = made + Math.min(batch, lacking);
    await units.make(
      show.id,
      id,
      Array.from({ length: upTo - made }, (_, index) => made + 1 + index),
    );
    await shows.change(show.id, (it) => unitsMade(it, id, upTo));
  }

  async function remove(show: Show, { id, made, removed }: Kind, most: number): Promise<void> {
    const free = await units.lastFree({ id, made }, show.id, most);
    const known = new Set(numbersIn(removed));
    // Should a process that was behind have put some back, they are marked again.
    const stray = free.filter((number) => known.has(number));
    if (stray.length > 0) await mark(show, id, stray);
    else await shows.change(show.id, (it) => (free.length > 0 ? takeOffSale(it, id, free) : keepHeld(it, id)));
  }

  async function mark(show: Show, kindId: string, numbers: readonly number[]): Promise<void> {
    await units.takeOffSale(show.id, kindId, rangesOf(numbers));
    await shows.change(show.id, (it) => marked(it, kindId, numbers));
  }

  async function restore(show: Show, kindId: string, numbers: readonly number[]): Promise<void> {
    await units.putBack(show.id, kindId, rangesOf(numbers));
    await shows.change(show.id, (it) => putBack(it, kindId, numbers));
  }

  /** Tickets that orders sold before they knew that these were taken off sale. @returns whether there were any */
  async function settleClashes(): Promise<boolean> {
    const clashes = await units.clashes(batch);
    const byKind = Map.groupBy(clashes, ({ showId, kindId }) => `${showId} ${kindId}`);
    await forEach(byKind.values(), async (alike) => {
      const [{ showId, kindId } = { showId: '', kindId: '' }] = alike;
      const numbers = alike.map(({ number }) => number);
      await shows.change(showId, (it) => soldAfterAll(it, kindId, numbers));
      await units.settleClashes(showId, kindId, rangesOf(numbers));
    });
    return clashes.length > 0;
  }
}
