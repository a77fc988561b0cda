import type { Show } from '@box-office/common/contracts/shows';
import { type Repeating, repeat } from '@box-office/common/repeat';
import type { Aggregates } from '@box-office/common/store/aggregates';
import { isStoreAway } from '@box-office/common/store/mongo';
import type { Logger } from 'pino';
import { endWithShow } from '../ended.ts';
import type { Order } from '../order.ts';
import type { CancelledShow, CancelledShowStore, OrderSeen } from './cancelled-show-store.ts';

/** How long before it was read something may have been written that was not there yet: clocks and writes differ. */
const lateMs = 2 * 60_000;
/** A show is looked at again after this many times as long as it took to read its orders; once while some are paid. */
const rest = 10;
/** But not later than this: a look also takes long when its process was stopped, or the database was. */
const mostRestMs = 30_000;
/** How soon to look again after the start, if something is left that could not be ended or is still being paid. */
const leftPauseMs = 10 * 60_000;
const failedPauseMs = 60_000;
/** How often to look for shows that were cancelled without a word to this job. */
const searchEveryMs = 10 * 60_000;
/** The pause grows with the time since the cancellation, of which it is this part; up to the longest. */
const patience = 20;
const longestPauseMs = 24 * 60 * 60_000;
/** So long after the cancellation no process can still be about to store an order that it had decided on before. */
const quietAfterMs = 30 * 24 * 60 * 60_000;
/** More failures than this have a common cause, so what comes after them is not remembered as done. */
const mostFailed = 100;
/** Orders that are ended at the same time. */
const atOnce = 8;

export interface CancelledShowsParts {
  readonly store: CancelledShowStore;
  readonly orders: Pick<Aggregates<Order>, 'change'>;
  readonly now: () => Date;
  readonly everyMs: number;
  readonly logger: Logger;
}

/** Ends the orders of cancelled shows. */
export interface CancelledShows {
  /** Stores that a show is cancelled: from now on its orders are ended, even if this process dies. */
  add(show: Show): Promise<void>;
  /** Begins to look for orders to end. */
  start(): Repeating;
  /** Creates the index; safe to repeat. */
  prepare(): Promise<void>;
}

/**
 * Ends every order of a cancelled show: unpaid ones are cancelled, and all tickets of complete ones end, so that their
 * buyers are refunded. One that is being paid is left until its payment is decided, and ended then.
 *
 * Orders are read in the order of their last change, from a stored bookmark on, so any process may die at any moment
 * and any number may run; ending an order twice changes nothing. It goes on looking until after the show's start,
 * because an order that was decided before the cancellation may be stored after it: less and less often, and after a
 * month only once more, when the show would have begun. These looks are at all orders. One that cannot be ended does
 * not stop the others: it is remembered and tried again, once a day in the end.
 */
export function cancelledShows({ store, orders, now, everyMs, logger }: CancelledShowsParts): CancelledShows {
  let job: Repeating | undefined;
  let searchAt = 0;

  async function endAllDue(signal: AbortSignal): Promise<void> {
    if (now().getTime() >= searchAt) {
      await store.addMissing();
      searchAt = now().getTime() + searchEveryMs;
    }
    while (!signal.aborted) {
      const show = await store.take();
      if (!show) return;
      await look(show, signal);
    }
  }

  async function look(show: CancelledShow, signal: AbortSignal): Promise<void> {
    const began = now();
    const isLast = began >= show.until;
    const since = show.since ?? began;
    const isQuiet = began.getTime() - since.getTime() >= quietAfterMs;
    const failed = new Set<string>();
    let endingMs = 0;
    await endEach(show.failed.map((id) => ({ id })));
    let isBeingPaid = false;
    for await (const part of store.orders(show._id, isLast || isQuiet ? '' : from(show.readUpTo))) {
      isBeingPaid ||= part.some(({ status }) => status === 'awaiting:payment');
      await endEach(part.filter((it) => !show.failed.includes(it.id) && isToEnd(it)));
      if (signal.aborted) return store.update(show._id, { dueAt: now() });
      await store.update(show._id, bookmark(part.at(-1)?.changedAt ?? ''));
    }
    const isLeft = failed.size > 0 || isBeingPaid;
    if (isLast && !isLeft) return store.remove(show._id);
    if (isQuiet && !isLeft) return store.update(show._id, { ...bookmark(began.toISOString()), dueAt: show.until });
    const readingMs = now().getTime() - began.getTime() - endingMs;
    const ageMs = now().getTime() - since.getTime();
    const pauseMs = Math.max(
      everyMs,
      Math.min(ageMs / patience, longestPauseMs),
      Math.min((isBeingPaid ? 1 : rest) * readingMs, mostRestMs),
      isLast ? leftPauseMs : failed.size > 0 ? failedPauseMs : 0,
    );
    const dueAt = new Date(now().getTime() + pauseMs);
    await store.update(show._id, { ...bookmark(began.toISOString()), since, dueAt });

    /** What is stored together: up to where everything has ended, and what has not. */
    function bookmark(readUpTo: string): Partial<CancelledShow> {
      if (failed.size > mostFailed) return {};
      return { readUpTo: readUpTo < began.toISOString() ? readUpTo : began.toISOString(), failed: [...failed] };
    }

    async function endEach(some: readonly { readonly id: string }[]): Promise<void> {
      const startedAt = now().getTime();
      const left = some.values();
      await Promise.all(Array.from({ length: atOnce }, () => endFrom(left)));
      endingMs += now().getTime() - startedAt;
    }

    async function endFrom(left: Iterable<{ readonly id: string }>): Promise<void> {
      for (const { id } of left) {
        // What is left of this part is read again, because no bookmark is stored for it.
        if (signal.aborted) return;
        try {
          await orders.change(id, endWithShow);
        } catch (error) {
          if (isStoreAway(error)) throw error;
          failed.add(id);
          // Said once, not at each further try.
          if (show.failed.includes(id)) continue;
          logger.error({ err: error, orderId: id, showId: show._id }, 'could not end an order of a cancelled show');
        }
      }
    }
  }

  return {
    prepare: store.prepare,

    async add(show) {
      await store.add(show);
      job?.wake();
    },

    start() {
      job = repeat({ name: 'ending of the orders of cancelled shows', everyMs, logger, atOnce: true }, endAllDue);
      return job;
    },
  };
}

const from = (readUpTo: string): string =>
  readUpTo === '' ? '' : new Date(Date.parse(readUpTo) - lateMs).toISOString();

/** One whose status says nothing is looked at as a whole, which tells what is wrong with it. */
const isToEnd = ({ status, hasEnded }: OrderSeen): boolean =>
  status === 'complete' ? !hasEnded : status !== 'cancelled' && status !== 'awaiting:payment';
