/** Keeps what was typed into a form while the user signs in again. Stored per tab and address. */
const keyOf = (): string => `typed ${window.location.pathname}`;

export function keepDraft(form: HTMLFormElement): void {
  const typed = [...new FormData(form)].filter(([, value]) => typeof value === 'string');
  try {
    sessionStorage.setItem(keyOf(), JSON.stringify(typed));
  } catch {
    // The browser does not allow storage, so the form will be empty afterwards.
  }
}

/** Restores what was stored, once. */
export function restoreDraft(form: HTMLFormElement): void {
  for (const [name, value] of taken()) {
    const control = form.elements.namedItem(name);
    if (!(control instanceof HTMLInputElement || control instanceof HTMLSelectElement)) continue;
    control.value = value;
    // Notifies components that listen to the field.
    control.dispatchEvent(new Event(control instanceof HTMLSelectElement ? 'change' : 'input', { bubbles: true }));
  }
}

function taken(): [name: string, value: string][] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(keyOf()) ?? '[]');
    sessionStorage.removeItem(keyOf());
    return Array.isArray(kept) ? kept.filter(isPair) : [];
  } catch {
    return [];
  }
}

const isPair = (it: unknown): it is [string, string] =>
  Array.isArray(it) && typeof it[0] === 'string' && typeof it[1] === 'string';
