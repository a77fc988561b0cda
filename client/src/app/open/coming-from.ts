/**
 * What the browser says about the page that led here, for auth, which lets no other site sign a browser in. An old
 * browser names only the referrer.
 */
export function comingFrom(asked: Headers): Readonly<Record<string, string>> {
  const site = asked.get('Sec-Fetch-Site');
  if (site !== null) return { 'Sec-Fetch-Site': site };
  const referrer = asked.get('Referer');
  if (!referrer || (URL.canParse(referrer) && new URL(referrer).host === asked.get('Host'))) return {};
  return { 'Sec-Fetch-Site': 'cross-site' };
}
