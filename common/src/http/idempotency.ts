import type { Connection } from 'mongoose';
import { problemStatus } from '../contracts/problem.ts';
import { invalidRequest, Problem, problem } from '../problem.ts';
import type { Aggregates } from '../store/aggregates.ts';
import type { Versioned } from '../store/change.ts';
import { isDuplicateKey } from '../store/duplicate-key.ts';
import { collectionOf } from '../store/mongo.ts';
import { readable } from '../store/unreadable.ts';
import type { Answer, HeaderReader } from './exchange.ts';
import { digest, digestOfBody, isDigestOf, type StoredAnswer, StoredKey } from './stored-key.ts';

/** How long the first answer is kept for repeats. */
const keptForSeconds = 24 * 3_600;
/**
 * How long an unanswered request counts as still running. After that it has probably crashed, and a repeat does the
 * work itself.
 */
const leaseMs = 5_000;

/** What identifies a request and its repeats. */
export interface KeyedRequest {
  readonly userId: string;
  /** Method and path. */
  readonly route: string;
  /** From the `Idempotency-Key` header; undefined when there is none. */
  readonly key: string | undefined;
  readonly body: unknown;
  /** Called before a stored answer is returned or a stored refusal is thrown. */
  readonly onReplay: () => void;
}

/** One attempt to carry out the request with a key. */
export interface Attempt {
  /** The id for what is created: the same for every attempt, so that the database lets only one of them succeed. */
  readonly id: string;
  /** Whether there was an earlier attempt, which may or may not have had an effect. */
  readonly isRepeat: boolean;
}

/**
 * `Idempotency-Key` (IETF draft-ietf-httpapi-idempotency-key-header-07): a request that got no answer can be sent again
 * without being carried out twice.
 *
 * The same user, route, key and body get the same answer for 24 h, marked `Idempotency-Replayed: true`; the order of
 * members in the body's objects does not matter. That includes refusals, even a 404, so a route that may have to wait
 * for an announcement (`messaging/awaited-copies`) waits before it calls `once`. Errors on our side and refusals with
 * `Retry-After` are not stored: the next attempt does the work. A request without a key is always carried out.
 */
export interface IdempotencyKeys {
  /**
   * Does the work for the first request with a key. Parse the body first, so that an invalid body does not use up the
   * key.
   *
   * @throws Problem 409 `idempotency-key-in-use` while another attempt is in progress; 422 `idempotency-key-reused`
   * when the key was used with another body; UnreadableDocument; whatever `work` throws
   */
  once(request: KeyedRequest, work: (attempt: Attempt) => Promise<Answer>): Promise<Answer>;
  /** Creates the index that makes keys expire; safe to repeat. */
  prepare(): Promise<void>;
}

export interface IdempotencyOptions {
  readonly connection: Connection;
  readonly now: () => Date;
  readonly newId: () => string;
}

