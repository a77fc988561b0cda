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

/**
 * Like `call`, but asks again while the answer is that there is no such thing, for three seconds at most:
 * services hear of each other's news a moment later.
 */
export async function callOnceKnown(method: Method, path: string, body: unknown): Promise<Outcome> {
  for (let tries = 0; ; tries++) {
    const outcome = await call(method, path, body);
    const tooEarly = !outcome.ok && outcome.fault.status === 404;
    if (!tooEarly || tries === 10) return outcome;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
