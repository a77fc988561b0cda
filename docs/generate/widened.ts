import type { Break } from './compare.ts';

interface Widened {
  /** The last name of the field's path. */
  readonly field: string;
  /** How `compare` begins to say what has changed. */
  readonly why: string;
  readonly because: string;
}

/**
 * Values that we produce now and never produced in the last release, on purpose. A listener of that release refuses
 * them: during a rollout an old replica puts such an event into the dead letters, from where it is retried after the
 * rollout (docs/operations.md, "Deploy"). Empty again after a release, because then all readers know them.
 */
export const widened: readonly Widened[] = [
  { field: 'price', why: 'minimum was 1 and is 0', because: 'a ticket may be free' },
  {
    field: 'price',
    why: 'maximum was 99999999 and is 999999999',
    because: 'eight digits are too few in rupiah or Lebanese pounds',
  },
  { field: 'amount', why: 'maximum was 99999999 and is 999999999', because: 'a charge is as large as its price' },
  { field: 'currency', why: 'may be ', because: 'tickets may have any currency that Stripe takes' },
];

export const isWidened = (one: Widened, { field, why }: Break): boolean =>
  field.split('.').at(-1) === one.field && why.startsWith(one.why);
