import { createHash } from 'node:crypto';
import type { Connection, mongo } from 'mongoose';
import { type ProblemCode, problemStatus } from '../contracts/problem.ts';
import { invalidRequest, Problem, problem } from '../problem.ts';
import type { Aggregates } from '../store/aggregates.ts';
import type { Versioned } from '../store/change.ts';
import { isDuplicateKey } from '../store/duplicate-key.ts';
import { collectionOf } from '../store/mongo.ts';
import type { Answer, HeaderReader } from './exchange.ts';

/** For how long a repeat gets the first answer. */
const keptForSeconds = 24 * 3_600;
/**
 * How long a request is taken to be alive that has not answered: beyond it a crash is likelier, and the repeat goes to
 * work itself.
 */
const leaseMs = 5_000;

/** What a repeat of a request has in common with the first. */
export interface KeyedRequest {
  readonly userId: string;
  /** Method and path. */
  readonly route: string;
  /** From the `Idempotency-Key` header; undefined when there is none. */
  readonly key: string | undefined;
  readonly body: unknown;
  /** Told before a kept answer is given, or a kept refusal thrown. */
  readonly onReplay: () => void;
}

/** One of the tries that are made under a key. */
export interface Attempt {
  /** For what is to be made: every try under a key gets the same, so the database lets only one of them make it. */
  readonly id: string;
  /** Another try came before, and nobody knows how far it got. */
  readonly isRepeat: boolean;
}

/**
 * `Idempotency-Key` (IETF draft-ietf-httpapi-idempotency-key-header-07): a request that got no answer can be sent again
 * without happening twice.
 *
 * The same user, route, key and body get the same answer for 24 h, marked `Idempotency-Replayed: true`, a refusal
 * included: also that there is no such thing (404), so a route that waits for news (`messaging/news`) does so before.
 * What failed on our side or says when to try again is no answer yet: the next try goes to work. A request without a
 * key is an only one.
 */
export interface IdempotencyKeys {
  /**
   * Does the work for the first request under a key. Parse the body before: a body that is refused has not used its key
   * up.
   *
   * @throws Problem 400 `invalid-request` for a key that is none; 409 `idempotency-key-in-use` while another try is at
   * work; 422 `idempotency-key-reused` when it came with another body; whatever `work` throws
   */
  once(request: KeyedRequest, work: (attempt: Attempt) => Promise<Answer>): Promise<Answer>;
  /** Creates the index by which keys are forgotten; safe to repeat. */
  prepare(): Promise<void>;
}

interface StoredKey extends mongo.Document {
  /** Digest of user, route and key. */
  _id: string;
  /** Digest of the body. */
  body: string;
  newId: string;
  startedAt: Date;
  leasedUntil: Date;
  answer: Kept | null;
}

type Kept =
  | { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly json: string }
  | { readonly code: ProblemCode; readonly detail: string | null };

export interface IdempotencyOptions {
  readonly connection: Connection;
  readonly now: () => Date;
  readonly newId: () => string;
}

export function idempotencyKeys({ connection, now, newId }: IdempotencyOptions): IdempotencyKeys {
  const documents = collectionOf<StoredKey>(connection, 'idempotency-keys');

  /** Resolves with the answer that is there, or with the right to make one. */
  async function begin(_id: string, body: string): Promise<StoredKey & { isRepeat: boolean }> {
    const at = now();
    const leasedUntil = new Date(at.getTime() + leaseMs);
    const fresh: StoredKey = { _id, body, newId: newId(), startedAt: at, leasedUntil, answer: null };
    try {
      await documents.insertOne({ ...fresh });
      return { ...fresh, isRepeat: false };
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
    const known = await documents.findOne({ _id });
    if (!known) throw inUse();
    if (known.body !== body) {
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
      const mine = await begin(digest([userId, route, key]), digest([JSON.stringify(body)]));
      if (mine.answer) {
        onReplay();
        return given(mine.answer);
      }
      const held = { _id: mine._id, leasedUntil: mine.leasedUntil };
      const answer = await outcome(work({ id: mine.newId, isRepeat: mine.isRepeat })).catch(async (error: unknown) => {
        // The lease ends by itself if the database is away too.
        await documents.updateOne(held, { $set: { leasedUntil: mine.startedAt } }).catch(() => undefined);
        throw error;
      });
      const { matchedCount } = await documents.updateOne(held, { $set: { answer } });
      // It took longer than its lease, and who took over has the say.
      if (matchedCount === 0) throw inUse();
      return given(answer);
    },

    async prepare() {
      await documents.createIndex({ startedAt: 1 }, { expireAfterSeconds: keptForSeconds });
    },
  };
}

/**
 * Makes what an attempt is to make, or finds what an earlier one has made under the same id.
 *
 * @throws whatever `make` throws when nothing was made, and nothing will be made by an earlier attempt either if that
 * is a refusal for good
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
    // The attempt before may be slow and not dead: refused is refused only once its write can no longer succeed.
    const meanwhile = await store.bar(id);
    if (meanwhile) return meanwhile;
    throw error;
  }
}

/** Reads the key, with or without the quotation marks that the draft asks for. */
export const idempotencyKey: HeaderReader<string | undefined> = {
  name: 'Idempotency-Key',
  description:
    'A name for this request, 1 to 255 visible characters: sent again with the same name and body within 24 h it gets the same answer, marked `Idempotency-Replayed: true`, and happens once',
  read(value) {
    if (value === undefined) return undefined;
    const key = /^"(.*)"$/.exec(value)?.[1] ?? value;
    if (/^[\x21-\x7e]{1,255}$/.test(key)) return key;
    throw invalidRequest([{ field: 'Idempotency-Key', message: 'must be 1 to 255 visible characters' }]);
  },
};

const digest = (parts: readonly string[]): string => createHash('sha256').update(parts.join('\n')).digest('base64url');

/** A refusal that says when to try again is about the moment, and after an error of ours nobody knows what was done. */
const isFinal = (error: unknown): error is Problem =>
  error instanceof Problem && problemStatus[error.code] < 500 && error.retryAfterSeconds === undefined;

const kept = ({ status, headers = {}, body }: Answer): Kept => ({ status, headers, json: JSON.stringify(body) });

/** What came of the work, if it came to an end: an answer or a refusal. */
const outcome = (work: Promise<Answer>): Promise<Kept> =>
  work.then(kept, (error: unknown) => {
    if (isFinal(error)) return refusal(error);
    throw error;
  });

const refusal = ({ code, detail }: Problem): Kept => ({ code, detail: detail ?? null });

/**
 * A kept refusal is thrown, as the first was. What was answered is already JSON, and stays byte by byte what it was.
 */
function given(answer: Kept): Answer {
  if ('code' in answer) throw problem(answer.code, answer.detail ?? undefined);
  const { status, headers, json } = answer;
  return { status, headers, json };
}

const inUse = () =>
  problem('idempotency-key-in-use', 'The first request with this Idempotency-Key is still at work.', {
    retryAfterSeconds: 1,
  });
