import { signInPath } from '../lib/next-path.ts';

/** Signing in and out changes every page, so the browser reloads instead of updating the current one. */
export function goTo(path: string): void {
  window.location.assign(path);
}

/** After the session has ended: goes to the sign-in page, which says so, and from there back to this page. */
export function goSignIn(): void {
  goTo(signInPath(`${window.location.pathname}${window.location.search}`, { ended: true }));
}
