/** What was typed into a form, for when signing in again comes between. Kept by this tab, for the form at this address. */
const keyOf = (): string => `typed ${window.location.pathname}`;

export function keepTyped(form: HTMLFormElement): void {
  const typed = [...new FormData(form)].filter(([, value]) => typeof value === 'string');
  try {
    sessionStorage.setItem(keyOf(), JSON.stringify(typed));
  } catch {
    // A browser that keeps nothing: the form is empty afterwards.
  }
}

/** Puts back what was kept, once. */
export function restoreTyped(form: HTMLFormElement): void {
  for (const [name, value] of taken()) {
    const control = form.elements.namedItem(name);
    if (!(control instanceof HTMLInputElement || control instanceof HTMLSelectElement)) continue;
    control.value = value;
    // For whoever follows the field.
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
