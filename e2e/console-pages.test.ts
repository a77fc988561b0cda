import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { OrderCreated } from '@box-office/common/contracts/orders';
import { TicketUpdated } from '@box-office/common/contracts/tickets';
import { type Bus, connectBus } from '@box-office/common/messaging/bus';
import { listen, on } from '@box-office/common/messaging/listener';
import { operatorName } from '@box-office/common/messaging/nats-users';
import { createLogger } from '@box-office/common/telemetry/logger';
import { announceNonsense } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import { type LogFiles, logFiles } from '@box-office/local/log-files';
import { freePort } from '@box-office/local/ports';
import { localSecrets } from '@box-office/local/secrets';
import { execa } from 'execa';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { violationsOn } from './support/axe.ts';
import { findChromium, launch } from './support/browser.ts';
import { paid } from './support/paid.ts';
import { openShop, type Person, type Shop } from './support/shop.ts';
import { ordered, soldOrder } from './support/trades.ts';

const executable = findChromium();
const buildPages = resolve(import.meta.dirname, '../console/pages/build.ts');

const phone: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  isMobile: true,
  hasTouch: true,
  colorScheme: 'dark',
};
const desktop: BrowserContextOptions = { viewport: { width: 1280, height: 900 }, colorScheme: 'light' };

/** Every page, with something of what happened on it. */
const pages: readonly (readonly [path: string, text: RegExp])[] = [
  ['/', /ready|Every process is up/],
  ['/orders', /Don Giovanni/],
  ['/events', /order\.created/],
  ['/events/orders/1', /expiresAt/],
  ['/streams', /expiration/],
  ['/dead-letters', /not JSON/],
  ['/dead-letters/1', /hand it to|Retry/i],
  ['/logs', /status=201/],
  ['/logs?level=error', /gave up|not JSON|error/],
  ['/metrics', /Tickets sold/],
  ['/traces', /POST \/api\/orders/],
  ['/sandbox', /Lose every webhook.*refund of €\d/s],
  ['/lab', /delivered again/],
  ['/lab/webhook-twice', /What should happen/],
  ['/no/such/page', /nothing at this address/],
];

