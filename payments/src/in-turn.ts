import { both, type Hint, type Settle } from './hint.ts';

/** A run that has not started yet. */
interface Waiting {
  hint: Hint;
  readonly result: Promise<void>;
}

/**
 * Settles each payment once at a time in this process: a webhook usually arrives while the step that caused it is
 * still being stored, and would only read everything again. Calls that arrive meanwhile share one further run. It
 * starts after all of them, so it sees whatever they were about.
 */
export function inTurn(settle: Settle): Settle {
  const running = new Map<string, Promise<void>>();
  const waiting = new Map<string, Waiting>();

  function run(orderId: string, hint: Hint): Promise<void> {
    const result = settle(orderId, hint).finally(() => {
      if (running.get(orderId) === result) running.delete(orderId);
    });
    running.set(orderId, result);
    return result;
  }

  return (orderId, hint = {}) => {
    const before = running.get(orderId);
    if (!before) return run(orderId, hint);
    const shared = waiting.get(orderId);
    if (shared) {
      shared.hint = both(shared.hint, hint);
      return shared.result;
    }
    const next: Waiting = {
      hint,
      result: before
        .catch(() => {})
        .then(() => {
          waiting.delete(orderId);
          return run(orderId, next.hint);
        }),
    };
    waiting.set(orderId, next);
    return next.result;
  };
}
