/** Keeps what was typed into a form while the user signs in again. Stored per tab and address. */
const keyOf = (): string => `typed ${window.location.pathname}`;

export function keepDraft(form: HTMLFormElement): void {
  store([...new FormData(form)].filter(([, value]) => typeof value === 'string'));
}

/**
 * Restores what was stored, once. What belongs to fields that are not there yet stays stored: a form whose fields
 * depend on others calls it again when it has more of them.
 */
export function restoreDraft(form: HTMLFormElement): void {
  const missing: [name: string, value: string][] = [];
  for (const [name, value] of taken()) {
    const control = form.elements.namedItem(name);
    if (!isField(control)) {
      missing.push([name, value]);
      continue;
    }
    if (control instanceof HTMLInputElement && control.type === 'checkbox') control.checked = true;
    else control.value = value;
    // Notifies components that listen to the field.
    control.dispatchEvent(new Event(control instanceof HTMLSelectElement ? 'change' : 'input', { bubbles: true }));
  }
  if (missing.length > 0) store(missing);
}

const isField = (control: unknown): control is HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement =>
  control instanceof HTMLInputElement || control instanceof HTMLSelectElement || control instanceof HTMLTextAreaElement;

function store(typed: readonly (readonly [name: string, value: FormDataEntryValue])[]): void {
  try {
    sessionStorage.setItem(keyOf(), JSON.stringify(typed));
  } catch {
    // The browser does not allow storage, so the form will be empty afterwards.
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
