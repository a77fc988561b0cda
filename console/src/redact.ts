/** What stands in the place of a secret. */
const blot = '•••';

/** Names of fields that hold secrets, wherever they stand: headers, events, log lines, rows of the sandbox. */
const secretName =
  /^(key|link|seed|otp|pin|jwt|sid)$|authorization|cookie|passw|secret|token|api[-_]?key|private[-_]?key|signature|credential/i;

/** Secrets that are known by their form, in any text. */
const secretForms: readonly RegExp[] = [
  /\b(sk|rk)_(test|live)_\w+/g,
  /\bwhsec_\w+/g,
  /\b\w+_secret_\w+/g,
  // A signed identity (JWT).
  /\beyJ[\w-]+\.[\w-]+\.[\w-]+/g,
  // A seed of NATS.
  /\bS[UAO][A-Z2-7]{56}\b/g,
  // User and password in an address.
  /(?<=:\/\/)[^/\s:@]+:[^/\s@]+(?=@)/g,
  // What links carry in their query or fragment, and bearers in a header.
  /(?<=[?&#](?:token|key|secret|code|client_secret|payment_intent_client_secret)=)[^&\s"'<>]+/gi,
  /(?<=\bbearer\s+)[\w.~+/-]+=*/gi,
];

/** The text without secrets that are known by their form. */
export const redactText = (text: string): string => secretForms.reduce((left, form) => left.replace(form, blot), text);

/** A copy of the value, without what has the name or the form of a secret. */
export function redact(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value);
  if (Array.isArray(value)) return value.map(redact);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, held]) => {
      const hides = secretName.test(name) && held !== null && typeof held !== 'number' && typeof held !== 'boolean';
      return [name, hides ? blot : redact(held)];
    }),
  );
}

/** As `redact`, for fields by name. */
export const redactFields = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).map(
      ([name, value]) => Object.entries(redact({ [name]: value }) as object)[0] ?? [name, value],
    ),
  );
