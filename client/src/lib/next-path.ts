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

export function signInPath(next: string): string {
  return `/signin?next=${encodeURIComponent(next)}`;
}
