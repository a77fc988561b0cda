import { createHash } from 'node:crypto';
import type { Session, User } from '@box-office/common/contracts/auth';
import { Id } from '@box-office/common/contracts/primitives';
import { notFound } from '@box-office/common/problem';
import type { SignedInUser } from '@box-office/common/signed-in-user';
import { collectionOf } from '@box-office/common/store/mongo';
import { readable } from '@box-office/common/store/unreadable';
import type { Connection, mongo } from 'mongoose';
import { z } from 'zod';
import { type Account, viewOf } from '../people/account.ts';
import type { Accounts } from '../people/accounts.ts';
import type { LimitOf } from '../people/limits.ts';
import type { Endings } from './endings.ts';
import { byOwnerAndUse, keepNewest } from './newest.ts';

const StoredSession = z.object({
  /** SHA-256 of the token: a leaked database contains no usable tokens. */
  _id: z.string(),
  /** What the owner and other services call it. Missing in sessions of early releases. */
  sid: Id.optional(),
  userId: Id,
  email: z.string(),
  /** The era of the account that it was opened in. This and the next two are missing in sessions of early releases. */
  era: z.int().nonnegative().default(0),
  device: z.string().default('unknown'),
  network: z.string().default('unknown'),
  createdAt: z.date(),
  usedAt: z.date(),
  expiresAt: z.date(),
});
type StoredSession = z.infer<typeof StoredSession>;

export interface SessionOptions {
  readonly accounts: Accounts;
  readonly limitOf: LimitOf;
  readonly endings: Endings;
  readonly connection: Connection;
  readonly now: () => Date;
  readonly newId: () => string;
  readonly randomBytes: (size: number) => Buffer;
  /** A session that is not used for this long ends. */
  readonly idleMs: number;
  /** A session ends after this long, used or not. */
  readonly maxMs: number;
  /** Sessions per account; one more ends the least recently used. */
  readonly perAccount: number;
}

/** Whose session it is, for their browser and for the services. */
export interface Found {
  readonly user: User;
  readonly identity: SignedInUser;
}

/** Where a session is opened from. */
export interface From {
  readonly device: string;
  readonly network: string;
}

export interface Sessions {
  prepare(): Promise<void>;
  /** A user's sessions, the last used first. `current` is the `sid` of the one that asks. */
  list(userId: string, current: string | undefined): Promise<Session[]>;
  /** Whether one of a user's sessions was opened from there. */
  isKnown(userId: string, network: string): Promise<boolean>;
  /** Whether a session was opened in the last minutes and in the account's era, so that it stands for the person. */
  isFresh(account: Pick<Account, 'id' | 'era'>, sid: string | undefined): Promise<boolean>;
  /** Ends one by its `sid`. @throws Problem 404 `not-found` if the user has none such */
  end(userId: string, sid: string): Promise<void>;
  /**
   * Opens a session for an account as it was when somebody proved to be its owner: if all of its sessions have ended
   * since, so has this one. The token is returned here and stored nowhere.
   */
  open(account: Pick<Account, 'id' | 'email' | 'era'>, from: From): Promise<{ token: string; expiresAt: Date }>;
  /**
   * Whose session it is, or null. Using a session extends it.
   *
   * @throws UnreadableDocument. Answering null instead would tell a user to sign in who has done so
   */
  find(token: string): Promise<Found | null>;
  /** Ends it. Once this resolves, every replica refuses it. */
  close(token: string): Promise<void>;
  /** Ends all of a user, but for the one with this `sid`. */
  closeAll(userId: string, except?: string): Promise<void>;
  /** Moves the session with this `sid` to a new era of its account, so that it outlives the others. */
  keep(account: Pick<Account, 'id' | 'era'>, sid: string | undefined): Promise<void>;
  /** What is remembered of these sessions no longer counts. */
  forget(ids: readonly string[]): void;
  /** Nothing that is remembered counts any more. */
  forgetAll(): void;
  /** What is remembered of this user no longer counts, because the account has changed. */
  forgetUser(userId: string): void;
}

/** How long a process answers from memory. Ended sessions are refused at once: see `Endings`. */
export const rememberedMs = 5_000;
const mostRemembered = 10_000;
/** For how long after a sign-in its session may do what otherwise needs the password. */
const freshForMs = 10 * 60 * 1000;

interface Remembered extends Found {
  readonly until: number;
}

