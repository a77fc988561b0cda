import { setTimeout as sleep } from 'node:timers/promises';
import type { Guest, Shop } from '../../support/shop.ts';
import type { Command, Recorder, Try, Wrong } from '../history.ts';

/** How long a command is retried without a definite answer: longer than any fault lasts. */
const patienceMs = 45_000;
/** The same for what began before closing time and for what is tried after it. */
const lateMs = 10_000;
/** How long a read is retried, where no process is disturbed. */
const calmPatienceMs = 8_000;
export const answerWithinMs = 5_000;
const longestPauseMs = 3_000;
/** How many times a request is retried because the service has not received the event yet: for about 8 s. */
const newsTries = 8;

interface More {
  readonly fresh?: true;
  readonly leaves?: Readonly<Record<string, unknown>>;
  readonly headers?: Record<string, string>;
  /** Set when the request must be refused. */
  readonly wrong?: Wrong;
}

/** How the crowd talks to the shop: it retries until there is a definite answer, and records every try. */
export interface Asking {
  command(who: Guest, method: string, path: string, body?: unknown, more?: More): Promise<Command>;
  /** Retries while the service may not have received the event yet. */
  onceHeard(ask: () => Promise<Command>): Promise<Command>;
}

export interface AskingOptions {
  readonly shop: Shop;
  readonly recorder: Recorder;
  readonly seed: number;
  readonly random: () => number;
  /** Whether no process will be disturbed. */
  readonly calm: boolean;
  readonly signal: AbortSignal;
}

export function asking({ shop, recorder, seed, random, calm, signal }: AskingOptions): Asking {
  let keys = 0;

  /** Exponential: a service that is flooded with retries answers nobody. */
  const pauseMs = (tries: number) => Math.min(100 * 2 ** tries, longestPauseMs) * (0.5 + random() / 2);

  return {
    async command(who, method, path, body, { headers = {}, fresh, leaves, wrong } = {}) {
      const key = method === 'POST' ? `prove-${seed}-${++keys}` : undefined;
      const tries: Try[] = [];
      const startedMs = recorder.now();
      const patience = () => (signal.aborted ? lateMs : calm && method === 'GET' ? calmPatienceMs : patienceMs);
      let answer: Command['answer'];
      while (answer === undefined && recorder.now() - startedMs < patience()) {
        const atMs = recorder.now();
        const got = await fetch(new URL(path, shop.platform.url), {
          method,
          signal: AbortSignal.timeout(answerWithinMs),
          headers: {
            ...(who.token ? { Authorization: `Bearer ${who.token}` } : {}),
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...(key === undefined ? {} : { 'Idempotency-Key': key }),
            ...headers,
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        })
          .then(async (response) => {
            const text = await response.text();
            return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text };
          })
          .catch(() => undefined);
        tries.push({ atMs, tookMs: recorder.now() - atMs, ...(got ? { status: got.status } : {}) });
        if (got && isDefinite(got)) answer = got;
        else await sleep(pauseMs(tries.length));
      }
      return recorder.record({
        userId: who.id,
        method,
        path,
        tries,
        ...(body === undefined ? {} : { body }),
        ...(key === undefined ? {} : { key }),
        ...(fresh === undefined ? {} : { fresh }),
        ...(leaves === undefined ? {} : { leaves }),
        ...(wrong === undefined ? {} : { wrong }),
        ...(answer ? { answer } : {}),
      });
    },

    async onceHeard(ask) {
      let asked = await ask();
      for (let tries = 0; asked.answer?.status === 404 && tries < newsTries && !signal.aborted; tries++) {
        await sleep(pauseMs(tries));
        asked = await ask();
      }
      return asked;
    },
  };
}

/** The first request with this key is still in progress, so this is not its answer. */
const inUse = 'idempotency-key-in-use';

function isDefinite({ status, body }: { status: number; body: { code?: string } | string }): boolean {
  if (status === 409 && typeof body === 'object' && (body.code === inUse || body.code === 'busy')) return false;
  return status !== 429 && status < 500;
}
