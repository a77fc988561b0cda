import { decimalsOf, leastPrice, priceFault, showPrice } from '@box-office/common/contracts/money';
import { Currency } from '@box-office/common/contracts/primitives';
import { TicketDetails } from '@box-office/common/contracts/tickets';
import { parsePrice } from './money.ts';
import { type FormFaults, formFaults } from './problem.ts';

export const ticketFields = ['title', 'price', 'currency', 'venue', 'startsAt'] as const;

/** What stands in the fields of the form; `startsAt` as an instant, or as it was typed when that is none. */
export type TypedTicket = Readonly<Record<(typeof ticketFields)[number], string>>;

export type ReadTicket = { readonly details: TicketDetails } | { readonly faults: FormFaults };

/** Reads the sell form by the rules of the platform, and tells every fault at once. */
export function readTicket(typed: TypedTicket): ReadTicket {
  const currency = Currency.safeParse(typed.currency).data ?? 'eur';
  const price = parsePrice(typed.price, currency);
  const read = TicketDetails.safeParse({
    title: typed.title,
    price: price ?? leastPrice(currency),
    currency: typed.currency,
    venue: typed.venue.trim() || null,
    startsAt: typed.startsAt || null,
  });
  const errors = (read.error?.issues ?? []).map(({ path, message }) => ({ field: String(path[0] ?? ''), message }));
  const told = formFaults({ status: 400, code: 'invalid-request', detail: '', errors }, ticketFields);
  const priceWords = priceAdvice(typed.price, price, currency);
  const wrong = priceWords ? { price: priceWords } : {};
  const startsAt = told.fields.startsAt ? { startsAt: 'Choose a day and a time, or leave it empty.' } : {};
  const fields = { ...told.fields, ...wrong, ...startsAt };
  return read.success && Object.keys(fields).length === 0 ? { details: read.data } : { faults: { fields } };
}

function priceAdvice(typed: string, price: number | undefined, currency: Currency): string | undefined {
  if (!typed.trim()) return 'Write a price.';
  if (price === undefined) {
    return decimalsOf(currency) === 0
      ? 'Write a price without decimals, like 1500.'
      : 'Write a price with at most two decimals, like 19.99.';
  }
  const fault = priceFault(price, currency);
  return fault && `The price ${fault}.`;
}

/** What a seller may ask for, said before they ask for less. */
export const priceHint = (currency: Currency): string => `At least ${showPrice(leastPrice(currency), currency)}.`;

export const currencies: readonly Currency[] = Currency.options;
