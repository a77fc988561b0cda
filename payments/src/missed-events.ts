import { collectionOf } from '@box-office/common/store/mongo';
import type { Connection, mongo } from 'mongoose';
import type Stripe from 'stripe';
import { afterCapture } from './event-types.ts';
import { type FollowParts, followEvent } from './follow-event.ts';
import { isStripeAway } from './stripe.ts';
import { parseStripeEvent } from './stripe-event.ts';

const pageSize = 100;
/** How far rounds overlap, because Stripe may list events of the same moment with a delay. */
const overlapSeconds = 30;
/** How long an event that cannot be handled is retried. */
const retriedForSeconds = 24 * 3_600;

interface Bookmark extends mongo.Document {
  _id: 'after-capture';
  /** Up to when Stripe's events have been read, in Unix seconds of Stripe's clock. */
  readUpTo: number;
}

export interface MissedEventsParts extends FollowParts {
  readonly stripe: Stripe;
  readonly connection: Connection;
  readonly now: () => Date;
  /** How old an event must be before its webhook counts as lost. */
  readonly afterMs: number;
}

/** One round of looking for events whose webhook never arrived. */
export type FollowMissedEvents = (signal: AbortSignal) => Promise<void>;

/**
 * Reads Stripe's events about refunds and disputes since the last round, usually with one request, and handles those
 * that no webhook has delivered. The very first round reads everything that Stripe keeps, which is 30 days.
 *
 * @throws when Stripe or the database is unavailable; the next round starts where this one did
 */
export function missedEvents(parts: MissedEventsParts): FollowMissedEvents {
  const { stripe, connection, knownEvents, now, afterMs, logger } = parts;
  const bookmarks = collectionOf<Bookmark>(connection, 'stripe-bookmarks');

  return async (signal) => {
    const bookmark = await bookmarks.findOne({ _id: 'after-capture' });
    const lte = Math.floor((now().getTime() - afterMs) / 1_000);
    const created = bookmark ? { gte: bookmark.readUpTo - overlapSeconds, lte } : { lte };
    let newest: number | undefined;
    let failed: number | undefined;
    for (let last: string | undefined, more = true; more; ) {
      const query = { types: afterCapture, created, limit: pageSize, ...(last && { starting_after: last }) };
      const page = await stripe.events.list(query, { timeout: 10_000 });
      // Stripe lists the newest first.
      newest ??= page.data[0]?.created;
      for (const event of await unknown(page.data)) {
        if (signal.aborted) return;
        // The oldest that failed and is worth retrying, because the newest come first.
        if (!(await followed(event)) && event.created > (newest ?? 0) - retriedForSeconds) failed = event.created;
      }
      last = page.data.at(-1)?.id;
      more = page.has_more;
    }
    if (newest === undefined) return;
    await bookmarks.updateOne({ _id: 'after-capture' }, { $max: { readUpTo: failed ?? newest } }, { upsert: true });
  };

  async function unknown(events: readonly Stripe.Event[]): Promise<Stripe.Event[]> {
    const known = await knownEvents.among(events.map(({ id }) => id));
    return events.filter(({ id }) => !known.has(id));
  }

  /** A payment that cannot be settled does not block the others. */
  async function followed(raw: Stripe.Event): Promise<boolean> {
    const { event } = parseStripeEvent(raw);
    if (!event) return true;
    try {
      await followEvent(parts, event);
      return true;
    } catch (error) {
      if (isStripeAway(error)) throw error;
      logger.warn({ err: error, eventId: raw.id, type: raw.type }, 'could not handle a Stripe event yet');
      return false;
    }
  }
}
