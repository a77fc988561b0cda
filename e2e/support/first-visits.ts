import type { Browser, BrowserContextOptions } from 'playwright-core';
import type { Person } from './visitor.ts';

/** A page of the shop, as the user it is meant for. */
export type Visit = readonly [path: string, as: Person | null];

/**
 * Opens each page in a new browser context, as somebody who has never been there. Only a shop in development reports
 * every attribute that the server and the browser rendered differently.
 *
 * @returns what the browsers reported about hydration, and the errors of the pages
 */
export async function complaintsOnFirstVisits(
  browser: Browser,
  origin: string,
  visits: readonly Visit[],
  options: BrowserContextOptions,
): Promise<string[]> {
  const complaints: string[] = [];
  for (const [path, as] of visits) {
    const context = await browser.newContext(options);
    const [name = '', value = ''] = as?.cookie.split('=') ?? [];
    if (as) await context.addCookies([{ name, value, url: origin }]);
    const page = await context.newPage();
    page.on('pageerror', ({ message }) => complaints.push(`${path} ${message}`));
    page.on('console', (message) => {
      if (/hydrat/i.test(message.text())) complaints.push(`${path} ${message.text()}`);
    });
    // On its first visit a page is compiled.
    await page.goto(new URL(path, origin).href, { timeout: 60_000 });
    if (new URL(page.url()).pathname !== path) complaints.push(`${path} led to ${page.url()}`);
    await page.waitForFunction(isHydrated, undefined, { timeout: 60_000 });
    await context.close();
  }
  return complaints;
}

/** React keeps its node of the tree on each element that it has rendered or hydrated. */
const isHydrated = `{
  const elements = [...document.querySelectorAll('main, main *:not(script, style, link, template)')];
  elements.length > 1 && elements.every((it) => Object.keys(it).some((key) => key.startsWith('__reactFiber$')));
}`;