export function createSessions(options: SessionOptions): Sessions {
  const { accounts, limitOf, endings, connection, now, newId, randomBytes, idleMs, maxMs, perAccount } = options;
  const sessions = collectionOf<StoredSession>(connection, 'sessions');
  const cache = new Map<string, Remembered>();
  let forgotten = 0;

  const expiry = (createdAt: Date, usedAt: Date) =>
    new Date(Math.min(usedAt.getTime() + idleMs, createdAt.getTime() + maxMs));

  /** @param at When the look-up began: a session may have ended since, and who ended it waits `rememberedMs` at most */
  function remember(id: string, found: Found, at: Date, expiresAt: Date): void {
    if (cache.size >= mostRemembered) cache.delete(cache.keys().next().value ?? '');
    cache.set(id, { ...found, until: Math.min(at.getTime() + rememberedMs, expiresAt.getTime()) });
  }

  function forget(ids: readonly string[]): void {
    forgotten++;
    for (const id of ids) cache.delete(id);
  }

  async function owner({ userId, sid = '', era }: StoredSession): Promise<Found | null> {
    const account = await accounts.find(userId);
    if (!account || account.forgottenAt !== null || era < account.era) return null;
    const [also, limit] = await Promise.all([accounts.guestsOf(account), limitOf(account.email)]);
    return { user: viewOf(account), identity: { id: account.id, also, limit, session: sid } };
  }

  async function endAll(filter: mongo.Filter<StoredSession>): Promise<number> {
    const ended = await sessions.find(filter, { projection: { _id: 1 } }).toArray();
    const ids = ended.map(({ _id }) => _id);
    if (ids.length === 0) return 0;
    await sessions.deleteMany({ _id: { $in: ids } });
    await endings.tell(ids);
    return ids.length;
  }

  return {
    async prepare() {
      await sessions.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0 });
      await sessions.createIndex(byOwnerAndUse);
    },

    async open({ id: userId, email, era }, from) {
      const token = randomBytes(32).toString('base64url');
      const createdAt = now();
      const expiresAt = expiry(createdAt, createdAt);
      const id = digest(token);
      const names = { sid: newId(), userId, email, era, ...from };
      await sessions.insertOne({ _id: id, ...names, createdAt, usedAt: createdAt, expiresAt });
      const surplus = await keepNewest(sessions, { userId, own: id, keep: perAccount });
      void endings.tell(surplus);
      return { token, expiresAt };
    },

    async find(token) {
      const id = digest(token);
      const at = now();
      const cached = endings.hears() ? cache.get(id) : undefined;
      if (cached && cached.until > at.getTime()) return cached;
      cache.delete(id);

      const before = forgotten;
      const stored = await sessions.findOne({ _id: id });
      if (!stored) return null;
      const session = readable(StoredSession, sessions.collectionName, stored);
      // MongoDB removes expired sessions about once a minute; until then they are refused here.
      if (session.expiresAt <= at) return null;
      const expiresAt = expiry(session.createdAt, at);
      const isFirstNamed = session.sid === undefined;
      session.sid ??= newId();
      // Extending the session on every request would turn every read into a write.
      if (isFirstNamed || at.getTime() - session.usedAt.getTime() > Math.min(60_000, idleMs / 10)) {
        await sessions.updateOne({ _id: id }, { $set: { usedAt: at, expiresAt, sid: session.sid } });
      }
      const found = await owner(session);
      // A session that was ended during this look-up must not be remembered again.
      if (found && forgotten === before) remember(id, found, at, expiresAt);
      return found;
    },

    async list(userId, current) {
      const found = await sessions
        .find({ userId, expiresAt: { $gt: now() } })
        .sort({ usedAt: -1 })
        .toArray();
      return found.flatMap((stored) => {
        const { data } = StoredSession.safeParse(stored);
        if (!data?.sid) return [];
        const { sid, device, network, createdAt, usedAt } = data;
        const at = { createdAt: createdAt.toISOString(), usedAt: usedAt.toISOString() };
        return { id: sid, device, network, ...at, current: sid === current };
      });
    },
    isKnown: async (userId, network) => (await sessions.findOne({ userId, network })) !== null,
    async isFresh({ id: userId, era }, sid = '') {
      const since = new Date(now().getTime() - freshForMs);
      return (await sessions.findOne({ userId, sid, era: { $gte: era }, createdAt: { $gt: since } })) !== null;
    },
    async end(userId, sid) {
      if ((await endAll({ userId, sid })) === 0) throw notFound();
    },
    async close(token) {
      await endAll({ _id: digest(token) });
    },
    async closeAll(userId, except) {
      await endAll({ userId, ...(except !== undefined && { sid: { $ne: except } }) });
    },

    async keep({ id: userId, era }, sid = '') {
      await sessions.updateOne({ userId, sid }, { $set: { era } });
    },

    forget,
    forgetAll: () => forget([...cache.keys()]),
    forgetUser(userId) {
      forget([...cache].flatMap(([id, { user }]) => (user.id === userId ? id : [])));
    },
  };
}

const digest = (token: string) => createHash('sha256').update(token).digest('hex');
