import { inWords, lookOf, type State } from '../lib/states.ts';

/** The state of an order or a ticket in one word. */
export function Badge({ state }: { readonly state: State }) {
  return <span className={`badge badge-${lookOf(state)}`}>{inWords(state)}</span>;
}
