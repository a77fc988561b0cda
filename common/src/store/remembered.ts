import type { mongo } from 'mongoose';
import type { Versioned } from './change.ts';
import type { Loaded } from './loaded.ts';

/** How many states a process remembers of one kind, if the kind does not say: those it wrote last. */
const usual = 1_000;

/**
 * The states that this process wrote last, for a next change that need not load them. What it remembers may be
 * outdated: another replica may have written since, or a person, who need not have raised the version. So a change that
 * starts here is conditional on every field of the state as well.
 */
export interface Remembered<State> {
  note(state: State, writes: number): void;
  forget(id: string): void;
  get(id: string): Loaded<State> | undefined;
}

export function remembered<State extends Versioned>(most = usual): Remembered<State> {
  const states = new Map<string, { state: State; writes: number }>();

  return {
    note(state, writes) {
      states.delete(state.id);
      states.set(state.id, { state, writes });
      if (states.size > most) states.delete(states.keys().next().value ?? '');
    },

    forget(id) {
      states.delete(id);
    },

    get(id) {
      const known = states.get(id);
      // The outbox is not known: events may have been removed since.
      return known && { ...known, outbox: null, changedAt: undefined, condition: fieldsOf(known.state) };
    },
  };
}

function fieldsOf({ id: _, version: __, ...fields }: Versioned): mongo.Document {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
