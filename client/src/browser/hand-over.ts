import { handOverToStore, storedHandOver } from '../lib/hand-over.ts';
import { choicesInTab, takeIntoTab } from './tab-store.ts';

const key = 'hand-over';

/**
 * A link in a mail opens in a tab of its own, which knows nothing of this one. This leaves a note for it: where its
 * reader wanted to go, and what was chosen on that page. A browser may allow no storage; then the link leads to its
 * usual page.
 */
export function handOver(next: string): void {
  const [path = next] = next.split(/[?#]/);
  try {
    localStorage.setItem(key, handOverToStore({ next, kept: choicesInTab(path) }, Date.now()));
  } catch {
    // See above.
  }
}

/** Forgets a note that is too old to be used, or, when somebody signs out, any. */
export function forgetHandOver(which: 'old' | 'any'): void {
  try {
    if (which === 'any' || !storedHandOver(localStorage.getItem(key), Date.now())) localStorage.removeItem(key);
  } catch {
    // There is none either.
  }
}

/** Takes over what another tab has left, once. @returns where its reader wanted to go, if there is anything */
export function takeOver(): string | undefined {
  try {
    const found = storedHandOver(localStorage.getItem(key), Date.now());
    localStorage.removeItem(key);
    if (found) takeIntoTab(found.kept);
    return found?.next;
  } catch {
    return undefined;
  }
}
