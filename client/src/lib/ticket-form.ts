import { decimalsOf, leastPrice, priceFault, showPrice } from '@box-office/common/contracts/money';
import { Currency } from '@box-office/common/contracts/primitives';
import type { Ticket, TicketChanges } from '@box-office/common/contracts/tickets';
import { TicketDetails } from '@box-office/common/contracts/tickets';
import { parsePrice } from './money.ts';
import { type FormFaults, formFaults } from './problem.ts';
import { showThere } from './when.ts';
import { instantsAt, isKnownZone, localIn, placeOf } from './zone.ts';

export const ticketFields = ['title', 'price', 'currency', 'venue', 'startsAt', 'timeZone'] as const;

/** The field values of the form; `startsAt` is the typed local time. */
export type TypedTicket = Readonly<Record<(typeof ticketFields)[number], string>>;

export type ReadTicket = { readonly details: TicketDetails } | { readonly faults: FormFaults };

/**
 * Parses the sell form by the platform's rules, and reports all faults at once.
 *
 * @param known the ticket being edited: an unchanged start keeps its seconds and may be in the past
 */
export function readTicket(typed: TypedTicket, now: Date, known?: Ticket): ReadTicket {
  const currency = Currency.safeParse(typed.currency).data ?? 'eur';
  const price = parsePrice(typed.price, currency);
  const start = readStart(typed, now, known);
  const read = TicketDetails.safeParse({
    title: typed.title,
    price: price ?? leastPrice(currency),
    currency: typed.currency,
    venue: typed.venue.trim() || null,
    startsAt: start.instant,
    timeZone: start.instant && typed.timeZone,
  });
  const errors = (read.error?.issues ?? []).map(({ path, message }) => ({ field: String(path[0] ?? ''), message }));
  const invalid = formFaults({ status: 400, code: 'invalid-request', detail: '', errors }, ticketFields);
  const priceWords = priceAdvice(typed.price, price, currency);
  const wrong = priceWords ? { price: priceWords } : {};
  const startsAt = start.fault ? { startsAt: start.fault } : {};
  const fields = { ...invalid.fields, ...wrong, ...startsAt };
  return read.success && Object.keys(fields).length === 0 ? { details: read.data } : { faults: { fields } };
}

/** The changed fields of a ticket: an edit sends nothing else, so that nothing else is validated. */
export function changesTo(ticket: Ticket, details: TicketDetails): TicketChanges {
  const before: Record<string, unknown> = { ...ticket, timeZone: ticket.timeZone ?? null };
  return Object.fromEntries(Object.entries(details).filter(([field, value]) => before[field] !== value));
}

/** The zone in which a ticket's times are typed. Tickets listed without one are shown in UTC. */
export const zoneOf = ({ startsAt, timeZone }: Ticket): string | undefined =>
  timeZone ?? (startsAt === null ? undefined : 'UTC');

interface Start {
  readonly instant: string | null;
  readonly fault?: string;
}

function readStart({ startsAt, timeZone }: TypedTicket, now: Date, known: Ticket | undefined): Start {
  if (!startsAt) return { instant: null };
  if (!isKnownZone(timeZone)) return { instant: null, fault: 'Choose the time zone where it takes place.' };
  if (known?.startsAt && timeZone === zoneOf(known) && startsAt === localIn(known.startsAt, timeZone)) {
    return { instant: known.startsAt };
  }
  const [first, ...others] = instantsAt(startsAt, timeZone) ?? [];
  if (first === undefined) {
    const skipped = instantsAt(startsAt, timeZone) !== undefined;
    const fault = skipped
      ? `There is no such time in ${placeOf(timeZone) ?? timeZone}: the clocks skip it that day. Choose an earlier or later one.`
      : 'Choose a day and a time, or leave it empty.';
    return { instant: null, fault };
  }
  // For a local time that occurs twice, the first occurrence that is still in the future.
  const instant = [first, ...others].find((each) => Date.parse(each) > now.getTime());
  return instant ? { instant } : { instant: null, fault: 'Choose a time in the future.' };
}

/** How the platform interprets a time, shown while it is typed. */
export function startHint(local: string, timeZone: string): string {
  const [first, second] = (isKnownZone(timeZone) && instantsAt(local, timeZone)) || [];
  if (!first) return 'Optional. Local time in the time zone below.';
  const there = `${showThere(first, timeZone)}.`;
  return second ? `${there} This time occurs twice that day; this is the first.` : there;
}

function priceAdvice(typed: string, price: number | undefined, currency: Currency): string | undefined {
  if (!typed.trim()) return 'Enter a price.';
  if (price === undefined) {
    return decimalsOf(currency) === 0
      ? 'Enter a price without decimals, like 1500.'
      : 'Enter a price with at most two decimals, like 19.99.';
  }
  const fault = priceFault(price, currency);
  return fault && `The price ${fault}.`;
}

/** The lowest price, shown before the seller enters one. */
export const priceHint = (currency: Currency): string => `At least ${showPrice(leastPrice(currency), currency)}.`;