(executable ? describe : describe.skip)('the pages of the console', () => {
  let dir: string;
  let files: LogFiles;
  let shop: Shop;
  let browser: Browser;
  let bus: Bus;
  let url: string;
  let seller: Person;
  let buyer: Person;

  beforeAll(async () => {
    const { stdout } = await execa(process.execPath, [buildPages]);
    dir = await mkdtemp(join(tmpdir(), 'console-pages-'));
    files = logFiles(join(dir, 'logs'));
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const opened = openShop({
      dir,
      client: false,
      console: { port, logsDir: join(dir, 'logs'), hasLab: true },
      traces: url,
      // A payment whose webhook was lost waits until a page has been looked at.
      env: { console: { PAGES_DIR: stdout.trim() }, payments: { RECONCILE_AFTER_MS: '86400000' } },
      logs: files.write,
    });
    [shop, browser] = await Promise.all([opened, launch(executable ?? '')]);
    const { natsSeeds } = await localSecrets(join(dir, 'secrets.json'));
    bus = await connectBus(shop.platform.addresses.nats ?? '', 'test', {
      seed: natsSeeds[operatorName],
      asksKeeper: false,
    });
    [seller, buyer] = await Promise.all([shop.person(), shop.person()]);
    await seller.call('POST', `/api/payments/${await soldOrder(shop, seller, buyer)}/refund`);
    await order('Don Giovanni');
    await announceNonsense(bus, TicketUpdated, '{"id": "red"');
  });

  afterAll(async () => {
    await bus?.close();
    await browser?.close();
    await shop?.end();
    files?.close();
    await rm(dir, { recursive: true, force: true });
  });

  async function order(title: string) {
    const ticket = await shop.sell(seller, { title });
    await shop.known(ticket);
    return ordered(buyer, ticket.id);
  }

  async function open(path: string, options = desktop): Promise<Page> {
    const page = await browser.newPage(options);
    page.setDefaultTimeout(120_000);
    await page.goto(url + path);
    return page;
  }

  it.each([
    ['a phone, dark', phone],
    ['a desktop, light', desktop],
  ])(
    'show what happens on %s, without barriers',
    async (_, options) => {
      const page = await open('/', options);
      for (const [path, text] of pages) {
        await page.goto(url + path);
        await page.locator('main').filter({ hasText: text }).waitFor();
        expect({ path, violations: await violationsOn(page) }).toEqual({ path, violations: [] });
        const width = await page.evaluate<[number, number]>(
          '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
        );
        expect({ path, scrolls: width[0] > width[1] }).toEqual({ path, scrolls: false });
      }
      await page.close();
    },
    600_000,
  );

  it('a message that could not be handled is seen, read, retried and gone', async () => {
    await shop.platform.stopOne('expiration');
    let isBroken = true;
    const heard: string[] = [];
    // In its place, so that it can be mended while the platform runs.
    const listening = listen({
      bus,
      service: 'expiration',
      listeners: [
        on(OrderCreated, async ({ data }) => {
          if (isBroken) throw new Error('the clock has stopped');
          heard.push(data.id);
        }),
      ],
      stream: { replicas: 1 },
      logger: createLogger({ name: 'expiration', level: 'silent' }),
      now: () => new Date(),
      retryAfterMs: [],
    });
    const page = await open('/');
    const letters = page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: /^Dead letters/ });
    await letters.filter({ hasText: '1' }).waitFor();
    const { id } = await order('Rusalka');

    await letters.filter({ hasText: '2' }).click();
    await page
      .getByRole('row', { name: /the clock has stopped/ })
      .getByRole('link')
      .click();
    const letter = page.getByRole('article', { name: 'Dead letter' });
    await letter.filter({ hasText: id }).filter({ hasText: 'Error: the clock has stopped' }).waitFor();
    expect(await letter.getByRole('link', { name: 'Story of the order' }).getAttribute('href')).toBe(`/orders/${id}`);

    await letter.getByRole('link', { name: /^orders, sequence/ }).click();
    const event = page.getByRole('article', { name: 'Event' });
    await event.getByRole('link', { name: /^\d+, of expiration$/ }).click();

    isBroken = false;
    await letter.getByRole('button', { name: 'Retry' }).click();
    const question = page.getByRole('dialog', { name: 'Hand it to expiration again?' });
    await question.getByRole('button', { name: 'Retry' }).click();
    await page.getByRole('status').filter({ hasText: 'expiration gets this order.created again.' }).waitFor();
    await eventually(async () => expect(heard).toEqual([id]));
    await letters.filter({ hasText: '1' }).waitFor();
    expect(await page.getByRole('row', { name: /the clock has stopped/ }).count()).toBe(0);

    await page
      .getByRole('row', { name: /not JSON/ })
      .getByRole('link')
      .click();
    await letter.getByRole('button', { name: 'Discard' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
    await page.getByText('No dead letters.').waitFor();
    await page.close();
    await listening.stop();
    await shop.platform.restart('expiration');
  });

  it('every process of this machine says how much memory it takes, and since when', async () => {
    const page = await open('/');
    const rows = page.getByRole('region', { name: 'Processes' }).getByRole('row');
    const { length } = Object.keys(shop.platform.addresses);
    // Other systems than Linux know less of engines.
    const known = process.platform === 'linux' ? length : 6;
    await eventually(
      async () => expect(await rows.filter({ hasText: /\d MB\d+ (s|min)$/ }).count()).toBe(known),
      30_000,
    );
    await page.close();
  });

  it('a filter keeps what is typed, also after a pause between two words', async () => {
    const page = await open('/orders');
    const search = page.getByLabel('Search orders');
    await search.pressSequentially('don ');
    await page.getByRole('button', { name: 'Clear', disabled: false }).waitFor();
    await search.pressSequentially('giovanni');
    await page.waitForURL(/q=don\+giovanni$/);
    await page.close();
  });

  it('a trace shows who did what for a request, and how long it took', async () => {
    const page = await open('/traces?q=orders');
    const traces = page.getByRole('row', { name: /POST \/api\/orders/ });
    await traces.first().getByRole('link').first().click();
    const bar = (name: RegExp) => page.getByRole('listitem').getByRole('button', { name });
    await bar(/^orders POST \/api\/orders/).waitFor();
    // The listeners are in the trace of the request.
    await bar(/^payments process orders\.\*\.created/).waitFor();
    await bar(/^orders POST \/api\/orders/).click();
    await page
      .getByRole('article', { name: 'Span' })
      .filter({ hasText: /http\.response\.status_code\s*201/ })
      .waitFor();
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 844 });
      expect({ width, violations: await violationsOn(page) }).toEqual({ width, violations: [] });
    }
    await page.getByRole('link', { name: 'Story of the order' }).click();
    await page.getByRole('heading', { name: /Don Giovanni|Rusalka/ }).waitFor();
    await page.close();
  });

  it('an order whose webhook was lost says so, and how to go on', async () => {
    const page = await open('/sandbox');
    await page.getByLabel(/^Lose every webhook/).check();
    await page.getByRole('checkbox', { checked: true }).waitFor();
    const made = await order('Tosca');
    await paid(shop, buyer, made);

    await page.keyboard.press('g');
    await page.keyboard.press('r');
    await page.getByRole('row', { name: /Tosca/ }).getByRole('link').click();
    const sentence = page.getByRole('region', { name: 'In one sentence' });
    await sentence.filter({ hasText: /Paid at Stripe .* but its webhook was lost/ }).waitFor();
    await page.getByRole('listitem').filter({ hasText: 'amount_capturable_updated was lost' }).waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await violationsOn(page)).toEqual([]);

    await page.getByRole('link', { name: 'Lose every webhook' }).click();
    await page.getByRole('button', { name: 'All off' }).click();
    await page.getByRole('checkbox', { checked: true }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: /^Deliver payment_intent.created/ }).click();
    await page.goBack();
    await sentence.getByRole('button', { name: 'Send the webhook again' }).click();
    await sentence.filter({ hasText: /Paid and completed/ }).waitFor();
    await page.close();
  });
});
