/**
 * What a visitor has entered on a page, so that it survives signing in and reloading. Kept per tab and address. A
 * browser may allow no storage; then nothing is kept.
 */
export function keepInTab(name: string, value: unknown): void {
  try {
    sessionStorage.setItem(keyOf(name), JSON.stringify(value));
  } catch {
    // The page will be empty afterwards.
  }
}

/** What was kept under this name; undefined if nothing was. */
export function keptInTab(name: string): unknown {
  try {
    return JSON.parse(sessionStorage.getItem(keyOf(name)) ?? 'null') ?? undefined;
  } catch {
    return undefined;
  }
}

export function forgetInTab(name: string): void {
  try {
    sessionStorage.removeItem(keyOf(name));
  } catch {
    // Nothing was kept either.
  }
}

/** What was chosen on the page with this path, by key; not what was typed, which must not outlive the tab. */
export function choicesInTab(path: string): Record<string, string> {
  try {
    const keys = Object.keys(sessionStorage).filter((key) => key.endsWith(` ${path}`) && !key.startsWith('typed '));
    return Object.fromEntries(keys.map((key) => [key, sessionStorage.getItem(key) ?? '']));
  } catch {
    return {};
  }
}

/** Keeps in this tab what another has kept. */
export function takeIntoTab(kept: Readonly<Record<string, string>>): void {
  try {
    for (const [key, value] of Object.entries(kept)) sessionStorage.setItem(key, value);
  } catch {
    // The page will be empty.
  }
}

const keyOf = (name: string): string => `${name} ${window.location.pathname}`;
