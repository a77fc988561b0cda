import { forEach } from '@box-office/common/each';
import { type Repeating, repeat } from '@box-office/common/repeat';
import type { BaseParts } from '@box-office/common/service';
import type { Aggregates } from '@box-office/common/store/aggregates';
import { type Show, standing, unitsMade } from './show.ts';
import type { Units } from './units.ts';

/** Tickets made at a time: all that the job holds in memory of a show, beside the show itself. */
const batch = 1_000;
/** Shows that are worked on in turns, so that a small one does not wait for a large one. */
const turns = 5;

export interface MakeUnitsOptions extends Pick<BaseParts, 'logger'> {
  readonly shows: Aggregates<Show>;
  readonly units: Units;
  /** How often to look for what another process has left unfinished. */
  readonly everyMs: number;
}

/**
 * Makes the tickets of shows, one batch after the other, and stores in the show how far it is. After a crash it goes on
 * from there. Several processes may do so at the same time: they make the same tickets, and each only once.
 */
export function makeUnits({ shows, units, everyMs, logger }: MakeUnitsOptions): Repeating {
  return repeat({ name: 'making of tickets', everyMs, logger, atOnce: true }, async (signal) => {
    while (!signal.aborted) {
      const unfinished = await shows.query({ unfinished: true }, { sort: { _id: 1 }, limit: turns });
      if (unfinished.length === 0) return;
      await forEach(unfinished, makeBatch);
    }
  });

  async function makeBatch(show: Show): Promise<void> {
    const kind = show.kinds.find((it) => standing(it) < it.quantity);
    if (!kind) return;
    const { id, made } = kind;
    const upTo = made + Math.min(batch, kind.quantity - standing(kind));
    const numbers = Array.from({ length: upTo - made }, (_, index) => made + 1 + index);
    await units.make(show.id, id, numbers);
    await shows.change(show.id, (it) => unitsMade(it, id, upTo));
  }
}
