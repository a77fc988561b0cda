import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { Person, Shop } from './shop.ts';

/** Somebody who uses the shop in a browser of their own. */
interface Customer {
  readonly page: Page;
  /** The errors of their pages; a test expects none. */
  readonly complaints: string[];
}

export interface Customers {
  /** Arrives without a session. */
  visitor(options?: BrowserContextOptions): Promise<Customer>;
  /** Signs up by the form. */
  signUp(): Promise<Customer & { readonly email: string }>;
  /** Arrives with a session, without the two pages that signing up takes. */
  newPerson(): Promise<Customer & { readonly person: Person }>;
}

export function customersOf(shop: Shop, browser: Browser): Customers {
  let people = 0;

  async function newBrowser(options: BrowserContextOptions = {}): Promise<Customer> {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    page.setDefaultTimeout(120_000);
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    return { page, complaints };
  }

  return {
    visitor: newBrowser,

    async signUp() {
      const email = `browser-${++people}@example.com`;
      const { page, complaints } = await newBrowser();
      await page.goto(new URL('/signup', shop.platform.url).href);
      await page.getByLabel('E-mail').fill(email);
      await page.getByLabel('Password').fill('correct horse');
      await page.getByRole('button', { name: 'Sign up' }).click();
      await page.getByRole('button', { name: 'Sign out' }).waitFor();
      await page.waitForURL(new URL('/', shop.platform.url).href);
      return { page, complaints, email };
    },

    async newPerson() {
      const [{ page, complaints }, person] = await Promise.all([newBrowser(), shop.person()]);
      const [name = '', value = ''] = person.cookie.split('=');
      await page.context().addCookies([{ name, value, url: shop.platform.url }]);
      await page.goto(shop.platform.url);
      return { page, complaints, person };
    },
  };
}