export function idempotencyKeys({ connection, now, newId }: IdempotencyOptions): IdempotencyKeys {
  const documents = collectionOf<StoredKey>(connection, 'idempotency-keys');

  /** Resolves with the stored answer, or with a lease for doing the work. */
  async function begin(_id: string, body: unknown): Promise<StoredKey & { isRepeat: boolean }> {
    const at = now();
    const leasedUntil = new Date(at.getTime() + leaseMs);
    const fresh: StoredKey = {
      _id,
      body: digestOfBody(body),
      newId: newId(),
      startedAt: at,
      leasedUntil,
      answer: null,
    };
    try {
      await documents.insertOne({ ...fresh });
      return { ...fresh, isRepeat: false };
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
    const stored = await documents.findOne({ _id });
    if (!stored) throw inUse();
    // Before anything is decided on it: a damaged digest must not pass for another body.
    const known = readable(StoredKey, documents.collectionName, stored);
    if (!isDigestOf(body, known.body)) {
      throw problem('idempotency-key-reused', 'This Idempotency-Key was used for something else.');
    }
    if (known.answer) return { ...known, isRepeat: true };
    if (known.leasedUntil > at) throw inUse();
    const taken = await documents.updateOne(
      { _id, answer: null, leasedUntil: known.leasedUntil },
      { $set: { leasedUntil } },
    );
    if (taken.modifiedCount === 0) throw inUse();
    return { ...known, leasedUntil, isRepeat: true };
  }

  return {
    async once({ userId, route, key, body, onReplay }, work) {
      if (key === undefined) return work({ id: newId(), isRepeat: false });
      const mine = await begin(digest([userId, route, key]), body);
      if (mine.answer) {
        onReplay();
        return replayed(mine.answer);
      }
      const held = { _id: mine._id, leasedUntil: mine.leasedUntil };
      const answer = await outcome(work({ id: mine.newId, isRepeat: mine.isRepeat })).catch(async (error: unknown) => {
        // If the database is unavailable too, the lease simply runs out.
        await documents.updateOne(held, { $set: { leasedUntil: mine.startedAt } }).catch(() => undefined);
        throw error;
      });
      const { matchedCount } = await documents.updateOne(held, { $set: { answer } });
      // The lease ran out and another attempt took over, so only its answer counts.
      if (matchedCount === 0) throw inUse();
      return replayed(answer);
    },

    async prepare() {
      await documents.createIndex({ startedAt: 1 }, { expireAfterSeconds: keptForSeconds });
    },
  };
}

/**
 * Creates what the request is for, or finds what an earlier attempt has created under the same id.
 *
 * @throws whatever `make` throws. If that is a final refusal, an earlier attempt can no longer create anything either
 */
export async function makeOnce<State extends Versioned>(
  { id, isRepeat }: Attempt,
  store: Pick<Aggregates<State>, 'find' | 'bar'>,
  make: () => Promise<State>,
): Promise<State> {
  const made = isRepeat ? await store.find(id) : null;
  if (made) return made;
  try {
    return await make();
  } catch (error) {
    if (!isRepeat || !isFinal(error)) throw error;
    // The earlier attempt may only be slow: the refusal is final only once its write can no longer succeed.
    const meanwhile = await store.bar(id);
    if (meanwhile) return meanwhile;
    throw error;
  }
}

/** Reads the key, with or without the quotation marks that the draft requires. Throws Problem 400 `invalid-request`. */
export const idempotencyKey: HeaderReader<string | undefined> = {
  name: 'Idempotency-Key',
  description:
    'Identifies the request, 1 to 255 visible characters. A repeat with the same key and body within 24 h is not carried out again: it gets the same answer, marked `Idempotency-Replayed: true`',
  read(value) {
    if (value === undefined) return undefined;
    const key = /^"(.*)"$/.exec(value)?.[1] ?? value;
    if (/^[\x21-\x7e]{1,255}$/.test(key)) return key;
    throw invalidRequest([{ field: 'Idempotency-Key', message: 'must be 1 to 255 visible characters' }]);
  },
};

/** Not final: a refusal that says when to retry, and an error on our side, after which the effect is unknown. */
const isFinal = (error: unknown): error is Problem =>
  error instanceof Problem && problemStatus[error.code] < 500 && error.retryAfterSeconds === undefined;

const success = ({ status, headers = {}, body }: Answer): StoredAnswer => ({
  status,
  headers,
  json: JSON.stringify(body),
});

/** The answer or the final refusal of the work; anything else is thrown. */
const outcome = (work: Promise<Answer>): Promise<StoredAnswer> =>
  work.then(success, (error: unknown) => {
    if (isFinal(error)) return refusal(error);
    throw error;
  });

const refusal = ({ code, detail, extensions }: Problem): StoredAnswer => ({
  code,
  detail: detail ?? null,
  extensions: extensions ?? null,
});

/** Throws a stored refusal, as the first attempt did. A stored body is JSON already, so a replay is identical to it. */
function replayed(answer: StoredAnswer): Answer {
  if ('code' in answer) {
    const { code, detail, extensions } = answer;
    throw problem(code, detail ?? undefined, extensions ? { extensions } : {});
  }
  const { status, headers, json } = answer;
  return { status, headers, json };
}

const inUse = () =>
  problem('idempotency-key-in-use', 'The first request with this Idempotency-Key is still in progress.', {
    retryAfterSeconds: 1,
  });
