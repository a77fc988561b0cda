import { signInPath } from '../lib/next-path.ts';

/** Signing in and out changes every page, so the browser loads anew instead of mending what it shows. */
export function goTo(path: string): void {
  window.location.assign(path);
}

/** To signing in, and then back to this page. */
export function goSignIn(): void {
  goTo(signInPath(`${window.location.pathname}${window.location.search}`));
}
