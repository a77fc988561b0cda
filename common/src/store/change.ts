import type { EventContract, Snapshot } from '../contracts/event.ts';

/** What the state of every aggregate has. */
export interface Versioned {
  readonly id: string;
  /** Rises by one with each announced change, from 0; set by the store, never by a decision. */
  readonly version: number;
}

/** The result of a decision: the next state and the events that announce it. No IO has happened yet. */
export interface Change<State> {
  readonly next: State;
  readonly announce: readonly EventContract[];
  /** False when nothing is to be written. */
  readonly changed: boolean;
}

/**
 * The aggregate becomes `next`, announced by these events. Without any, only its owner sees the change: it is stored,
 * and the version stays.
 */
export function changed<State, Data extends Snapshot>(next: State, ...announce: EventContract<Data>[]): Change<State> {
  return { next, announce, changed: true };
}

/** Nothing to do: a repeated or late message, or a request that is already fulfilled. */
export function unchanged<State>(state: State): Change<State> {
  return { next: state, announce: [], changed: false };
}
