/**
 * Where to go after signing in: a path on this site, or the front page.
 *
 * Anything that a browser would read as another site's address (`//evil`, `/\evil`, `https:…`, tabs inside) is refused.
 */
export function safeNext(next: string | null | undefined): string {
  if (!next?.startsWith('/')) return '/';
  const here = 'http://here.invalid';
  const url = URL.canParse(next, here) ? new URL(next, here) : undefined;
  if (url?.origin !== here) return '/';
  // `/.//evil` resolves to a path that on its own would be another site's address.
  const path = `${url.pathname}${url.search}${url.hash}`;
  return path.startsWith('//') ? '/' : path;
}

/** Where to sign in. `ended` if the reader was signed in, who is told there that this is over. */
export function signInPath(next: string, { ended = false } = {}): string {
  return `/signin?next=${encodeURIComponent(next)}${ended ? '&ended=1' : ''}`;
}
