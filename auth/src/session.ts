import { createHash } from 'node:crypto';
import type { User } from '@box-office/common/contracts/auth';
import { Id } from '@box-office/common/contracts/primitives';
import { collectionOf } from '@box-office/common/store/mongo';
import { readable } from '@box-office/common/store/unreadable';
import type { Connection } from 'mongoose';
import { z } from 'zod';
import { byOwnerAndUse, keepNewest } from './newest.ts';

const StoredSession = z.object({
  /** SHA-256 of the token: a leaked database contains no usable tokens. */
  _id: z.string(),
  userId: Id,
  email: z.string(),
  createdAt: z.date(),
  usedAt: z.date(),
  expiresAt: z.date(),
});
type StoredSession = z.infer<typeof StoredSession>;

export interface SessionOptions {
  readonly connection: Connection;
  readonly now: () => Date;
  readonly randomBytes: (size: number) => Buffer;
  /** A session that is not used for this long ends. */
  readonly idleMs: number;
  /** A session ends after this long, used or not. */
  readonly maxMs: number;
  /** Sessions per account; one more ends the least recently used. */
  readonly perAccount: number;
  /** How long a sign-out on another replica may go unnoticed. Default 5 s. */
  readonly cacheMs?: number;
}

export interface Sessions {
  prepare(): Promise<void>;
  /** Opens a session. The token is returned here and stored nowhere. */
  open(user: User): Promise<{ token: string; expiresAt: Date }>;
  /**
   * The session's user, or null. Using a session extends it.
   *
   * @throws UnreadableDocument. Answering null instead would tell a user to sign in who has done so
   */
  find(token: string): Promise<User | null>;
  /** Ends it at once here, and within `cacheMs` on every other replica. */
  close(token: string): Promise<void>;
}

const mostCached = 10_000;

export function createSessions(options: SessionOptions): Sessions {
  const { connection, now, randomBytes, idleMs, maxMs, perAccount, cacheMs = 5_000 } = options;
  const sessions = collectionOf<StoredSession>(connection, 'sessions');
  const cache = new Map<string, { user: User; until: number }>();
  let closed = 0;

  const expiry = (createdAt: Date, usedAt: Date) =>
    new Date(Math.min(usedAt.getTime() + idleMs, createdAt.getTime() + maxMs));

  function remember(id: string, user: User, expiresAt: Date): void {
    if (cache.size >= mostCached) cache.delete(cache.keys().next().value ?? '');
    cache.set(id, { user, until: Math.min(now().getTime() + cacheMs, expiresAt.getTime()) });
  }

  function forget(ids: readonly string[]): void {
    if (ids.length > 0) closed++;
    for (const id of ids) cache.delete(id);
  }

  return {
    async prepare() {
      await sessions.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0 });
      await sessions.createIndex(byOwnerAndUse);
    },

    async open({ id: userId, email }) {
      const token = randomBytes(32).toString('base64url');
      const createdAt = now();
      const expiresAt = expiry(createdAt, createdAt);
      const id = digest(token);
      await sessions.insertOne({ _id: id, userId, email, createdAt, usedAt: createdAt, expiresAt });
      forget(await keepNewest(sessions, { userId, own: id, keep: perAccount }));
      return { token, expiresAt };
    },

    async find(token) {
      const id = digest(token);
      const at = now();
      const cached = cache.get(id);
      if (cached && cached.until > at.getTime()) return cached.user;
      cache.delete(id);

      const closedBefore = closed;
      const stored = await sessions.findOne({ _id: id });
      if (!stored) return null;
      const found = readable(StoredSession, sessions.collectionName, stored);
      // MongoDB removes expired sessions about once a minute; until then they are refused here.
      if (found.expiresAt <= at) return null;
      const expiresAt = expiry(found.createdAt, at);
      // Extending the session on every request would turn every read into a write.
      if (at.getTime() - found.usedAt.getTime() > Math.min(60_000, idleMs / 10)) {
        await sessions.updateOne({ _id: id }, { $set: { usedAt: at, expiresAt } });
      }
      const user = { id: found.userId, email: found.email };
      // A session that was closed during this look-up must not be cached again.
      if (closed === closedBefore) remember(id, user, expiresAt);
      return user;
    },

    async close(token) {
      const id = digest(token);
      await sessions.deleteOne({ _id: id });
      forget([id]);
    },
  };
}

const digest = (token: string) => createHash('sha256').update(token).digest('hex');
