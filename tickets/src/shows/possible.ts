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
  readonly price: number;
  readonly quantity: number;
  readonly salesFrom: string | null;
  readonly salesUntil: string | null;
  readonly seats: readonly string[] | null;
}

/**
 * @throws Problem 400 `invalid-request`, naming each field that does not fit the others. Instants are compared as
 * strings, because `Instant` puts all of them into the same form.
 */
export function mustBePossible(show: Plan, now: Date): void {
  const errors = [...timeFaults(show, now), ...show.kinds.flatMap((kind, index) => kindFaults(show, kind, index))];
  const units = show.kinds.reduce((sum, { quantity }) => sum + quantity, 0);
  if (units > mostUnits) {
    errors.push({ field: 'kinds', message: `must hold at most ${mostUnits} tickets altogether, not ${units}` });
  }
  if (errors.length > 0) throw invalidRequest(errors);
}

function* timeFaults({ startsAt, endsAt }: Plan, now: Date): Generator<FieldError> {
  if (startsAt <= now.toISOString()) yield { field: 'startsAt', message: 'must be in the future' };
  if (endsAt !== null && endsAt <= startsAt) yield { field: 'endsAt', message: 'must be after startsAt' };
}

function kindFaults({ startsAt, currency }: Plan, kind: PlannedKind, index: number): FieldError[] {
  const { price, quantity, salesFrom, salesUntil, seats } = kind;
  const faults: FieldError[] = [];
  const fault = (field: keyof PlannedKind, message: string) =>
    faults.push({ field: `kinds.${index}.${field}`, message });

  const unpayable = price === 0 ? undefined : priceFault(price, currency);
  if (unpayable) fault('price', `${unpayable}, or 0 for free`);
  if (salesFrom !== null && salesFrom >= startsAt) fault('salesFrom', 'must be before startsAt');
  if (salesUntil !== null && salesUntil > startsAt) fault('salesUntil', 'must not be after startsAt');
  if (salesFrom !== null && salesUntil !== null && salesUntil <= salesFrom) {
    fault('salesUntil', 'must be after salesFrom');
  }
  if (seats !== null && seats.length !== quantity) {
    fault('seats', `must be as many as quantity: ${quantity}, not ${seats.length}`);
  }
  const twice = seats === null ? undefined : firstRepeated(seats);
  if (twice !== undefined) fault('seats', `must differ from each other: ${twice} is there twice`);
  return faults;
}

function firstRepeated(labels: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return labels.find((label) => seen.size === seen.add(label).size);
}
