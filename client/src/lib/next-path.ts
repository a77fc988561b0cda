/**
 * Where to go after signing in: a path of this site, or the front page.
 *
 * Whatever a browser would read as another site's address (`//evil`, `/\evil`, `https:…`, tabs inside) is refused.
 */
export function safeNext(next: string | null | undefined): string {
  if (!next?.startsWith('/')) return '/';
  const here = 'http://here.invalid';
  const url = URL.canParse(next, here) ? new URL(next, here) : undefined;
  if (url?.origin !== here) return '/';
  // `/.//evil` resolves to a path that would be another site's address by itself.
  const path = `${url.pathname}${url.search}${url.hash}`;
  return path.startsWith('//') ? '/' : path;
}

export function signInPath(next: string): string {
  return `/signin?next=${encodeURIComponent(next)}`;
}
