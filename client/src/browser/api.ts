import type { ActionName } from '../lib/click.ts';
import { type Fault, faultOf, unreachable } from '../lib/problem.ts';
import { newTraceparent, startAction } from './trace.ts';

export type Outcome =
  | { readonly ok: true; readonly status: number; readonly body: unknown; readonly headers: Headers }
  | { readonly ok: false; readonly fault: Fault };

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/**
 * Calls the platform from the browser, with its session cookie. Never throws: without an answer the fault is
 * `unreachable`.
 */
export async function call(
  method: Method,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Outcome> {
  try {
    const response = await fetch(path, {
      method,
      cache: 'no-store',
      headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const content = parsed(await response.text());
    return response.ok
      ? { ok: true, status: response.status, body: content, headers: response.headers }
      : { ok: false, fault: faultOf(response.status, content) };
  } catch {
    return { ok: false, fault: unreachable };
  }
}

/**
 * Idempotency keys of requests without a definite answer, so that pressing the button again does not create a second
 * thing.
 */
const unanswered = new Map<string, string>();

/**
 * Creates something once. If the answer is lost or says "not yet", it retries under the same `Idempotency-Key`, for up
 * to three seconds. All tries are one trace: that of `traceparent`, or a new one.
 */
export async function create(path: string, body: unknown, traceparent = newTraceparent()): Promise<Outcome> {
  const what = `${path} ${JSON.stringify(body)}`;
  for (let tries = 0; ; tries++) {
    const key = unanswered.get(what) ?? newKey();
    unanswered.set(what, key);
    const outcome = await call('POST', path, body, { 'Idempotency-Key': key, traceparent });
    const isOpen = isUnknown(outcome);
    if (!isOpen) unanswered.delete(what);
    if (tries === 10 || !isOpen) return outcome;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

/** The same for what a single request of a click does. */
export async function createByClick(action: ActionName, path: string, body: unknown): Promise<Outcome> {
  const click = startAction(action);
  const outcome = await create(path, body, click.traceparent);
  click.end(outcome);
  return outcome;
}

/** The request may or may not have been carried out, or another attempt is still in progress. */
const isUnknown = (outcome: Outcome): boolean =>
  !outcome.ok &&
  (outcome.fault.status === 0 ||
    outcome.fault.status >= 500 ||
    ['idempotency-key-in-use', 'busy'].includes(outcome.fault.code));

/** `crypto.randomUUID` is missing when the shop is opened over plain http from another machine. */
const newKey = (): string =>
  crypto.getRandomValues(new Uint8Array(16)).reduce((hex, byte) => hex + byte.toString(16).padStart(2, '0'), '');

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
