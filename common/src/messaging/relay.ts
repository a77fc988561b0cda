import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import type { Connection, mongo } from 'mongoose';
import type { Logger } from 'pino';
import type { Announcer } from '../contracts/event.ts';
import { collectionOf } from '../store/mongo.ts';
import type { OutboxEvent } from '../store/outbox.ts';
import { createBookmark } from './bookmark.ts';
import type { Bus } from './bus.ts';
import { toMessage } from './envelope.ts';
import { askedTogether, missingFrom } from './missing.ts';
import { ensureStream, type StreamSettings } from './topology.ts';

/** From how many waiting events an atomic batch beats single publishes, with an fsync for each message: measured, not guessed. */
const batchFrom = 60;
/** JetStream takes at most 1000 messages in an atomic batch (server 2.12). */
const roundSize = 1_000;
/** Documents that the database hands over at once to who looks for leftovers: it reads the next of them while two rounds of events wait. */
const sweptTogether = 250;
/** How long acknowledged events stay in their outboxes at most: many leave in few writes, and one note of how far the stream went does for all. */
const clearEveryMs = 1_000;
/** From how many of them on it is not that long: a crash has what is still there said again, and each clearing costs two to three waits for the disk. */
const clearFrom = 4_000;
/** Outboxes that one update empties: each update costs a write to the journal, and compares every id with every document. Measured, not guessed. */
const emptiedTogether = 20;
/**
 * How long a sweep goes by what it asked once. What it has yet to read may have been announced meanwhile by whoever changed it; sent again within the stream's
 * `duplicate_window` (10 min), it is dropped.
 */
const sweptAnewMs = 5 * 60_000;
/** How long a start waits for what was left behind. A little is announced before the service takes part, and much beside it. */
const startWaitMs = 2_000;
/** Not `$exists`: MongoDB has an empty array in an index as null, and might read every aggregate there is. */
const anyWaiting = { 'outbox.id': { $gt: '' } };
/** An aggregate that changed less than this ago is likely being announced right now by whoever changed it. */
const sweepAgeMs = 2_000;

export interface RelayOptions {
  readonly bus: Bus;
  readonly connection: Connection;
  readonly announcer: Announcer;
  readonly stream: StreamSettings;
  readonly logger: Logger;
  readonly now: () => Date;
  /** How often it looks for events that a crash has left behind, and whether its stream is still the one it wrote to. Default 5 s. */
  readonly sweepEveryMs?: number;
}

/**
 * Publishes what a service has written to its outboxes, oldest first per aggregate, and removes what JetStream has acknowledged.
 *
 * At least once: a crash after the publish and before the removal sends the event again under the same id, which JetStream drops within its duplicate window
 * (`duplicate_window`, 10 min). Listeners must cope with what slips past it, and do: they compare versions.
 * Several replicas may relay the same outbox at once; the same holds for them.
 *
 * It remembers which stream it wrote to and how far (see `Bookmark`). At its start, when the connection comes back, and every few seconds it looks at the stream:
 * when that is a new one, or shorter, it announces again what the stream does not hold. Whoever looks later, another replica or the next process, finds less and less to say.
 */
export interface Relay {
  /** Takes over the outbox of one aggregate, oldest event first, as it is at that version, right after the write. Never waits, never throws. */
  offer(collection: string, id: string, outbox: readonly OutboxEvent[], version: number): void;
  /** Has this collection swept for leftovers from now on; `current` makes the events that announce one of its documents as it is now. */
  watch(collection: string, current: (document: mongo.Document) => OutboxEvent[]): Promise<void>;
  /**
   * Announces every aggregate of the watched collections again, as it is now and at the version it has, so that it changes nothing where it is known already.
   * What still waits in an outbox goes before it. Holds a few hundred documents at a time, whatever their number; resolves when JetStream has acknowledged the last.
   *
   * An aggregate that changes in the very moment, here or in another replica, may be heard at its new version first and at its old one afterwards.
   * Listeners bear that, as they bear every late message.
   *
   * @throws when the relay stops before the end, or the database is away; what was announced by then does no harm
   */
  republish(): Promise<void>;
  /** Makes the stream, begins to publish, and announces again what the stream has lost. */
  start(): Promise<void>;
  /** Resolves when nothing that was offered waits any more. */
  flush(): Promise<void>;
  /** Publishes what waits, if the bus answers within `withinMs`; what is left stays in the outboxes for the next process. */
  stop(withinMs: number): Promise<void>;
  /** How many events wait to be published. */
  waiting(): number;
  /** When the oldest event happened that still lies in an outbox, whichever process is to publish it; null when all are empty. */
  waitingSince(): Promise<Date | null>;
}

