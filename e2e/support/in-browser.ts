import { receiveSpans, type SpanReceiver } from '@box-office/common/testing/spans';
import type { Browser } from 'playwright-core';
import { findChromium, launch } from './browser.ts';
import { builtShop } from './built-shop.ts';
import { type Customers, customersOf } from './customers.ts';
import { openShop, type Shop } from './shop.ts';

export let shop: Shop;
export let browser: Browser;
export let customers: Customers;
/** What the platform and its gateway have recorded, if they were to. */
export let receiver: SpanReceiver;

/**
 * Describes what people do in a real browser, in the built shop on a platform of its own. Without a Chromium it is
 * reported as skipped.
 */
export function inBrowser(what: string, declare: () => void, { traced = false } = {}): void {
  const executable = findChromium();
  (executable ? describe : describe.skip)(what, () => {
    beforeAll(async () => {
      const client = await builtShop();
      if (traced) receiver = await receiveSpans();
      const traces = traced ? receiver.url : undefined;
      [shop, browser] = await Promise.all([openShop({ client, traces }), launch(executable ?? '')]);
      customers = customersOf(shop, browser);
    }, 900_000);

    afterAll(async () => {
      await browser?.close();
      await shop?.end();
      await receiver?.stop();
    });

    declare();
  });
}

/** The same with telemetry: see `receiver`. */
export const inTracedBrowser = (what: string, declare: () => void): void => inBrowser(what, declare, { traced: true });
