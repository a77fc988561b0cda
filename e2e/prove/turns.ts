/** Runs work of the same name one after the other, and work of different names side by side. */
export type Turns = <Result>(name: string, work: () => Promise<Result>, latestMs?: number) => Promise<Result>;

/**
 * With `latestMs`, in ms since 1970, work is left out if its turn has not come by then.
 *
 * On a slow machine a process may take longer to come back than until its next fault. If faults queued up, it would be
 * killed each time it is back, nobody would be served any more, and the run would prove nothing.
 */
export function inTurns(): Turns {
  const last = new Map<string, Promise<unknown>>();
  return (name, work, latestMs = Number.POSITIVE_INFINITY) => {
    const turn = (last.get(name) ?? Promise.resolve()).then(() => {
      if (Date.now() > latestMs) throw new Error(`${name} was not back yet from an earlier fault`);
      return work();
    });
    last.set(
      name,
      turn.catch(() => undefined),
    );
    return turn;
  };
}
