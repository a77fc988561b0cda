import { leastPrice } from '@box-office/common/contracts/money';
import { Currency } from '@box-office/common/contracts/primitives';
import {
  type KindChanges,
  type ListedShow,
  mostKinds,
  NewShow,
  type ShowChanges,
} from '@box-office/common/contracts/shows';
import { type ReadTime, readTime } from './local-time.ts';
import { parsePrice } from './money.ts';
import { type Fault, type FormFaults, formFaults } from './problem.ts';
import { seatsIn } from './seats.ts';
import { priceAdvice } from './ticket-form.ts';

const fields = [
  'title',
  'description',
  'venue.name',
  'venue.address',
  'timeZone',
  'startsAt',
  'endsAt',
  'currency',
  'image',
  'perPerson',
];
export const kindFields = ['name', 'price', 'quantity', 'maxPerOrder', 'salesFrom', 'salesUntil', 'seats'] as const;

/** The name of a field of one kind; the platform names it the same way in its messages. */
export const kindField = (index: number, field: (typeof kindFields)[number]): string => `kinds.${index}.${field}`;

/** Of a form with this many kinds. */
export const showFields = (kinds: number): string[] => [
  ...fields,
  ...Array.from({ length: kinds }, (_, index) => kindFields.map((field) => kindField(index, field))).flat(),
];

/** Gives the value of a field of the form. */
export type Typed = (name: string) => string;

export type ReadShow =
  | {
      readonly details: NewShow;
      /** Of a show being edited: the seats to be added to each of its kinds. */
      readonly addSeats: readonly (readonly string[])[];
    }
  | { readonly faults: FormFaults };

/**
 * Parses the form of a show by the platform's rules, and reports all faults at once.
 *
 * @param known the show being edited: unchanged times keep their seconds and may be in the past
 */
export function readShow(typed: Typed, kinds: number, now: Date, known?: ListedShow): ReadShow {
  const currency = Currency.safeParse(typed('currency')).data ?? 'eur';
  const faults: Record<string, string> = {};
  const addSeats: (readonly string[])[] = [];
  const fault = (field: string, words: string | undefined) => {
    if (words) faults[field] ??= words;
  };

  const timeZone = typed('timeZone');
  const time = (field: string, before: string | undefined, inFuture = false): string | null => {
    const unchanged = known?.timeZone === timeZone ? before : undefined;
    const read: ReadTime = readTime({
      typed: typed(field),
      timeZone,
      known: unchanged,
      now: inFuture ? now : undefined,
    });
    fault(field, read.fault);
    return read.instant;
  };
  const startsAt = time('startsAt', known?.startsAt, true);
  if (!startsAt) fault('startsAt', 'Choose a day and a time.');
  const endsAt = time('endsAt', known?.endsAt);
  if (startsAt && endsAt && endsAt <= startsAt) fault('endsAt', 'Choose a time after the start.');

  const read = NewShow.safeParse({
    title: typed('title'),
    description: typed('description').trim() || null,
    venue: { name: typed('venue.name'), address: typed('venue.address').trim() || null },
    timeZone,
    startsAt: startsAt ?? now.toISOString(),
    endsAt,
    currency: typed('currency'),
    image: typed('image').trim() || null,
    perPerson: count('perPerson'),
    kinds: Array.from({ length: kinds }, (_, index) => kindOf(index)),
  });
  const errors = (read.error?.issues ?? []).map(({ path, message }) => ({ field: path.join('.'), message }));
  const invalid = formFaults({ status: 400, code: 'invalid-request', detail: '', errors }, showFields(kinds));
  const all = { ...invalid.fields, ...faults };
  if (read.success && Object.keys(all).length === 0) return { details: read.data, addSeats };
  return { faults: { fields: all, ...(errors.length > 0 && invalid.message ? { message: invalid.message } : {}) } };

  function kindOf(index: number) {
    const name = (field: (typeof kindFields)[number]) => kindField(index, field);
    const before = known?.kinds[index];
    const price = parsePrice(typed(name('price')), currency);
    fault(name('price'), priceAdvice(typed(name('price')), price, currency));
    const seats = seatsIn(typed(name('seats')));
    if (known) addSeats[index] = seats;
    const quantity = count(name('quantity'));
    const said = typed(name('quantity')).trim() !== '';
    if (!said && (known || seats.length === 0)) fault(name('quantity'), 'Enter how many tickets there are.');
    if (!known && said && seats.length > 0 && seats.length !== quantity) {
      fault(
        name('seats'),
        `${seats.length === 1 ? 'This is 1 seat' : `These are ${seats.length} seats`}. Name as many as there are tickets.`,
      );
    }
    const seen = new Set<string>();
    const twice = seats.find((label) => seen.size === seen.add(label).size);
    if (twice !== undefined) fault(name('seats'), `Name each seat once: ${twice} is there twice.`);
    const salesFrom = time(name('salesFrom'), before?.salesFrom);
    const salesUntil = time(name('salesUntil'), before?.salesUntil);
    if (startsAt && salesFrom && salesFrom >= startsAt) fault(name('salesFrom'), 'Choose a time before the start.');
    if (startsAt && salesUntil && salesUntil > startsAt) fault(name('salesUntil'), 'Choose a time before the start.');
    if (salesFrom && salesUntil && salesUntil <= salesFrom) {
      fault(name('salesUntil'), 'Choose a time after the sale begins.');
    }
    return {
      name: typed(name('name')),
      price: price ?? leastPrice(currency),
      quantity: quantity ?? Math.max(seats.length, 1),
      maxPerOrder: count(name('maxPerOrder')),
      salesFrom,
      salesUntil,
      seats: !known && seats.length > 0 ? seats : null,
    };
  }

  /** A typed number; null if nothing was typed. */
  function count(field: string): number | null {
    const digits = typed(field).trim();
    if (digits === '') return null;
    if (/^\d{1,9}$/.test(digits)) return Number(digits);
    fault(field, 'Enter a whole number, like 100.');
    return 1;
  }
}

