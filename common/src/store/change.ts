import type { EventContract, Snapshot } from '../contracts/event.ts';

/** What every aggregate's state holds, whatever else it does. */
export interface Versioned {
  readonly id: string;
  /** Rises by one with each change, from 0; kept by the store, never by a decision. */
  readonly version: number;
}

/** What a decision comes to: the next state and which events announce it. No IO happened yet. */
export interface Change<State> {
  readonly next: State;
  readonly announce: readonly EventContract[];
  /** False when nothing is to be written. */
  readonly changed: boolean;
}

/** The aggregate becomes `next`, and these events say so. */
export function changed<State, Data extends Snapshot>(next: State, ...announce: EventContract<Data>[]): Change<State> {
  return { next, announce, changed: true };
}

/** Nothing to do: a repeated or late message, or a wish already fulfilled. */
export function unchanged<State>(state: State): Change<State> {
  return { next: state, announce: [], changed: false };
}
