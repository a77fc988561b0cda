import type { Aggregates } from './aggregates.ts';
import type { Change, Versioned } from './change.ts';

/**
 * The same aggregates; `saw` receives each change that this process has written, once, after the write, with the state
 * before it (null for a new aggregate). For metrics: a crash between the write and the call loses it.
 */
export function observed<State extends Versioned>(
  store: Aggregates<State>,
  saw: (change: Change<State>, before: State | null) => void,
): Aggregates<State> {
  return {
    ...store,
    async add(change) {
      const state = await store.add(change);
      saw(change, null);
      return state;
    },
    async change(id, decide, from) {
      let last: { readonly change: Change<State>; readonly before: State } | undefined;
      const state = await store.change(
        id,
        (before) => {
          const change = decide(before);
          // The last decision is the one that was written.
          last = { change, before };
          return change;
        },
        from,
      );
      if (last?.change.changed) saw(last.change, last.before);
      return state;
    },
  };
}
