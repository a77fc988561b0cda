import { Language } from '@box-office/common/contracts/people';
import { isDuplicateKey } from '@box-office/common/store/duplicate-key';
import { collectionOf } from '@box-office/common/store/mongo';
import type { Connection, mongo } from 'mongoose';
import { z } from 'zod';
import { type Fact, overtakenBy, without } from './fact.ts';
import { Letter, type Place } from './letter.ts';

/** How a mail ended that was not sent. */
export type Unsent = 'overtaken' | 'too-late' | 'forgotten' | 'unreadable';

/** A mail to be sent. */
export const QueuedMail = z.object({
  id: z.string(),
  facts: z.array(z.string()),
  personId: z.string(),
  to: z.object({ email: z.string(), language: Language }).optional(),
  letter: Letter,
  /** When it happened. */
  at: z.date(),
  until: z.date().nullable(),
  /** How often sending it was tried, this time included. */
  tries: z.int().positive(),
});
export type QueuedMail = z.infer<typeof QueuedMail>;

/** Why a mail server refused a mail for good. */
export interface Refusal {
  /** SMTP's reply code, such as 550; missing if no server would take it within three days. */
  readonly code?: number;
  readonly reason: string;
}

/**
 * One document per mail. It stays when the mail has been sent, so that the facts are not mailed again, but without
 * what the mail said and to whom.
 */
interface StoredMail extends mongo.Document {
  /** The first of its facts. */
  _id: string;
  /** Under a unique index: no fact is in two mails. */
  facts: readonly string[];
  kind: string;
  at: Date;
  state: 'queued' | 'sent' | 'refused' | Unsent;
  orderId?: string;
  showId?: string;
  sellerId?: string;
  title?: string;
  /** Where the reader of a mail about a move now expects the show. */
  told?: Place;
  /** Only while it is queued, as the next five. */
  letter?: Letter;
  personId?: string;
  to?: Fact['to'];
  until?: Date | null;
  /** When it is to be sent next, or when the lease of the process that is sending it ends. */
  dueAt?: Date;
  /** Which process is sending it: only that one may say how it went. */
  lease?: string;
  /** The person whose address is not known yet. */
  waitsFor?: string;
  tries: number;
  endedAt?: Date;
  refusal?: Refusal & {
    /** Sorts the refused mails of a seller. */
    readonly id: string;
    readonly sellerId?: string;
  };
}

/** A mail that this process alone may send until its lease ends. */
export interface Claimed {
  readonly id: string;
  /** What is stored, or null if it cannot be read. */
  readonly mail: QueuedMail | null;
  readonly fault?: unknown;
  sent(): Promise<boolean>;
  refused(refusal: Refusal): Promise<boolean>;
  unsent(why: Unsent): Promise<boolean>;
  /** With `waitsFor`, already when that person's address is known. */
  later(at: Date, waitsFor?: string): Promise<boolean>;
}

/** A mail about what somebody sells that no mail server would take, as its seller sees it. */
export interface Refused {
  readonly id: string;
  readonly orderId?: string;
  readonly showId?: string;
  readonly title: string;
  readonly kind: string;
  readonly at: Date;
  readonly refusal: Refusal;
}

