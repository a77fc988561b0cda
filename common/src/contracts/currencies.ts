/** What Stripe takes in a currency. Amounts are in the unit that its API counts in. */
export interface CurrencyRules {
  /** How many digits of an amount are behind the decimal point: 1500 is 15.00 where it is 2, and 1500 where it is 0. */
  readonly exponent: 0 | 2;
  /** The smallest charge. */
  readonly least: number;
  /** The largest charge, if it is not eight digits. */
  readonly most?: number;
  /** Charges are multiples of this. 100 in currencies that Stripe counts in hundredths, although they have none. */
  readonly step?: 100;
}

/** Where eight digits are too few for a ticket, Stripe takes nine with all brands of cards. */
const nineDigits = 999_999_999;

/**
 * The currencies of docs.stripe.com/currencies ("Supported presentment currencies", "Zero-decimal currencies", "Special
 * cases", "Minimum charge amount by currency", "Maximum charge amounts"), as of 2026, without those that are no longer
 * money (`ang`, `bgn`, `hrk`, `std`) and those with three decimals.
 *
 * What Stripe names as the smallest charge holds if the shop is paid out in the same currency. Otherwise the amount
 * must be worth as much as the smallest charge of the currency that it is paid out in, at the rate of the day: then
 * Stripe may refuse a price that is allowed here, and payments answers `amount-refused`.
 */
const named = {
  aed: { exponent: 2, least: 200 },
  ars: { exponent: 2, least: 50 },
  aud: { exponent: 2, least: 50 },
  brl: { exponent: 2, least: 50 },
  cad: { exponent: 2, least: 50 },
  chf: { exponent: 2, least: 50 },
  cop: { exponent: 2, least: 50, most: nineDigits },
  czk: { exponent: 2, least: 1_500 },
  dkk: { exponent: 2, least: 250 },
  eur: { exponent: 2, least: 50 },
  gbp: { exponent: 2, least: 30 },
  hkd: { exponent: 2, least: 400 },
  huf: { exponent: 2, least: 17_500, most: nineDigits },
  idr: { exponent: 2, least: 50, most: nineDigits },
  ils: { exponent: 2, least: 50 },
  inr: { exponent: 2, least: 50, most: nineDigits },
  jpy: { exponent: 0, least: 50, most: nineDigits },
  krw: { exponent: 0, least: 50 },
  mxn: { exponent: 2, least: 1_000 },
  myr: { exponent: 2, least: 200 },
  nok: { exponent: 2, least: 300 },
  nzd: { exponent: 2, least: 50 },
  php: { exponent: 2, least: 50 },
  pln: { exponent: 2, least: 200 },
  ron: { exponent: 2, least: 200 },
  rub: { exponent: 2, least: 50 },
  sek: { exponent: 2, least: 300 },
  sgd: { exponent: 2, least: 50 },
  thb: { exponent: 2, least: 1_000 },
  usd: { exponent: 2, least: 50 },
  zar: { exponent: 2, least: 50 },
} as const satisfies Record<string, CurrencyRules>;

/**
 * Currencies for which Stripe names no smallest charge. It must be worth half a US dollar, at the rate of the day.
 * These amounts are worth about one dollar at the rates of 2026, rounded up, so a currency can lose half its value
 * before Stripe refuses what is allowed here.
 */
