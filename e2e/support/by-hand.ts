import type { Page } from 'playwright-core';

/** What somebody does on a page by hand. */
export interface ByHand {
  /** What was tapped, in order: a field as well as a button. */
  readonly taps: readonly string[];
  /** The names of the fields that were typed into. */
  readonly fields: ReadonlySet<string>;
}

/** Notes what is done on a page from its next document on, as the page itself is told of it. */
export async function noteByHand(page: Page): Promise<ByHand> {
  const taps: string[] = [];
  const fields = new Set<string>();
  await page.exposeFunction('noteTap', (what: string) => taps.push(what));
  await page.exposeFunction('noteField', (name: string) => fields.add(name));
  await page.addInitScript(`
    addEventListener('pointerdown', ({ target }) => noteTap(target.name || target.textContent), true);
    addEventListener('input', ({ target }) => noteField(target.name), true);
  `);
  return { taps, fields };
}
