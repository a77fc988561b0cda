import { Order } from '@box-office/common/contracts/orders';
import { Version } from '@box-office/common/contracts/primitives';
import type { Show } from '@box-office/common/contracts/shows';
import { type Repeating, repeat } from '@box-office/common/repeat';
import { isDuplicateKey } from '@box-office/common/store/duplicate-key';
import { collectionOf } from '@box-office/common/store/mongo';
import { reportUnreadable, UnreadableDocument } from '@box-office/common/store/unreadable';
import type { Connection, mongo } from 'mongoose';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { z } from 'zod';
import { type Fact, moved } from './fact.ts';
import { heldTickets } from './held.ts';
import { Place } from './letter.ts';

/** A show as far as its ticket holders are told when it moves, and who organises it. */
const KnownShow = z.object({
  version: Version,
  /** Missing if it has not changed since an earlier release took note of it. */
  organiserId: z.string().optional(),
  /** The version that moved it to its place; missing if it never moved, or since an earlier release took note of it. */
  movedIn: Version.optional(),
  place: Place,
  /** Where it was to take place before, oldest first. */
  earlier: z.array(Place),
  isCancelled: z.boolean(),
  /** While its ticket holders are being told: the last order that was looked at, and when that began. */
  telling: z.object({ after: z.string(), since: z.date() }).optional(),
});
type KnownShow = z.infer<typeof KnownShow>;

interface StoredShow extends mongo.Document, KnownShow {
  readonly _id: string;
}

export interface MovesParts {
  readonly connection: Connection;
  readonly toldPlace: (orderId: string) => Promise<Place | null>;
  readonly add: (fact: Fact, at: Date) => Promise<boolean>;
  readonly now: () => Date;
  readonly logger: Logger;
  readonly metrics?: Registry;
  readonly everyMs: number;
}

export interface Moves {
  /** Takes note of a show; if it has moved, its ticket holders will be told. */
  take(show: Show): Promise<void>;
  /** Tells one buyer, if their show has moved since they bought. */
  tell(order: Order, at: Date): Promise<void>;
  /** Undefined if it is not known. */
  organiserOf(showId: string): Promise<string | undefined>;
  prepare(): Promise<void>;
  start(): Repeating;
}

/** More moves than any show makes; older ones are forgotten. */
const mostEarlier = 20;
const pageSize = 100;

/**
 * Tells ticket holders that a show takes place at another time or venue.
 *
 * What a buyer was told last, by their order or by a mail, is compared with what is known of the show now, so a show
 * that moves there and back at once bothers nobody. Only a place from the show's past is outdated: an order may be
 * ahead of what is known here.
 */
export function createMoves(parts: MovesParts): Moves {
  const { connection, toldPlace, add, now, logger, metrics, everyMs } = parts;
  const shows = collectionOf<StoredShow>(connection, 'shows');
  const orders = collectionOf<mongo.Document & { _id: string }>(connection, 'known-orders');

  const unreadable = reportUnreadable(shows.collectionName, { logger, ...(metrics && { metrics }) });

  /** Undefined if it cannot be read, which is logged and stops nothing else. */
  function read(stored: StoredShow): KnownShow | undefined {
    const { data, error } = KnownShow.safeParse(stored);
    if (error) unreadable(new UnreadableDocument(shows.collectionName, stored._id, error));
    return data;
  }

  async function tellOne(order: Order, show: KnownShow, at: Date): Promise<void> {
    if (heldTickets(order).length === 0 || show.isCancelled) return;
    const told = (await toldPlace(order.id)) ?? placeIn(order);
    if (!told || isSame(told, show.place) || !show.earlier.some((place) => isSame(place, told))) return;
    // One key for one move: another process may read the show after a change of something else.
    await add(moved(order, show.movedIn ?? show.version, told, show.place), at);
  }

  /** One page of the ticket holders of each show that has moved. */
  async function round(signal: AbortSignal): Promise<void> {
    for await (const stored of shows.find({ 'telling.since': { $exists: true } })) {
      if (signal.aborted) return;
      const show = read(stored);
      if (!show?.telling) continue;
      const { _id } = stored;
      const { telling } = show;
      const page = await orders
        .find({ showId: _id, _id: { $gt: telling.after } })
        .sort({ _id: 1 })
        .limit(pageSize)
        .toArray();
      for (const { _id: id, ...fields } of page) {
        const order = Order.safeParse({ id, ...fields });
        if (order.success) await tellOne(order.data, show, telling.since);
        else logger.error({ err: order.error, order: id }, 'the copy of an order cannot be read');
      }
      const last = page.at(-1)?._id;
      const asRead = { _id, version: show.version, 'telling.after': telling.after };
      const isDone = page.length < pageSize || last === undefined;
      await shows.updateOne(asRead, isDone ? { $unset: { telling: '' } } : { $set: { 'telling.after': last } });
      if (!isDone) repeating?.wake();
    }
  }
  let repeating: Repeating | undefined;

  return {
    async take({ id, version, userId: organiserId, state, startsAt, venue, timeZone }) {
      const place = { startsAt, venue: venue.name, timeZone };
      const stored = await shows.findOne({ _id: id });
      if (stored && stored.version >= version) return;
      const known = stored ? read(stored) : undefined;
      const hasMoved = known !== undefined && !isSame(known.place, place);
      const movedIn = hasMoved ? version : known?.movedIn;
      const next = {
        ...{ version, organiserId },
        ...(movedIn === undefined ? {} : { movedIn }),
        place,
        earlier: hasMoved ? [...known.earlier, known.place].slice(-mostEarlier) : (known?.earlier ?? []),
        isCancelled: state === 'cancelled',
        ...(hasMoved ? { telling: { after: '', since: now() } } : known?.telling ? { telling: known.telling } : {}),
      };
      if (stored) {
        const { modifiedCount } = await shows.replaceOne({ _id: id, version: stored.version }, next);
        if (modifiedCount === 0) throw new Error('another process took note of the show at the same time');
      } else await insert(id, next);
      if (hasMoved) repeating?.wake();
    },

    async tell(order, at) {
      const stored = order.showId ? await shows.findOne({ _id: order.showId }) : null;
      const show = stored ? read(stored) : undefined;
      if (show) await tellOne(order, show, at);
    },

    async organiserOf(showId) {
      const stored = await shows.findOne({ _id: showId });
      return (stored && read(stored))?.organiserId;
    },

    async prepare() {
      await shows.createIndex({ 'telling.since': 1 }, { sparse: true });
    },

    start() {
      repeating = repeat({ name: 'telling of moved shows', everyMs, logger, atOnce: true }, round);
      return repeating;
    },
  };

  async function insert(id: string, show: KnownShow): Promise<void> {
    try {
      await shows.insertOne({ _id: id, ...show });
    } catch (error) {
      if (isDuplicateKey(error)) throw new Error('another process took note of the show at the same time');
      throw error;
    }
  }
}

/** What the buyer saw when they ordered; undefined if the order does not say. */
function placeIn({ ticket: { startsAt, venue, timeZone } }: Order): Place | undefined {
  return startsAt && venue && timeZone ? { startsAt, venue, timeZone } : undefined;
}

const isSame = (one: Place, other: Place): boolean =>
  one.startsAt === other.startsAt && one.venue === other.venue && one.timeZone === other.timeZone;
