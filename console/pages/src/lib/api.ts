/** What the console's server said instead of an answer, in words. */
export class Refused extends Error {
  override readonly name = 'Refused';

  /** 0 when there was no answer at all. */
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

export type Params = Readonly<Record<string, string | undefined>>;

/** The path with what is not empty of the parameters. */
export function withParams(path: string, params: Params): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) if (value) search.set(name, value);
  return search.size > 0 ? `${path}?${search}` : path;
}

/** @throws Refused */
export async function get<Body>(path: string, signal?: AbortSignal): Promise<Body> {
  const response = await ask(path, signal ? { signal } : {});
  // The server and these pages are built from the same types.
  return (await response.json()) as Body;
}

/** @throws Refused */
export async function post(path: string, body?: unknown): Promise<void> {
  const sent =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  await ask(path, { method: 'POST', ...sent });
}

async function ask(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(path, init).catch((error: unknown) => {
    if (init.signal?.aborted) throw error;
    throw new Refused('The console does not answer. Is the platform still running?', 0);
  });
  if (response.ok) return response;
  const refusal: unknown = await response.json().catch(() => undefined);
  throw new Refused(detailOf(refusal) ?? `The console answered ${response.status}.`, response.status);
}

function detailOf(refusal: unknown): string | undefined {
  if (typeof refusal !== 'object' || refusal === null || !('detail' in refusal)) return undefined;
  return typeof refusal.detail === 'string' ? refusal.detail : undefined;
}
