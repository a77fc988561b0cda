import { type Fault, faultOf, unreachable } from '../lib/problem.ts';

export type Outcome =
  | { readonly ok: true; readonly status: number; readonly body: unknown; readonly headers: Headers }
  | { readonly ok: false; readonly fault: Fault };

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** Asks the platform from the browser, with its session cookie. Never throws: without an answer the fault is `unreachable`. */
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
    const said = parsed(await response.text());
    return response.ok
      ? { ok: true, status: response.status, body: said, headers: response.headers }
      : { ok: false, fault: faultOf(response.status, said) };
  } catch {
    return { ok: false, fault: unreachable };
  }
}

/** Names of requests without a definite answer, so that whoever presses the button again does not ask for a second thing. */
const unanswered = new Map<string, string>();

/**
 * Makes something, once: a lost answer, or one that it cannot be done yet, has it ask again under the same `Idempotency-Key`, for three seconds at most.
 * That there is no such thing counts as not yet, for services hear of each other's news a moment later. It is an answer for good nevertheless, so the next question has another key.
 */
export async function create(path: string, body: unknown): Promise<Outcome> {
  const what = `${path} ${JSON.stringify(body)}`;
  for (let tries = 0; ; tries++) {
    const key = unanswered.get(what) ?? newKey();
    unanswered.set(what, key);
    const outcome = await call('POST', path, body, { 'Idempotency-Key': key });
    const isOpen = isUnknown(outcome);
    if (!isOpen) unanswered.delete(what);
    if (tries === 10 || !(isOpen || isUnheardOf(outcome))) return outcome;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

const isUnheardOf = (outcome: Outcome): boolean => !outcome.ok && outcome.fault.status === 404;

/** It may have been done or not, or another try is still at it. */
const isUnknown = (outcome: Outcome): boolean =>
  !outcome.ok &&
  (outcome.fault.status === 0 ||
    outcome.fault.status >= 500 ||
    ['idempotency-key-in-use', 'busy'].includes(outcome.fault.code));

/** `crypto.randomUUID` is missing where a shop is opened over plain http from another machine. */
const newKey = (): string =>
  crypto.getRandomValues(new Uint8Array(16)).reduce((hex, byte) => hex + byte.toString(16).padStart(2, '0'), '');

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
