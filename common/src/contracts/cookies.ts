export interface CookieNames {
  /** The session cookie. */
  readonly session: string;
  /** Marks a browser that has signed in before. */
  readonly knownBrowser: string;
}

/**
 * The names of the cookies that a shop at `publicOrigin` sets. Browsers share cookies between the ports of a host, so a
 * port other than 80 or 443 is part of the name; otherwise two shops on one host would sign each other's users out.
 * Under https the prefixes prevent plain-http pages and sibling domains from setting them.
 */
export function cookieNames(publicOrigin: string): CookieNames {
  const { protocol, port } = new URL(publicOrigin);
  const suffix = port === '' ? '' : `-${port}`;
  return protocol === 'https:'
    ? { session: `__Host-session${suffix}`, knownBrowser: `__Secure-known-browser${suffix}` }
    : { session: `session${suffix}`, knownBrowser: `known-browser${suffix}` };
}
