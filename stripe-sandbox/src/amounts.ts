import { invalid } from './refusal.ts';

/** docs.stripe.com/currencies, "Minimum charge amount by currency", as of 2026. In the unit that the API counts in. */
const smallest: Record<string, number> = {
  aed: 200,
  ars: 50,
  aud: 50,
  brl: 50,
  cad: 50,
  chf: 50,
  cop: 50,
  czk: 1500,
  dkk: 250,
  eur: 50,
  gbp: 30,
  hkd: 400,
  huf: 17500,
  idr: 50,
  ils: 50,
  inr: 50,
  jpy: 50,
  krw: 50,
  mxn: 1000,
  myr: 200,
  nok: 300,
  nzd: 50,
  php: 50,
  pln: 200,
  ron: 200,
  rub: 50,
  sek: 300,
  sgd: 50,
  thb: 1000,
  usd: 50,
  zar: 50,
};

/** The same page, "Maximum charge amounts": nine digits with all brands of cards; elsewhere eight. */
const nineDigits = new Set(['cop', 'huf', 'idr', 'inr', 'jpy', 'lbp']);

/** The same page, "Special cases": counted in hundredths, of which there may be none. */
const wholeOnly = new Set(['isk', 'ugx']);

/** The same page, "Zero-decimal currencies". */
const zeroDecimal = new Set('bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf'.split(' '));

/**
 * Refuses what Stripe refuses. Where it names no smallest charge, the amount must be worth half a US dollar at the rate
 * of the day; the sandbox knows no rates and takes any.
 */
export function checkAmount(amount: number, inCurrency: string): void {
  const least = smallest[inCurrency] ?? 1;
  const most = nineDigits.has(inCurrency) ? 999_999_999 : 99_999_999;
  if (amount < 1)
    throw invalid('This value must be greater than or equal to 1.', 'amount', 'parameter_invalid_integer');
  if (amount < least) {
    throw invalid(
      `Amount must be at least ${least} in the smallest unit of ${inCurrency}.`,
      'amount',
      'amount_too_small',
    );
  }
  if (amount > most) throw invalid(`Amount must be no more than ${most}.`, 'amount', 'amount_too_large');
  if (wholeOnly.has(inCurrency) && amount % 100 !== 0) {
    throw invalid(
      `Invalid amount. Currency ${inCurrency.toUpperCase()} has become effectively zero-decimal and charged amounts must be evenly divisible by 100.`,
      'amount',
      'invalid_charge_amount_no_decimal_compatible',
    );
  }
}

/** In the decimals of its currency: 1500 is €15.00, or ¥1,500. */
export function inWords({ amount, currency }: { readonly amount: number; readonly currency: string }): string {
  const format = new Intl.NumberFormat('en', {
    style: 'currency',
    currency: currency.toUpperCase(),
    ...(wholeOnly.has(currency) || zeroDecimal.has(currency)
      ? { maximumFractionDigits: 0 }
      : { minimumFractionDigits: 2 }),
  });
  return format.format(zeroDecimal.has(currency) ? amount : amount / 100);
}
