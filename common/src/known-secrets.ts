/**
 * Secrets that everybody knows: from our own documents and tests, from those of NATS, Stripe and MongoDB, and from the
 * examples of RFC 7515 and RFC 7517.
 */
const published: ReadonlySet<string> = new Set([
  'sk_test_sandbox',
  'pk_test_sandbox',
  'whsec_sandbox',
  // docs.nats.io, about nkeys.
  'SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY',
  // docs.stripe.com, in its examples.
  'sk_test_4eC39HqLyjWDarjtT1zdp7dc',
  'pk_test_TYooMQauvdEDq54NiTphI7jx',
  'sk_test_tR3PYbcVNZZ796tH88S4VQ2u',
  // Private P-256 keys of the RFCs.
  'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI',
  '870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE',
]);

/** What people leave in an example: `whsec_…`, `sk_test_xxx`, `change-me`, `<password>`, `YOUR_KEY`. */
const placeholder =
  /…|\.{3}|x{4}|\*{3}|^<.*>$|^(?:(?:sk|rk|pk)_(?:test|live)_|whsec_)?(?:change[-_]?me|your[-_].*|(?:my[-_]?)?(?:secret|password|key)|example|test|admin|root|mongo|12345\d*)?$/i;

/** Whether it protects nothing, because it has been published or is what an example has in the place of a secret. */
export const isKnownSecret = (text: string): boolean => published.has(text) || placeholder.test(text);

/** The same of the password in an address; an address without one has none to be known. */
export function hasKnownPassword(address: string): boolean {
  const password = URL.canParse(address) ? decodeURIComponent(new URL(address).password) : '';
  return password !== '' && isKnownSecret(password);
}
