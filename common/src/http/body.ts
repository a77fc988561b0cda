import type { Request } from 'express';
import { problem } from '../problem.ts';

export interface BodyLimits {
  /**
   * The most bytes that the process holds for incomplete bodies; beyond that requests are answered 503, the largest
   * ones first. Default 16 MB.
   */
  readonly heldBytes?: number;
  /** How long a body may take to arrive, in ms, before it is answered 408. Default 10 s. */
  readonly withinMs?: number;
}

/** Reads a request's body of at most `limit` bytes; undefined if it has none. */
export type ReadBody = (req: Request, limit: number) => Promise<Buffer | undefined>;

export interface BodyReader {
  readonly read: ReadBody;
  /** The bytes currently held for incomplete bodies. */
  held(): number;
}

const firstBytes = 1_024;
/** How many times larger a body has to be that is refused for another. */
const muchLarger = 8;

/** A body that has not arrived completely. */
interface Incomplete {
  bytes(): number;
  refuse(reason: Error): void;
}

/**
 * Reads bodies within limits for all of them together, so that many or slow senders cannot exhaust the memory. A
 * body is copied into one growing buffer, because many tiny chunks would each cost more than their content.
 *
 * @throws Problem 413 `too-large`, 408 `too-slow`, 400 `incomplete`, 503 `too-busy`
 */
export function bodyReader({ heldBytes = 16_000_000, withinMs = 10_000 }: BodyLimits = {}): BodyReader {
  let held = 0;
  const incomplete = new Set<Incomplete>();

  /** A few large bodies that stall must not have everybody's refused, so they give way to small ones. */
  function hasRoomFor(bytes: number): boolean {
    while (held + bytes > heldBytes) {
      let largest: Incomplete | undefined;
      for (const it of incomplete) if (it.bytes() > (largest?.bytes() ?? 0)) largest = it;
      if (!largest || largest.bytes() < muchLarger * bytes) return false;
      largest.refuse(tooBusy());
    }
    return true;
  }

  function read(req: Request, limit: number): Promise<Buffer | undefined> {
    if (!hasBody(req)) return Promise.resolve(undefined);
    const tooLarge = () => problem('too-large', `The body is larger than ${Math.floor(limit / 1_000)} kB.`);
    if (Number(req.headers['content-length'] ?? 0) > limit) return Promise.reject(tooLarge());

    return new Promise((resolve, reject) => {
      let buffer = Buffer.alloc(0);
      let length = 0;

      function grow(needed: number): boolean {
        const capacity = Math.min(limit, Math.max(needed, 2 * buffer.length, firstBytes));
        // During the copy both buffers exist.
        if (!hasRoomFor(capacity)) return false;
        held += capacity - buffer.length;
        buffer = Buffer.concat([buffer.subarray(0, length)], capacity);
        return true;
      }

      function onData(chunk: Buffer): void {
        const needed = length + chunk.length;
        if (needed > limit) refuse(tooLarge());
        else if (needed > buffer.length && !grow(needed)) refuse(tooBusy());
        else length += chunk.copy(buffer, length);
      }
      const onEnd = () => {
        finish();
        resolve(buffer.subarray(0, length));
      };
      const onBroken = () => refuse(problem('incomplete', 'The body did not arrive whole.'));
      const timer = setTimeout(() => {
        refuse(problem('too-slow', `The body took longer than ${withinMs / 1_000} s to arrive.`));
      }, withinMs);

      function finish(): void {
        clearTimeout(timer);
        incomplete.delete(own);
        held -= buffer.length;
        req
          .off('data', onData)
          .off('end', onEnd)
          .off('aborted', onBroken)
          .off('error', onBroken)
          .off('close', onBroken);
        // The rest is read and discarded, because a client may read the answer only after it has sent everything.
        // Errors of a broken connection have already been reported.
        req.on('error', () => undefined).resume();
      }
      function refuse(reason: Error): void {
        finish();
        buffer = Buffer.alloc(0);
        reject(reason);
      }
      const own = { bytes: () => buffer.length, refuse };
      incomplete.add(own);
      req.on('data', onData).on('end', onEnd).on('aborted', onBroken).on('error', onBroken).on('close', onBroken);
    });
  }

  return { read, held: () => held };
}

export const hasBody = (req: Request): boolean =>
  req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0;

/**
 * Refuses compressed bodies instead of decompressing them: nobody needs them, and decompressors have had memory bugs.
 *
 * @throws Problem 415 `unsupported-media-type`
 */
export function mustBePlain(req: Request): void {
  const encodings = (req.headers['content-encoding'] ?? '').toLowerCase().split(',');
  if (hasBody(req) && encodings.some((encoding) => !['', 'identity'].includes(encoding.trim()))) {
    throw problem('unsupported-media-type', 'Compressed bodies are not accepted.');
  }
}

/** @throws Problem 415 `unsupported-media-type` if the body is declared as anything but JSON in UTF-8 */
export function mustBeJson(req: Request): void {
  if (!hasBody(req)) return;
  const [type = '', ...parameters] = (req.headers['content-type'] ?? '').toLowerCase().split(';');
  if (type.trim() !== 'application/json') throw problem('unsupported-media-type', 'Bodies must be application/json.');
  const charsets = parameters.flatMap((it) => /^\s*charset\s*=(.*)$/.exec(it)?.slice(1) ?? []);
  if (!charsets.every((charset) => /^"?utf-?8"?$/.test(charset.trim()))) {
    throw problem('unsupported-media-type', 'Bodies must be in UTF-8.');
  }
}

/**
 * Parses a JSON body, which must be an object or an array; undefined if there is none.
 *
 * @throws Problem 400 `invalid-encoding` for bytes that are not UTF-8 and for escaped lone surrogates; 400
 * `invalid-json`
 */
export function jsonIn(bytes: Buffer | undefined): unknown {
  if (bytes === undefined || bytes.length === 0) return undefined;
  const text = textIn(bytes);
  const value = parse(text);
  if (typeof value !== 'object' || value === null) throw invalidJson();
  if (hasLoneSurrogate(text)) throw invalidEncoding('The body contains half a surrogate pair.');
  return value;
}

const surrogateEscape = /\\u[dD][89a-fA-F]/;
/** Matches the strings of a valid JSON text and nothing else. */
const strings = /"[^"\\]*(?:\\.[^"\\]*)*"/g;

/** UTF-8 cannot contain a lone surrogate, so only escapes need checking. */
function hasLoneSurrogate(json: string): boolean {
  if (!surrogateEscape.test(json)) return false;
  const suspects = (json.match(strings) ?? []).filter((it) => surrogateEscape.test(it));
  return !suspects.every((it) => String(JSON.parse(it)).isWellFormed());
}

function textIn(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalidEncoding('The body is not valid UTF-8.');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidJson();
  }
}

const invalidEncoding = (detail: string) => problem('invalid-encoding', detail);
const invalidJson = () => problem('invalid-json', 'The body is not a JSON object or array.');

const tooBusy = () =>
  problem('too-busy', 'Too many requests are arriving at the same time; please try again.', { retryAfterSeconds: 2 });
