import { z } from 'zod';

/**
 * An e-mail address as it is stored and compared: trimmed, in lower case, the part before the @ in NFC, the domain in
 * its ASCII form (`münchen.de` is `xn--mnchen-3ya.de`). NFC rather than NFKC, because mail servers may deliver `ﬁ` and
 * `fi` to different people.
 *
 * Text that is not an address is only trimmed and lower-cased.
 */
export function normalizedEmail(text: string): string {
  const lower = text.trim().normalize('NFC').toLowerCase().normalize('NFC');
  const at = lower.lastIndexOf('@');
  const domain = asciiDomain(lower.slice(at + 1));
  return at < 0 || domain === undefined ? lower : `${lower.slice(0, at)}@${domain}`;
}

/**
 * A normalized address that mail can be sent to (RFC 5321, RFC 6531). Quoted local parts and IP literals are refused,
 * because people do not use them.
 */
export const EmailAddress = z
  .string()
  .max(1_000, 'must be an e-mail address')
  .transform(normalizedEmail)
  .refine(isEmailAddress, 'must be an e-mail address')
  .describe('At most 254 bytes with the domain in ASCII form; all alphabets are allowed');

const bytes = (text: string) => new TextEncoder().encode(text).length;

function isEmailAddress(normalized: string): boolean {
  const at = normalized.lastIndexOf('@');
  const [local, domain] = [normalized.slice(0, at), normalized.slice(at + 1)];
  const isLocal = at > 0 && isDotAtom(local) && bytes(local) <= 64;
  return isLocal && isHostName(domain) && asciiDomain(domain) === domain && bytes(normalized) <= 254;
}

/** Letters, digits, the marks that RFC 5321 allows, and visible characters beyond ASCII, separated by single dots. */
const isDotAtom = (local: string) =>
  /^[^.]+(\.[^.]+)*$/.test(local) && /^([\w.!#$%&'*+/=?^`{|}~-]|[^\p{ASCII}\p{C}\p{Z}\p{DI}])+$/u.test(local);

/** At least two labels of letters, digits and inner hyphens. The last one is not a number, as in an IP address. */
const isHostName = (domain: string) =>
  domain.length <= 253 &&
  /^([a-z\d]([a-z\d-]{0,61}[a-z\d])?\.)+[a-z\d]([a-z\d-]{0,61}[a-z\d])?$/.test(domain) &&
  !/\.\d+$/.test(domain);

/** The domain's form in a URL (UTS 46); undefined if it has none. */
function asciiDomain(domain: string): string | undefined {
  // Characters that mean something else in a URL, or that URL parsing silently drops.
  if (/[\s\p{Cc}/?#@:\\[\]%<>^|]/u.test(domain) || domain === '') return undefined;
  return URL.canParse(`http://${domain}`) ? new URL(`http://${domain}`).hostname : undefined;
}