/** What an edit changes: it sends nothing else, so that nothing else is checked again. */
export function changesToShow(
  show: ListedShow,
  { details, addSeats }: Extract<ReadShow, { details: NewShow }>,
): ShowChanges {
  const { kinds, currency: _, ...facts } = details;
  const changedKinds = kinds.flatMap((kind, index): KindChanges[] => {
    const before = show.kinds[index];
    if (!before) return [];
    const { seats: _, ...wanted } = kind;
    const more = addSeats[index] ?? [];
    const changes = { ...changedIn(before, wanted), ...(more.length > 0 ? { addSeats: [...more] } : {}) };
    return Object.keys(changes).length > 0 ? [{ id: before.id, ...changes }] : [];
  });
  return { ...changedIn(show, facts), ...(changedKinds.length > 0 ? { kinds: changedKinds } : {}) };
}

/** What a refusal of the platform means for the form, of a new show or of changes to the given one. */
export function showFaults(fault: Fault, show?: ListedShow, changes?: ShowChanges): FormFaults {
  if (fault.status === 412) {
    const message =
      'This show has changed since you opened this page. Reload the page to see the current version before you edit it.';
    return { fields: {}, message };
  }
  const tooFew = fault.code === 'fewer-than-held' ? kindWithTooFew(fault.detail, show, changes) : -1;
  if (tooFew >= 0) return { fields: { [kindField(tooFew, 'quantity')]: fault.detail } };
  // An edit names only the kinds that it changes, so their numbers are others than those of the form.
  const indexOf = (sent: number) => show?.kinds.findIndex(({ id }) => id === changes?.kinds?.[sent]?.id) ?? sent;
  const errors = fault.errors.map(({ field, message }) => ({
    field: field
      .replace(/^kinds\.(\d+)/, (_, sent) => `kinds.${changes ? indexOf(Number(sent)) : sent}`)
      .replace('.addSeats', '.seats'),
    message,
  }));
  return formFaults({ ...fault, errors }, showFields(show?.kinds.length ?? mostKinds));
}

/** The number in the form of the kind that is to have fewer tickets than are held; -1 if it could be another one. */
function kindWithTooFew(detail: string, show?: ListedShow, changes?: ShowChanges): number {
  const fewer = changes?.kinds?.filter(({ quantity }) => quantity !== undefined) ?? [];
  const nameOf = ({ id, name }: KindChanges) => name ?? show?.kinds.find((kind) => kind.id === id)?.name;
  const named = fewer.length > 1 ? fewer.filter((it) => detail.includes(`“${nameOf(it)}”`)) : fewer;
  if (named.length !== 1) return -1;
  return show?.kinds.findIndex(({ id }) => id === named[0]?.id) ?? -1;
}

/** The wanted fields that differ from now. Null is wanted for no value, where what we read leaves the field out. */
function changedIn<Wanted extends object>(before: object, wanted: Wanted): Partial<Wanted> {
  const held: Record<string, unknown> = { ...before };
  const text = (value: unknown) => JSON.stringify(value, (_, it) => it ?? undefined);
  const changed = Object.entries(wanted).filter(([field, value]) => text(value) !== text(held[field]));
  // Object.fromEntries forgets the types of the entries.
  return Object.fromEntries(changed) as Partial<Wanted>;
}
