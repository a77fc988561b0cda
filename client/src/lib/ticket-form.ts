import { Currency } from '@box-office/common/contracts/primitives';
import { TicketDetails } from '@box-office/common/contracts/tickets';
import { decimalsOf, parsePrice } from './money.ts';
import { type FormFaults, formFaults } from './problem.ts';

export const ticketFields = ['title', 'price', 'currency', 'venue', 'startsAt'] as const;

/** What stands in the fields of the form; `startsAt` as an instant, or as it was typed when that is none. */
export type TypedTicket = Readonly<Record<(typeof ticketFields)[number], string>>;

export type ReadTicket = { readonly details: TicketDetails } | { readonly faults: FormFaults };

/** Reads the sell form by the rules of the platform, and tells every fault at once. */
export function readTicket(typed: TypedTicket): ReadTicket {
  const price = parsePrice(typed.price, typed.currency);
  const read = TicketDetails.safeParse({
    title: typed.title,
    price: price ?? 1,
    currency: typed.currency,
    venue: typed.venue.trim() || null,
    startsAt: typed.startsAt || null,
  });
  const errors = (read.error?.issues ?? []).map(({ path, message }) => ({ field: String(path[0] ?? ''), message }));
  const told = formFaults({ status: 400, code: 'invalid-request', detail: '', errors }, ticketFields);
  const wrong = price === undefined || told.fields.price ? { price: priceHint(typed) } : {};
  const startsAt = told.fields.startsAt ? { startsAt: 'Choose a day and a time, or leave it empty.' } : {};
  const fields = { ...told.fields, ...wrong, ...startsAt };
  return read.success && Object.keys(fields).length === 0 ? { details: read.data } : { faults: { fields } };
}

function priceHint({ currency, price }: TypedTicket): string {
  if (!price.trim()) return 'Write a price.';
  return decimalsOf(currency) === 0
    ? 'Write a price above 0 without decimals, like 1500.'
    : 'Write a price above 0 with at most two decimals, like 19.99.';
}

export const currencies: readonly string[] = Currency.options;
