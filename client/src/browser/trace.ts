import { type ActionName, clicksPath } from '../lib/click.ts';

/** Something that somebody does on a page, from the click until the page knows the outcome. */
export interface Action {
  /** For every request that belongs to it. */
  readonly traceparent: string;
  end(outcome: { readonly ok: boolean }): void;
}

/** How long after an action ended the requests of the page are still counted to it: it leads to the next page. */
const followedMs = 1_000;

/**
 * Begins a trace, or continues that of `parent`: what a click causes can then be seen as one trace, if the platform
 * records traces. The click itself is reported to the shop's server, only where that records them too.
 */
export function startAction(action: ActionName, parent?: string): Action {
  if (!isRecorded()) return { traceparent: parent ?? newTraceparent(), end() {} };
  const traceparent = newTraceparent(parent);
  const startedAt = performance.now();
  follow(traceparent);
  return {
    traceparent,
    end({ ok }) {
      if (following?.traceparent === traceparent) following.untilMs = performance.now() + followedMs;
      const query = new URLSearchParams({ action, traceparent, ms: `${Math.round(performance.now() - startedAt)}` });
      if (parent) query.set('parent', parent);
      if (!ok) query.set('failed', 'yes');
      void report(`${clicksPath}?${query}`);
    },
  };
}

/** Whether it arrives concerns nobody here. */
async function report(address: string): Promise<void> {
  try {
    // It must outlive the page.
    await fetch(address, { keepalive: true, cache: 'no-store' });
  } catch {}
}

/** A new W3C `traceparent`, in the trace of `parent` if there is one. */
export function newTraceparent(parent?: string): string {
  const [, traceId = hex(16)] = parent?.split('-') ?? [];
  return `00-${traceId}-${hex(8)}-01`;
}

const hex = (bytes: number): string =>
  crypto.getRandomValues(new Uint8Array(bytes)).reduce((text, byte) => text + byte.toString(16).padStart(2, '0'), '');

/** Set by the shop's server: see the layout. */
const isRecorded = (): boolean => typeof document !== 'undefined' && document.documentElement.dataset.traced === 'yes';

let following: { readonly traceparent: string; untilMs: number } | undefined;

/** From now on the page's own requests name the latest action, until a moment after its end. */
function follow(traceparent: string): void {
  const isFirst = following === undefined;
  following = { traceparent, untilMs: Number.POSITIVE_INFINITY };
  if (!isFirst) return;
  const plain = window.fetch.bind(window);
  window.fetch = (input, init) => plain(input, withTrace(input, init));
}

function withTrace(input: RequestInfo | URL, init: RequestInit | undefined): RequestInit | undefined {
  if (!following || performance.now() > following.untilMs || input instanceof Request) return init;
  const headers = new Headers(init?.headers);
  const isOurs = new URL(input, window.location.href).origin === window.location.origin;
  // Next.js loads pages in advance that nobody has asked for.
  if (!isOurs || headers.has('traceparent') || headers.has('next-router-prefetch')) return init;
  headers.set('traceparent', following.traceparent);
  return { ...init, headers };
}