const unnamed = {
  afn: { exponent: 2, least: 8_000 },
  all: { exponent: 2, least: 10_000 },
  amd: { exponent: 2, least: 40_000 },
  aoa: { exponent: 2, least: 100_000 },
  awg: { exponent: 2, least: 200 },
  azn: { exponent: 2, least: 200 },
  bam: { exponent: 2, least: 200 },
  bbd: { exponent: 2, least: 200 },
  bdt: { exponent: 2, least: 15_000 },
  bif: { exponent: 0, least: 3_000 },
  bmd: { exponent: 2, least: 100 },
  bnd: { exponent: 2, least: 150 },
  bob: { exponent: 2, least: 1_500 },
  bsd: { exponent: 2, least: 100 },
  bwp: { exponent: 2, least: 1_500 },
  byn: { exponent: 2, least: 400 },
  bzd: { exponent: 2, least: 200 },
  cdf: { exponent: 2, least: 300_000 },
  clp: { exponent: 0, least: 1_000 },
  cny: { exponent: 2, least: 800 },
  crc: { exponent: 2, least: 60_000 },
  cve: { exponent: 2, least: 10_000 },
  djf: { exponent: 0, least: 200 },
  dop: { exponent: 2, least: 7_000 },
  dzd: { exponent: 2, least: 15_000 },
  egp: { exponent: 2, least: 6_000 },
  etb: { exponent: 2, least: 20_000 },
  fjd: { exponent: 2, least: 250 },
  fkp: { exponent: 2, least: 100 },
  gel: { exponent: 2, least: 300 },
  gip: { exponent: 2, least: 100 },
  gmd: { exponent: 2, least: 8_000 },
  gnf: { exponent: 0, least: 9_000 },
  gtq: { exponent: 2, least: 800 },
  gyd: { exponent: 2, least: 25_000 },
  hnl: { exponent: 2, least: 3_000 },
  htg: { exponent: 2, least: 15_000 },
  isk: { exponent: 2, least: 15_000, step: 100 },
  jmd: { exponent: 2, least: 20_000 },
  kes: { exponent: 2, least: 15_000 },
  kgs: { exponent: 2, least: 10_000 },
  khr: { exponent: 2, least: 500_000 },
  kmf: { exponent: 0, least: 500 },
  kyd: { exponent: 2, least: 100 },
  kzt: { exponent: 2, least: 60_000 },
  lak: { exponent: 2, least: 2_500_000 },
  lbp: { exponent: 2, least: 10_000_000, most: nineDigits },
  lkr: { exponent: 2, least: 35_000 },
  lrd: { exponent: 2, least: 20_000 },
  lsl: { exponent: 2, least: 2_000 },
  mad: { exponent: 2, least: 1_000 },
  mdl: { exponent: 2, least: 2_000 },
  mga: { exponent: 0, least: 5_000 },
  mkd: { exponent: 2, least: 6_000 },
  mmk: { exponent: 2, least: 500_000 },
  mnt: { exponent: 2, least: 400_000 },
  mop: { exponent: 2, least: 1_000 },
  mur: { exponent: 2, least: 5_000 },
  mvr: { exponent: 2, least: 2_000 },
  mwk: { exponent: 2, least: 400_000 },
  mzn: { exponent: 2, least: 8_000 },
  nad: { exponent: 2, least: 2_000 },
  ngn: { exponent: 2, least: 200_000 },
  nio: { exponent: 2, least: 4_000 },
  npr: { exponent: 2, least: 15_000 },
  pab: { exponent: 2, least: 100 },
  pen: { exponent: 2, least: 400 },
  pgk: { exponent: 2, least: 500 },
  pkr: { exponent: 2, least: 30_000 },
  pyg: { exponent: 0, least: 8_000 },
  qar: { exponent: 2, least: 400 },
  rsd: { exponent: 2, least: 12_000 },
  rwf: { exponent: 0, least: 1_500 },
  sar: { exponent: 2, least: 400 },
  sbd: { exponent: 2, least: 1_000 },
  scr: { exponent: 2, least: 1_500 },
  shp: { exponent: 2, least: 100 },
  sle: { exponent: 2, least: 3_000 },
  sos: { exponent: 2, least: 60_000 },
  srd: { exponent: 2, least: 4_000 },
  szl: { exponent: 2, least: 2_000 },
  tjs: { exponent: 2, least: 1_200 },
  top: { exponent: 2, least: 250 },
  try: { exponent: 2, least: 6_000 },
  ttd: { exponent: 2, least: 800 },
  twd: { exponent: 2, least: 3_500 },
  tzs: { exponent: 2, least: 300_000 },
  uah: { exponent: 2, least: 5_000 },
  ugx: { exponent: 2, least: 400_000, step: 100 },
  uyu: { exponent: 2, least: 5_000 },
  uzs: { exponent: 2, least: 1_500_000 },
  vnd: { exponent: 0, least: 30_000 },
  vuv: { exponent: 0, least: 150 },
  wst: { exponent: 2, least: 300 },
  xaf: { exponent: 0, least: 600 },
  xcd: { exponent: 2, least: 300 },
  xcg: { exponent: 2, least: 200 },
  xof: { exponent: 0, least: 600 },
  xpf: { exponent: 0, least: 120 },
  yer: { exponent: 2, least: 200_000 },
  zmw: { exponent: 2, least: 3_000 },
} as const satisfies Record<string, CurrencyRules>;

export const currencies = { ...named, ...unnamed };
export type CurrencyCode = keyof typeof currencies;

/** ISO 4217's currencies with three decimals, which are refused. */
export const threeDecimals: readonly string[] = ['bhd', 'iqd', 'jod', 'kwd', 'lyd', 'omr', 'tnd'];
