import { decimalsOf, leastPrice, priceFault, showPrice } from '@box-office/common/contracts/money';
import { Currency } from '@box-office/common/contracts/primitives';
import type { Ticket, TicketChanges } from '@box-office/common/contracts/tickets';
import { TicketDetails } from '@box-office/common/contracts/tickets';
import { readTime, timeHint } from './local-time.ts';
import { parsePrice } from './money.ts';
import { type FormFaults, formFaults } from './problem.ts';

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
  // An unchanged time in another zone is another start.
  const shown = known && typed.timeZone === zoneOf(known) ? (known.startsAt ?? undefined) : undefined;
  const start = readTime({ typed: typed.startsAt, timeZone: typed.timeZone, known: shown, now });
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

/** How the platform interprets a time, shown while it is typed. */
export const startHint = (local: string, timeZone: string): string =>
  timeHint(local, timeZone) ?? 'Optional. Local time in the time zone below.';

/** What is wrong with a typed price; undefined if nothing is. */
export function priceAdvice(typed: string, price: number | undefined, currency: Currency): string | undefined {
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
export const priceHint = (currency: Currency): string =>
  `At least ${showPrice(leastPrice(currency), currency)}, or 0 if it is free.`;
