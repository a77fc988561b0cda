import { z } from 'zod';

/**
 * An e-mail address as it is stored and compared: without surrounding blanks, in lower case, the part before the @ composed (NFC), the domain in its ASCII
 * form (`münchen.de` is `xn--mnchen-3ya.de`). NFC and not NFKC: mail servers may deliver `ﬁ` and `fi` to different people.
 *
 * Text that is no address is only trimmed and put into lower case.
 */
export function normalizedEmail(text: string): string {
  const lower = text.trim().normalize('NFC').toLowerCase().normalize('NFC');
  const at = lower.lastIndexOf('@');
  const domain = asciiDomain(lower.slice(at + 1));
  return at < 0 || domain === undefined ? lower : `${lower.slice(0, at)}@${domain}`;
}

/** An address that mail can be sent to (RFC 5321, RFC 6531), normalized. Quoted local parts and IP literals are refused: nobody has such an address. */
export const EmailAddress = z
  .string()
  .max(1_000, 'must be an e-mail address')
  .transform(normalizedEmail)
  .refine(isEmailAddress, 'must be an e-mail address')
  .describe('At most 254 bytes once its domain is in ASCII; other alphabets than Latin are welcome');

const bytes = (text: string) => new TextEncoder().encode(text).length;

function isEmailAddress(normalized: string): boolean {
  const at = normalized.lastIndexOf('@');
  const [local, domain] = [normalized.slice(0, at), normalized.slice(at + 1)];
  const isLocal = at > 0 && isDotAtom(local) && bytes(local) <= 64;
  return isLocal && isHostName(domain) && asciiDomain(domain) === domain && bytes(normalized) <= 254;
}

/** Letters, digits and the marks RFC 5321 allows, or anything beyond ASCII that can be seen; single dots between them. */
const isDotAtom = (local: string) =>
  /^[^.]+(\.[^.]+)*$/.test(local) && /^([\w.!#$%&'*+/=?^`{|}~-]|[^\p{ASCII}\p{C}\p{Z}\p{DI}])+$/u.test(local);

/** At least two labels of letters, digits and inner hyphens; the last one is no number, for that would be an IP address. */
const isHostName = (domain: string) =>
  domain.length <= 253 &&
  /^([a-z\d]([a-z\d-]{0,61}[a-z\d])?\.)+[a-z\d]([a-z\d-]{0,61}[a-z\d])?$/.test(domain) &&
  !/\.\d+$/.test(domain);

/** What a URL would contain in its place (UTS 46); undefined where there could be none. */
function asciiDomain(domain: string): string | undefined {
  // Anything that means something else in a URL, or that a URL leaves out in silence.
  if (/[\s\p{Cc}/?#@:\\[\]%<>^|]/u.test(domain) || domain === '') return undefined;
  return URL.canParse(`http://${domain}`) ? new URL(`http://${domain}`).hostname : undefined;
}
