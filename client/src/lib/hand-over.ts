import { z } from 'zod';
import { safeNext } from './next-path.ts';

/** What the tab that opens a link from a mail takes over from the tab that asked for it. */
export interface HandOver {
  /** Where its reader was: a path on this site. */
  readonly next: string;
  /** What was kept in the tab for that page, by key. */
  readonly kept: Readonly<Record<string, string>>;
}

/** As long as a link in a mail can be used. */
const validForMs = 10 * 60 * 1000;

const Stored = z.object({ next: z.string(), kept: z.record(z.string(), z.string()), until: z.number() });

export const handOverToStore = (it: HandOver, nowMs: number): string =>
  JSON.stringify({ ...it, until: nowMs + validForMs } satisfies z.input<typeof Stored>);

/** Undefined if there is none, or if it is too old. */
export function storedHandOver(stored: string | null, nowMs: number): HandOver | undefined {
  const { data } = Stored.safeParse(parsed(stored));
  if (!data || data.until <= nowMs || data.until > nowMs + validForMs) return undefined;
  return { next: safeNext(data.next), kept: data.kept };
}

function parsed(json: string | null): unknown {
  try {
    return JSON.parse(json ?? 'null');
  } catch {
    return undefined;
  }
}
