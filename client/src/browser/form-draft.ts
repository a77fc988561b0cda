import { forgetInTab, keepInTab, keptInTab } from './tab-store.ts';

const name = 'typed';

/** Keeps what was typed into a form while the user signs in again. */
export function keepDraft(form: HTMLFormElement): void {
  keepInTab(
    name,
    [...new FormData(form)].filter(([, value]) => typeof value === 'string'),
  );
}

/**
 * Restores what was stored, once. What belongs to fields that are not there yet stays stored: a form whose fields
 * depend on others calls it again when it has more of them.
 */
export function restoreDraft(form: HTMLFormElement): void {
  const missing: [name: string, value: string][] = [];
  for (const [field, value] of taken()) {
    const control = form.elements.namedItem(field);
    if (!isField(control)) {
      missing.push([field, value]);
      continue;
    }
    if (control instanceof HTMLInputElement && control.type === 'checkbox') control.checked = true;
    else control.value = value;
    // Notifies components that listen to the field.
    control.dispatchEvent(new Event(control instanceof HTMLSelectElement ? 'change' : 'input', { bubbles: true }));
  }
  if (missing.length > 0) keepInTab(name, missing);
}

const isField = (control: unknown): control is HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement =>
  control instanceof HTMLInputElement || control instanceof HTMLSelectElement || control instanceof HTMLTextAreaElement;

function taken(): [field: string, value: string][] {
  const kept = keptInTab(name);
  forgetInTab(name);
  return Array.isArray(kept) ? kept.filter(isPair) : [];
}

const isPair = (it: unknown): it is [string, string] =>
  Array.isArray(it) && typeof it[0] === 'string' && typeof it[1] === 'string';
