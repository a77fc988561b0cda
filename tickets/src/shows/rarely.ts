/** How old a result may be. */
const freshMs = 1_000;
/** A result may be this many times as old as it took, so that the database spends little of its time on it. */
const rest = 20;
const oldestMs = 30_000;
/** The most results that are remembered. */
const remembered = 500;

interface Known<Result> {
  readonly result: Promise<Result>;
  freshUntil: number;
}

/**
 * Does something costly for each show about once a second at most, however many people ask: in between they get the
 * result that is known. If it takes long, it is done more rarely, so that it takes a twentieth of the time at most; a
 * result is never older than 30 s.
 */
export function rarely<Show extends { readonly id: string }, Result>(
  work: (show: Show) => Promise<Result>,
): (show: Show) => Promise<Result> {
  const known = new Map<string, Known<Result>>();

  return (show) => {
    const startedAt = performance.now();
    const before = known.get(show.id);
    if (before && startedAt < before.freshUntil) return before.result;
    // Deleted first, so that it moves to the end and the first is the one done longest ago.
    known.delete(show.id);
    const oldest = known.keys().next();
    if (known.size >= remembered && !oldest.done) known.delete(oldest.value);
    const now: Known<Result> = { result: work(show), freshUntil: startedAt + oldestMs };
    known.set(show.id, now);
    now.result.then(
      () => {
        const tookMs = performance.now() - startedAt;
        now.freshUntil = startedAt + Math.min(Math.max(freshMs, rest * tookMs), oldestMs);
      },
      () => {
        if (known.get(show.id) === now) known.delete(show.id);
      },
    );
    return now.result;
  };
}