export interface RefusedPage {
  readonly orderId?: string | undefined;
  readonly showId?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

export interface Mails {
  /** Stores a mail for what no other mail tells. @returns whether there is one now that was not there before */
  add(fact: Fact, at: Date): Promise<boolean>;
  /** Up to `limit` mails that are due, those that wait longest first. */
  claim(limit: number): Promise<Claimed[]>;
  /** When the mail was due that has waited longest for a process to send it; null if none waits. */
  dueSince(): Promise<Date | null>;
  /** Whether the mail has become needless before it was sent. */
  isOvertaken(mail: QueuedMail): Promise<boolean>;
  /** Makes mails due that have waited for a person's address. */
  addressKnown(personId: string): Promise<void>;
  /** Where the buyer was last told that the show moved to; null if they were told of no move. */
  toldPlace(orderId: string): Promise<Place | null>;
  /** The newest refused mails about what somebody sells, after the one with the id `cursor`. */
  refusedFor(sellerId: string, page: RefusedPage): Promise<Refused[]>;
  prepare(): Promise<void>;
}

export interface MailsOptions {
  readonly connection: Connection;
  readonly now: () => Date;
  readonly newId: () => string;
  /** How long a process may take to send a mail before another one sends it, in ms. */
  readonly leaseMs: number;
  /** How long a request to pay waits, so that it is not sent if the order is paid or offered at once. Default 2 s. */
  readonly patienceMs?: number | undefined;
}

export function mailStore({ connection, now, newId, leaseMs, patienceMs = 2_000 }: MailsOptions): Mails {
  const mails = collectionOf<StoredMail>(connection, 'mails');

  const dueBy = (at: Date, limit: number) =>
    mails
      .find({ dueAt: { $lte: at }, state: 'queued' })
      .sort({ dueAt: 1 })
      .limit(limit)
      .toArray();

  function claimOf(found: StoredMail, lease: string): Claimed {
    const { _id, until = null, ...fields } = found;
    const read = QueuedMail.safeParse({ ...fields, id: _id, until, tries: found.tries + 1 });
    const mine = { _id, lease, state: 'queued' as const };
    const update = async (change: mongo.UpdateFilter<StoredMail>) =>
      (await mails.updateOne(mine, change)).modifiedCount === 1;
    const end = (state: StoredMail['state'], more: Partial<StoredMail> = {}) =>
      update({
        $set: { state, endedAt: now(), ...more },
        $unset: { letter: '', personId: '', to: '', until: '', dueAt: '', lease: '' },
      });
    return {
      id: _id,
      mail: read.data ?? null,
      ...(read.success ? {} : { fault: read.error }),
      sent: () => end('sent'),
      refused: (refusal) =>
        end('refused', {
          refusal: { ...refusal, id: newId(), ...(found.sellerId ? { sellerId: found.sellerId } : {}) },
        }),
      unsent: (why) => end(why),
      later: (at, waitsFor) =>
        update({ $set: { dueAt: at, ...(waitsFor ? { waitsFor } : {}) }, $unset: { lease: '' } }),
    };
  }

  return {
    async add(fact, at) {
      for (let left: Fact | undefined = fact; left; ) {
        try {
          await mails.insertOne(newMail(left, at, now(), patienceMs));
          return true;
        } catch (error) {
          if (!isDuplicateKey(error)) throw error;
        }
        const known = await mails.find({ facts: { $in: [...left.keys] } }).toArray();
        left = without(left, new Set(known.flatMap((it) => it.facts)));
      }
      return false;
    },

    async claim(limit) {
      const at = now();
      const due = await dueBy(at, limit);
      const claimed: Claimed[] = [];
      for (const found of due) {
        const lease = newId();
        const asFound = { _id: found._id, state: 'queued' as const, dueAt: found.dueAt as Date };
        const { modifiedCount } = await mails.updateOne(asFound, {
          $set: { dueAt: new Date(at.getTime() + leaseMs), lease },
          $inc: { tries: 1 },
          $unset: { waitsFor: '' },
        });
        if (modifiedCount === 1) claimed.push(claimOf(found, lease));
      }
      return claimed;
    },

    async dueSince() {
      const [first] = await dueBy(now(), 1);
      return first?.dueAt ?? null;
    },

    async isOvertaken(mail) {
      const keys = overtakenBy(mail);
      return keys.length > 0 && (await mails.findOne({ facts: { $in: keys } })) !== null;
    },

    async addressKnown(personId) {
      await mails.updateMany({ waitsFor: personId }, { $set: { dueAt: now() } });
    },

    async toldPlace(orderId) {
      const [from, to] = [`${orderId}:moved:`, `${orderId}:moved;`];
      const all = await mails.find({ _id: { $gt: from, $lt: to } }).toArray();
      const versionOf = ({ _id }: StoredMail) => Number(_id.slice(from.length));
      return all.sort((one, other) => versionOf(one) - versionOf(other)).at(-1)?.told ?? null;
    },

    async refusedFor(sellerId, { orderId, showId, cursor, limit }) {
      const found = await mails
        .find({
          'refusal.sellerId': sellerId,
          ...(cursor ? { 'refusal.id': { $lt: cursor } } : {}),
          ...(orderId ? { orderId } : {}),
          ...(showId ? { showId } : {}),
        })
        .sort({ 'refusal.id': -1 })
        .limit(limit)
        .toArray();
      return found.flatMap(({ orderId, showId, title = '', kind, at, refusal }) => {
        if (!refusal) return [];
        const { id, code, reason } = refusal;
        return [
          {
            id,
            ...(orderId ? { orderId } : {}),
            ...(showId ? { showId } : {}),
            title,
            kind,
            at,
            refusal: { reason, ...(code ? { code } : {}) },
          },
        ];
      });
    },

    async prepare() {
      await mails.createIndex({ facts: 1 }, { unique: true });
      await mails.createIndex({ dueAt: 1 }, { sparse: true });
      await mails.createIndex({ waitsFor: 1 }, { sparse: true });
      await mails.createIndex({ 'refusal.sellerId': 1, 'refusal.id': -1 }, { sparse: true });
    },
  };
}

function newMail(fact: Fact, at: Date, now: Date, patienceMs: number): StoredMail {
  const { keys, letter, personId, to, until } = fact;
  const waits = letter.kind === 'made' ? patienceMs : 0;
  return {
    _id: keys[0],
    facts: keys,
    kind: letter.kind,
    at,
    state: 'queued',
    personId,
    ...subjectOf(fact),
    letter,
    ...(to ? { to } : {}),
    until: until === undefined ? null : new Date(until),
    dueAt: new Date(now.getTime() + waits),
    tries: 0,
  };
}

/** What a refused mail is found by, and what is said of it to the organiser. */
function subjectOf({ letter, organiserId }: Fact): Partial<StoredMail> {
  if (letter.kind === 'waited-in-vain') {
    const { showId, title } = letter.entry;
    return { showId, title, ...(organiserId ? { sellerId: organiserId } : {}) };
  }
  if (!('order' in letter)) return {};
  const { id, showId, sellerId, ticket } = letter.order;
  return {
    orderId: id,
    ...(showId ? { showId } : {}),
    ...(sellerId ? { sellerId } : {}),
    title: ticket.title,
    ...(letter.kind === 'moved' ? { told: letter.after } : {}),
  };
}
