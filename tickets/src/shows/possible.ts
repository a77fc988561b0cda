import { priceFault } from '@box-office/common/contracts/money';
import type { Currency } from '@box-office/common/contracts/primitives';
import { mostUnits } from '@box-office/common/contracts/shows';
import { type FieldError, invalidRequest } from '@box-office/common/problem';

/** The parts of a show that have to fit together. */
interface Plan {
  readonly startsAt: string;
  readonly endsAt: string | null;
  readonly currency: Currency;
  readonly kinds: readonly PlannedKind[];
}

interface PlannedKind {
  readonly name: string;
  readonly price: number;
  readonly quantity: number;
  readonly made: number;
  readonly salesFrom: string | null;
  readonly salesUntil: string | null;
  readonly seats: readonly string[] | null;
}

/** A show before it is edited. */
export interface Before {
  readonly show: Plan;
  /** Where the request names each of its kinds, if it does. */
  readonly positions: readonly (number | undefined)[];
}

/** The most tickets of a show that are ever made: what was taken off sale of one kind may be added to another. */
const mostMade = 2 * mostUnits;
/** The most bytes of all labels together: they are announced in one message. */
const mostLabelBytes = 400_000;

/**
 * Checks a new show, or an edited one: what has not changed is not checked against the time and Stripe's limits again.
 *
 * @throws Problem 400 `invalid-request`, naming each field that does not fit the others. Instants are compared as
 * strings, because `Instant` puts all of them into the same form.
 */
export function mustBePossible(show: Plan, now: Date, before?: Before): void {
  const errors = [...timeFaults(show, now, before), ...kindsFaults(show)];
  for (const [index, kind] of show.kinds.entries()) {
    const position = before ? before.positions[index] : index;
    for (const { field, message } of kindFaults(show, kind, before?.show.kinds[index])) {
      // Only a new start can be at odds with a kind that the request does not name.
      if (position === undefined) errors.push({ field: 'startsAt', message: `${kind.name}: ${field} ${message}` });
      else errors.push({ field: `kinds.${position}.${field}`, message });
    }
  }
  if (errors.length > 0) throw invalidRequest(errors);
}

function* timeFaults({ startsAt, endsAt }: Plan, now: Date, before?: Before): Generator<FieldError> {
  const isNew = startsAt !== before?.show.startsAt;
  if (isNew && startsAt <= now.toISOString()) yield { field: 'startsAt', message: 'must be in the future' };
  if (endsAt && endsAt <= startsAt) yield { field: 'endsAt', message: 'must be after startsAt' };
}

function* kindsFaults({ kinds }: Plan): Generator<FieldError> {
  const units = kinds.reduce((sum, { quantity }) => sum + quantity, 0);
  if (units > mostUnits) {
    yield { field: 'kinds', message: `must hold at most ${mostUnits} tickets altogether, not ${units}` };
  }
  const made = kinds.reduce((sum, kind) => sum + Math.max(kind.quantity, kind.made), 0);
  if (made > mostMade) {
    yield { field: 'kinds', message: `must not lead to more than ${mostMade} tickets, with those taken off sale` };
  }
  const bytes = kinds.reduce((sum, { seats }) => sum + Buffer.byteLength(JSON.stringify(seats ?? [])), 0);
  if (bytes > mostLabelBytes) {
    yield { field: 'kinds', message: `must have labels of at most ${mostLabelBytes} bytes altogether` };
  }
}

function* kindFaults({ startsAt, currency }: Plan, kind: PlannedKind, before?: PlannedKind): Generator<FieldError> {
  const { price, quantity, salesFrom, salesUntil, seats } = kind;
  const unpayable = price === before?.price ? undefined : priceFault(price, currency);
  if (unpayable) yield { field: 'price', message: `${unpayable}, or 0 for free` };
  if (salesFrom && salesFrom >= startsAt) yield { field: 'salesFrom', message: 'must be before startsAt' };
  if (salesUntil && salesUntil > startsAt) yield { field: 'salesUntil', message: 'must not be after startsAt' };
  if (salesFrom && salesUntil && salesUntil <= salesFrom) {
    yield { field: 'salesUntil', message: 'must be after salesFrom' };
  }
  if (seats === null) return;
  if (!before && seats.length !== quantity) {
    yield { field: 'seats', message: `must be as many as quantity: ${quantity}, not ${seats.length}` };
  }
  // Seats that were taken off sale keep their labels.
  if (before && seats.length < quantity) {
    yield { field: 'quantity', message: `must be at most ${seats.length}, because further seats need labels` };
  }
  const twice = firstRepeated(seats);
  if (twice !== undefined) {
    yield { field: before ? 'addSeats' : 'seats', message: `must differ from each other: ${twice} is there twice` };
  }
}

function firstRepeated(labels: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return labels.find((label) => seen.size === seen.add(label).size);
}