interface Waiting {
  readonly collection: string;
  readonly id: string;
  readonly events: OutboxEvent[];
  /** When the last of these is acknowledged, so is all that the outbox held at this version; null when that cannot be said. */
  readonly version: number | null;
}

/** Which of a page of snapshots to announce again. */
type Choose = (snapshots: readonly OutboxEvent[]) => Promise<readonly OutboxEvent[]>;

interface OutboxDocument {
  _id: string;
  version: number;
  outbox: OutboxEvent[];
}

export function createRelay({
  bus,
  connection,
  announcer,
  stream,
  logger,
  now,
  sweepEveryMs = 5_000,
}: RelayOptions): Relay {
  const waiting = new Map<string, Waiting>();
  /** Published or being published by this process, and not yet removed from the database: not to be queued a second time. */
  const handled = new Set<string>();
  /** Announced again by this process and not yet acknowledged. No outbox holds these, so nothing is to be removed for them. */
  const again = new Set<string>();
  /** The aggregates of the rounds that are being published. What is said of them later waits, or it might overtake what is put back. */
  const onTheirWay = new Set<string>();
  const collections = new Map<string, (document: mongo.Document) => OutboxEvent[]>();
  const stopping = new AbortController();
  /** Events in `waiting`. */
  let queued = 0;
  /** Rounds that could not be published, one after the other. */
  let failures = 0;
  let wake = (): void => {};
  let moved = Promise.withResolvers<void>();
  let running: Promise<unknown> = Promise.resolve();
  let removing: Promise<void> = Promise.resolve();
  /** Acknowledged, and still in their outboxes. */
  let acknowledged: Waiting[] = [];
  let acknowledgedEvents = 0;
  const bookmark = createBookmark(bus, connection, announcer, stream);
  let lookNow = new AbortController();
  let republishing: Promise<unknown> = Promise.resolve();

  const documents = (name: string) => collectionOf<OutboxDocument>(connection, name);

  function offer(collection: string, id: string, outbox: readonly OutboxEvent[], version: number): void {
    const key = keyOf({ collection, id });
    const events = waiting.get(key)?.events ?? [];
    for (const event of outbox) {
      if (handled.has(event.id)) continue;
      handled.add(event.id);
      events.push(event);
      queued++;
    }
    if (events.length === 0) return;
    waiting.set(key, { collection, id, events, version });
    wake();
  }

  /** Something was acknowledged, or the relay stops: whoever waits for either looks again. */
  function tell(): void {
    moved.resolve();
    moved = Promise.withResolvers();
  }

  /** Resolves when the next two rounds have all they can take and no more waits behind them, so that whoever reads ahead holds little. */
  async function room(): Promise<void> {
    while (queued > 2 * roundSize && !stopping.signal.aborted) await moved.promise;
  }

  function takeRound(): Waiting[] {
    const round: Waiting[] = [];
    let left = roundSize;
    for (const [key, entry] of waiting) {
      if (onTheirWay.has(key)) continue;
      if (entry.events.length <= left) {
        waiting.delete(key);
        round.push(entry);
        left -= entry.events.length;
      } else {
        round.push({ ...entry, events: entry.events.splice(0, left), version: null });
        left = 0;
      }
      if (left === 0) break;
    }
    queued -= roundSize - left;
    tell();
    return round;
  }

  function putBack(round: readonly Waiting[]): void {
    for (const entry of round) {
      const key = keyOf(entry);
      const later = waiting.get(key);
      waiting.set(key, later ? { ...later, events: [...entry.events, ...later.events] } : entry);
      queued += entry.events.length;
    }
  }

  async function publishSingly(round: readonly Waiting[]): Promise<void> {
    const sequences: number[] = [];
    const publishAll = async ({ events }: Waiting): Promise<void> => {
      for (const event of events) {
        const { payload, headers } = toMessage(event);
        const expect = { streamName: announcer };
        const { seq, duplicate } = await bus.js.publish(event.subject, payload, { headers, expect });
        if (!duplicate) sequences.push(seq);
      }
    };
    const results = await Promise.allSettled(round.map(publishAll));
    reached(sequences);
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  /** A stream that has gone back may have grown beyond where it was before anybody looks, so it is told by what it gives out. */
  function reached(sequences: readonly number[]): void {
    if (!bookmark.reached(sequences)) lookNow.abort();
  }

  /** Sends a batch, of which JetStream keeps nothing yet. What is returned has it keep all or nothing, with one fsync for all of them. */
  async function stageBatch(events: readonly OutboxEvent[]): Promise<() => Promise<void>> {
    const [first, ...rest] = events.map((event) => ({ subject: event.subject, ...toMessage(event) }));
    const last = rest.pop();
    if (!first || !last) throw new Error('a batch has at least two events');
    const batch = await bus.js.startBatch(first.subject, first.payload, { headers: first.headers });
    for (const { subject, payload, headers } of rest) batch.add(subject, payload, { headers });
    return async () => {
      const { seq } = await batch.commit(last.subject, last.payload, { headers: last.headers, timeout: 10_000 });
      reached([seq]);
    };
  }

  /** Nothing is kept by JetStream until `before` is over, so that nothing overtakes what is put back. `before` never rejects. */
  async function publish(round: readonly Waiting[], before: Promise<void>): Promise<void> {
    const events = round.flatMap((entry) => entry.events);
    const refused = (error: unknown) => {
      // Refused whole because one id is known already, or the server is too old or away: single messages find out which.
      logger.debug({ err: error, events: events.length }, 'the batch was refused; publishing singly');
    };
    const commit = events.length < batchFrom ? undefined : await stageBatch(events).catch(refused);
    await before;
    try {
      if (commit) return await commit();
    } catch (error) {
      refused(error);
    }
    await publishSingly(round);
  }

  async function remove(round: readonly Waiting[]): Promise<void> {
    try {
      await bookmark.keep();
      const byCollection = Map.groupBy(byAggregate(round), (entry) => entry.collection);
      for (const [collection, entries] of byCollection) {
        const whole = entries.filter(({ version }) => version !== null);
        const emptied = await empty(documents(collection), whole);
        // Some aggregate has changed since: which one, the database does not say, and to take the same events out again does no harm.
        const left = emptied ? entries.filter(({ version }) => version === null) : entries;
        await takeOut(documents(collection), left);
      }
    } catch (error) {
      // They stay in the outboxes; the sweep finds them and publishes them again under the same ids.
      logger.warn({ err: error }, 'could not clear published events from the outboxes yet');
    } finally {
      for (const { events } of round) for (const event of events) handled.delete(event.id);
    }
  }

  function settle(round: readonly Waiting[]): void {
    for (const entry of round) {
      const events = entry.events.filter(({ id }) => !(again.delete(id) && handled.delete(id)));
      if (events.length > 0) acknowledged.push({ ...entry, events });
      acknowledgedEvents += events.length;
    }
    tell();
  }

  /** Removes what was acknowledged so far, after what is being removed already. */
  function clear(): Promise<void> {
    const round = acknowledged;
    acknowledged = [];
    acknowledgedEvents = 0;
    if (round.length > 0) removing = removing.then(() => remove(round));
    return removing;
  }

  async function clearRegularly(): Promise<void> {
    while (!stopping.signal.aborted) {
      await sleep(clearEveryMs, undefined, { signal: stopping.signal }).catch(() => {});
      await clear();
    }
  }

  async function pump(): Promise<void> {
    let before = Promise.resolve();
    while (true) {
      // Only a full round is sent while another one is on its way: what comes meanwhile makes the next one larger.
      if (queued < roundSize) await before;
      if (waiting.size === 0) {
        if (stopping.signal.aborted) break;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      const round = takeRound();
      const published = round.length > 0 ? publishRound(round, before) : undefined;
      await before;
      before = published ?? before;
      // What was sent ahead is committed before the next is sent.
      await immediate();
    }
    await clear();
  }

  /** Never rejects: what could not be published is put back, and for a while nothing more is sent. */
  async function publishRound(round: readonly Waiting[], before: Promise<void>): Promise<void> {
    for (const entry of round) onTheirWay.add(keyOf(entry));
    try {
      await publish(round, before);
      failures = 0;
      settle(round);
      if (acknowledgedEvents >= clearFrom) {
        // Removal runs beside the next rounds; more than one behind, and the next round waits for it.
        await removing;
        void clear();
      }
    } catch (error) {
      putBack(round);
      failures++;
      logger.warn({ err: error, waiting: queued }, 'could not publish; will try again');
      await sleep(Math.min(100 * 2 ** failures, 2_000) * (0.5 + Math.random() / 2));
      await ensureStream(bus, announcer, stream).catch(() => {});
      lookNow.abort();
    } finally {
      for (const entry of round) onTheirWay.delete(keyOf(entry));
    }
  }

  /** Offers what lies in the outboxes, no faster than it leaves; a database that is away is asked again at the next sweep. */
  async function sweep(olderThan: Date): Promise<void> {
    try {
      for (const collection of collections.keys()) while (!(await sweepSome(collection, olderThan)));
    } catch (error) {
      logger.warn({ err: error }, 'could not look for leftover events yet');
    }
  }

  /** Says whether it came to the end. */
  async function sweepSome(collection: string, olderThan: Date): Promise<boolean> {
    const until = performance.now() + sweptAnewMs;
    // Whole documents: they are little more than their outboxes, and SecantusDB takes twice as long to leave something out.
    const left = documents(collection).find(anyWaiting, { batchSize: sweptTogether });
    for await (const { _id, outbox, version } of left) {
      const oldest = outbox[0];
      if (oldest && oldest.time <= olderThan.toISOString()) offer(collection, _id, outbox, version);
      await room();
      if (stopping.signal.aborted) return true;
      if (performance.now() > until) return false;
    }
    return true;
  }

  async function sweepRegularly(): Promise<void> {
    while (!stopping.signal.aborted) {
      await sleep(sweepEveryMs, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted || queued > roundSize) continue;
      await sweep(new Date(now().getTime() - sweepAgeMs));
    }
  }

  async function lookRegularly(): Promise<void> {
    while (!stopping.signal.aborted) {
      const signal = AbortSignal.any([stopping.signal, lookNow.signal]);
      await sleep(sweepEveryMs, undefined, { signal }).catch(() => {});
      if (stopping.signal.aborted) return;
      lookNow = new AbortController();
      const reason = await bookmark.look().catch((error) => {
        logger.debug({ err: error }, 'could not look at the stream yet');
        return undefined;
      });
      await republishIfDue(reason);
    }
  }

  async function republishIfDue(reason: string | undefined): Promise<void> {
    if (reason === undefined) return;
    logger.warn({ stream: announcer, reason }, 'announces again what its stream does not hold');
    await announceAgain((snapshots) => missingFrom(bus, announcer, snapshots)).catch((error) => {
      if (!stopping.signal.aborted) logger.warn({ err: error }, 'could not announce what its stream does not hold yet');
    });
  }

  async function lookAtReconnect(): Promise<void> {
    for await (const { type } of bus.connection.status()) {
      if (stopping.signal.aborted) return;
      if (type === 'reconnect') lookNow.abort();
    }
  }

  /** One after the other. `choose` says which snapshots are worth saying. */
  function announceAgain(choose: Choose): Promise<void> {
    const run = republishing.then(async () => {
      const finish = await bookmark.begin();
      await announceAll(choose);
      await finish();
    });
    republishing = run.catch(() => {});
    return run;
  }

  async function announceAll(choose: Choose): Promise<void> {
    const startedAt = performance.now();
    const stopped = () => new Error('the relay stopped before everything was announced again');
    let [aggregates, announced] = [0, 0];
    for (const [collection, current] of collections) {
      for await (const page of pagesOf(documents(collection).find({}, { batchSize: roundSize }))) {
        const snapshots = new Map(page.map((it) => [it, currentOf(collection, it, current)]));
        const chosen = new Set(await choose([...snapshots.values()].flat()));
        for (const [document, all] of snapshots) {
          const own = all.filter((it) => chosen.has(it));
          for (const { id } of own) again.add(id);
          if (own.length > 0) offer(collection, document._id, [...document.outbox, ...own], document.version);
          await room();
          if (stopping.signal.aborted) throw stopped();
        }
        aggregates += page.length;
        announced += chosen.size;
      }
    }
    while (again.size > 0 && !stopping.signal.aborted) await moved.promise;
    if (again.size > 0) throw stopped();
    const ms = Math.round(performance.now() - startedAt);
    logger.info({ aggregates, announced, ms }, 'announced again what was to be');
  }

  function currentOf(
    collection: string,
    document: OutboxDocument,
    current: (document: mongo.Document) => OutboxEvent[],
  ): OutboxEvent[] {
    try {
      return current(document);
    } catch (error) {
      // A document that nobody can read must not keep the others from being heard.
      logger.error({ err: error, collection, id: document._id }, 'could not announce an aggregate again');
      return [];
    }
  }

  return {
    offer,
    republish: () => announceAgain(async (snapshots) => snapshots),

    async watch(collection, current) {
      collections.set(collection, current);
      // Holds only aggregates with something in their outbox. Sparse and not partial, for SecantusDB reads the whole collection rather than a partial index.
      await documents(collection).createIndex({ 'outbox.id': 1 }, { name: 'waiting', sparse: true });
    },

    async start() {
      await ensureStream(bus, announcer, stream);
      const reason = await bookmark.look();
      const swept = sweep(now());
      const recovered = reason === undefined ? Promise.resolve() : swept.then(() => republishIfDue(reason));
      const sweeping = swept.then(sweepRegularly);
      running = Promise.all([pump(), clearRegularly(), sweeping, recovered.then(lookRegularly)]);
      void lookAtReconnect();
      await Promise.race([Promise.all([swept, recovered]), sleep(startWaitMs, undefined, { ref: false })]);
    },

    async flush() {
      while (waiting.size > 0 || handled.size > 0) {
        if (waiting.size === 0) await clear();
        await sleep(5);
      }
    },

    async stop(withinMs) {
      stopping.abort();
      wake();
      tell();
      await Promise.race([running, sleep(withinMs, undefined, { ref: false })]);
      waiting.clear();
      queued = 0;
    },

    waiting: () => queued,

    async waitingSince() {
      // Ids rise with time, and the index of what waits is in their order, so the oldest is found at its beginning however many there are.
      const oldest = await Promise.all(
        [...collections.keys()].map((name) =>
          documents(name).findOne(anyWaiting, { projection: { outbox: { $slice: 1 } }, sort: { 'outbox.id': 1 } }),
        ),
      );
      const times = oldest.flatMap((document) => document?.outbox.map(({ time }) => time) ?? []);
      const [first] = times.toSorted();
      return first === undefined ? null : new Date(first);
    },
  };
}

const keyOf = ({ collection, id }: Pick<Waiting, 'collection' | 'id'>): string => `${collection}/${id}`;

/** What belongs to one aggregate in one entry, with the version of its latest. */
function byAggregate(round: readonly Waiting[]): Waiting[] {
  const entries = new Map<string, Waiting>();
  for (const entry of round) {
    const key = keyOf(entry);
    const before = entries.get(key)?.events ?? [];
    entries.set(key, { ...entry, events: [...before, ...entry.events] });
  }
  return [...entries.values()];
}

/**
 * Empties outboxes whose aggregates still have the version at which they were read: nothing can have joined them since, for joining raises the version;
 * but for what `Aggregates.announce` puts there, which says so in the document.
 * Many at once, and far cheaper than to look for each event. Says whether all still had it; of the others nothing is removed.
 */
async function empty(documents: mongo.Collection<OutboxDocument>, entries: readonly Waiting[]): Promise<boolean> {
  const updates = [...Map.groupBy(entries, ({ version }) => version ?? -1)].flatMap(([version, alike]) => {
    const ids = alike.map(({ id }) => id);
    return Array.from({ length: Math.ceil(ids.length / emptiedTogether) }, (_, part) => ({
      updateMany: {
        filter: {
          _id: { $in: ids.slice(part * emptiedTogether, (part + 1) * emptiedTogether) },
          version,
          announced: { $exists: false },
        },
        update: { $set: { outbox: [] } },
      },
    }));
  });
  if (updates.length === 0) return true;
  const { matchedCount } = await documents.bulkWrite(updates, { ordered: false });
  return matchedCount === entries.length;
}

/** Removes these events and no other. */
async function takeOut(documents: mongo.Collection<OutboxDocument>, entries: readonly Waiting[]): Promise<void> {
  if (entries.length === 0) return;
  await documents.bulkWrite(
    entries.map(({ id, events }) => ({
      updateOne: {
        filter: { _id: id },
        update: { $pull: { outbox: { id: { $in: events.map((event) => event.id) } } } },
      },
    })),
    { ordered: false },
  );
}

/** As many as JetStream is asked about at once. */
async function* pagesOf<Document>(documents: AsyncIterable<Document>): AsyncGenerator<Document[]> {
  let page: Document[] = [];
  for await (const document of documents) {
    page.push(document);
    if (page.length < askedTogether) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
