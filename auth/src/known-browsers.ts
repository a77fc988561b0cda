import { createHash } from 'node:crypto';
import { collectionOf } from '@box-office/common/store/mongo';
import { reportUnreadable, type StoreLog, UnreadableDocument } from '@box-office/common/store/unreadable';
import type { Connection } from 'mongoose';
import { z } from 'zod';
import { byOwnerAndUse, keepNewest } from './sessions/newest.ts';

const StoredBrowser = z.object({
  /** SHA-256 of the mark: a leaked database contains no usable marks. */
  _id: z.string(),
  userId: z.string().min(1),
  usedAt: z.date(),
  expiresAt: z.date(),
});
type StoredBrowser = z.infer<typeof StoredBrowser>;

export interface KnownBrowser {
  readonly id: string;
  readonly userId: string;
}

export interface KnownBrowsers {
  prepare(): Promise<void>;
  /**
   * The accounts that a browser with this cookie has signed in to, each with the browser's id there. A mark that cannot
   * be read is logged and left out: signing in works without it.
   */
  find(cookie: string | undefined): Promise<readonly KnownBrowser[]>;
  /** Marks a browser as one that has signed in to the account; resolves with the new value of its cookie. */
  remember(cookie: string | undefined, userId: string): Promise<string>;
  /** When each of an account's browsers signed in last, and until when it is known. */
  list(userId: string): Promise<{ usedAt: string; expiresAt: string }[]>;
  /** Removes the marks of an account. */
  forget(userId: string): Promise<void>;
}

export interface KnownBrowsersOptions extends StoreLog {
  readonly connection: Connection;
  readonly now: () => Date;
  readonly randomBytes: (size: number) => Buffer;
}

/** How long a browser stays known after it last signed in. */
export const knownForMs = 180 * 24 * 60 * 60 * 1000;
const mostPerAccount = 20;
/** For people who share a browser. */
const mostPerCookie = 5;

/**
 * Which browsers have signed in to which account. A browser holds one mark per account, all in one cookie, separated by
 * dots. A mark is valid for one account only, so planting one's own mark in another browser gains nothing.
 */
export function createKnownBrowsers(options: KnownBrowsersOptions): KnownBrowsers {
  const { connection, now, randomBytes } = options;
  const browsers = collectionOf<StoredBrowser>(connection, 'known-browsers');
  const unreadable = reportUnreadable(browsers.collectionName, options);

  async function find(cookie: string | undefined): Promise<readonly KnownBrowser[]> {
    const ids = marksIn(cookie).map(digest);
    if (ids.length === 0) return [];
    const found = await browsers.find({ _id: { $in: ids }, expiresAt: { $gt: now() } }).toArray();
    return found.flatMap((document) => {
      const { success, data, error } = StoredBrowser.safeParse(document);
      if (success) return { id: data._id, userId: data.userId };
      unreadable(new UnreadableDocument(browsers.collectionName, document._id, error));
      return [];
    });
  }

  return {
    async prepare() {
      await browsers.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0 });
      await browsers.createIndex(byOwnerAndUse);
    },

    find,

    async list(userId) {
      const found = await browsers.find({ userId }).sort({ usedAt: -1 }).toArray();
      return found.flatMap((document) => {
        const { data } = StoredBrowser.safeParse(document);
        return data ? { usedAt: data.usedAt.toISOString(), expiresAt: data.expiresAt.toISOString() } : [];
      });
    },

    async forget(userId) {
      await browsers.deleteMany({ userId });
    },

    async remember(cookie, userId) {
      const usedAt = now();
      const expiresAt = new Date(usedAt.getTime() + knownForMs);
      const known = (await find(cookie)).find((browser) => browser.userId === userId);
      const marks = marksIn(cookie);
      const mark = marks.find((each) => digest(each) === known?.id);
      if (known && mark) {
        await browsers.updateOne({ _id: known.id }, { $set: { usedAt, expiresAt } });
        return cookieOf(mark, marks);
      }
      const newMark = randomBytes(32).toString('base64url');
      const id = digest(newMark);
      await browsers.insertOne({ _id: id, userId, usedAt, expiresAt });
      await keepNewest(browsers, { userId, own: id, keep: mostPerAccount });
      return cookieOf(newMark, marks);
    },
  };
}

const marksIn = (cookie: string | undefined) =>
  (cookie ?? '')
    .split('.')
    .filter((mark) => /^[\w-]{43}$/.test(mark))
    .slice(0, mostPerCookie);

/** The most recently used mark comes first, so the least recently used ones are dropped. */
const cookieOf = (first: string, marks: readonly string[]) =>
  [first, ...marks.filter((mark) => mark !== first)].slice(0, mostPerCookie).join('.');

const digest = (mark: string) => createHash('sha256').update(mark).digest('hex');
