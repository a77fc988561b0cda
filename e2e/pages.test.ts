import { eventually } from '@box-office/common/testing/eventually';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { violationsOn } from './support/axe.ts';
import { findChromium, launch } from './support/browser.ts';
import { builtShop } from './support/built-shop.ts';
import { everyPage, type MeantFor } from './support/every-page.ts';
import { openShop, type Person, type Shop } from './support/shop.ts';
import { statusOf } from './support/status-of.ts';

const executable = findChromium();
const inBrowser = executable ? it : it.skip;

const noId = '000000000000000000000000';
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const desktop = { viewport: { width: 1280, height: 900 } };

describe('the pages of the shop', () => {
  let shop: Shop;
  let browser: Browser | undefined;
  let seller: Person;
  let buyer: Person;
  /** Every page, each as the user it is meant for. */
  let pages: readonly MeantFor[];

  beforeAll(async () => {
    shop = await openShop({ client: await builtShop() });
    if (executable) browser = await launch(executable);
    [seller, buyer] = await Promise.all([shop.person(), shop.person()]);
    pages = await everyPage(shop, seller, buyer);
  }, 900_000);

  afterAll(async () => {
    await browser?.close();
    await shop?.end();
  });

  async function get(path: string, headers: Record<string, string> = {}) {
    const answer = await fetch(new URL(path, shop.platform.url), { headers, redirect: 'manual' });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  }

  it.each([
    ['a ticket that is none', '/tickets/abc'],
    ['the edit of a ticket that is none', '/tickets/abc/edit'],
    ['a ticket that is not there', `/tickets/${noId}`],
    ['an order that is none', '/orders/abc'],
    ['a show that is none', '/shows/abc'],
    ['a show that is not there', `/shows/${noId}`],
    ['a cursor that is none', '/?cursor=abc'],
    ['a path that is none', '/nothing'],
  ])('answers 404 in words, signed in or not, to %s', async (_, path) => {
    for (const headers of [{}, { cookie: buyer.cookie }]) {
      const { status, text } = await get(path, headers);
      expect({ status, text: text.includes('There is nothing here') }).toEqual({ status: 404, text: true });
    }
  });

  it.each([
    '/sales?cursor=abc',
    '/orders?cursor=abc',
    '/waiting-list?cursor=abc',
    '/shows/mine?cursor=abc',
    `/orders/${noId}`,
    `/shows/${noId}/edit`,
    `/shows/${noId}/orders`,
    `/sales/${noId}`,
  ])('answers 404 to %s of somebody who is signed in, and leads all others to signing in', async (path) => {
    expect((await get(path, { cookie: buyer.cookie })).status).toBe(404);
    expect((await get(path)).status).toBe(307);
  });

  it('shows as text what a seller has written as markup', async () => {
    const written = '</title></script><script>alert("1&2")</script>';
    const ticket = await shop.sell(seller, { title: written, venue: `"'><img src=x onerror=alert(1)>` });
    await eventually(async () => {
      const { text } = await get(`/tickets/${ticket.id}`);
      expect(text).toContain('&lt;script&gt;alert(&quot;1&amp;2&quot;)&lt;/script&gt;');
      // Neither as an element nor within one of the page's own scripts.
      expect(text).not.toContain('<script>alert(');
      expect(text).not.toContain('<img src=x');
      expect(text).not.toContain('</title></script>');
    });
  });

  it('sends a policy with each page, under which only our scripts run and nobody frames it', async () => {
    for (const [path, as] of pages.filter(([it]) => it !== '/api/docs')) {
      const { headers, text } = await get(path, as ? { cookie: as.cookie } : {});
      const policy = headers.get('content-security-policy') ?? '';
      const nonce = /script-src 'self' 'nonce-([^']{24})'/.exec(policy)?.[1] ?? 'none';
      expect(policy).toMatch(/frame-ancestors 'none'; .*base-uri 'none'; object-src 'none'/);
      // Passkeys on our own pages, and nothing else of a device.
      expect(headers.get('permissions-policy')).toBe(
        'camera=(), microphone=(), geolocation=(), publickey-credentials-create=(self), publickey-credentials-get=(self)',
      );
      const scripts = text.match(/<script[ >][^>]*/g) ?? [];
      expect(scripts.length).toBeGreaterThan(0);
      expect(scripts.filter((it) => !it.includes(`nonce="${nonce}"`))).toEqual([]);
    }
  });

  it('lets people sign out on every page that needs a session', async () => {
    for (const [path, as] of pages) {
      if (!as || path.startsWith('/api/')) continue;
      expect([path, (await get(path, { cookie: as.cookie })).text.includes('Sign out')]).toEqual([path, true]);
    }
  });

  it('asks for a password in a field that hides it and that password managers know', async () => {
    for (const [path, kind] of Object.entries({ '/signin': 'current-password', '/signup': 'new-password' })) {
      const { text } = await get(path);
      const field = /<input[^>]*name="password"[^>]*>/.exec(text)?.[0] ?? '';
      expect(field).toContain('type="password"');
      expect(field).toContain(`autoComplete="${kind}"`);
      expect(text).toMatch(/autoComplete="username[" ]/);
    }
  });

  it('lists no folder', async () => {
    for (const path of ['/_next/', '/_next/static/', '/api/docs/openapi/', '/.git/']) {
      const { status, text } = await get(path);
      expect([path, status === 404 || status === 308]).toEqual([path, true]);
      expect(text).not.toMatch(/Index of|href="\.\.\/?"/);
    }
  });

  it('says with 503 and in words that a service is away, and shows the page again once it is back', async () => {
    await shop.platform.stopOne('tickets');
    const { status, headers, text } = await get('/');
    await shop.platform.restart('tickets');

    expect({ status, wait: headers.get('retry-after') }).toEqual({ status: 503, wait: '5' });
    expect(text).toContain('Try again in a moment');
    await eventually(async () => {
      const { status: later } = await get('/');
      if (later !== 200) throw new Error(`still answered ${later}`);
    });
  });

  it('never answers 5xx to what a stranger sends', async () => {
    const strange = ['%E2%98%83', '☃', '%', '\u0080', 'a'.repeat(4000), '[["",{}]]'];
    const names = [
      'cookie',
      'authorization',
      'accept',
      'accept-language',
      'content-type',
      'next-action',
      'next-router-state-tree',
      'next-router-prefetch',
      'next-router-segment-prefetch',
      'next-url',
      'rsc',
      'x-nextjs-data',
      'x-middleware-subrequest',
      'x-forwarded-host',
      'x-request-id',
      'traceparent',
      'if-none-match',
      'range',
    ];
    const name = buyer.cookie.split('=')[0];
    const failed: string[] = [];
    const look = async (path: string, headers: Record<string, string>) => {
      const status = await statusOf(shop.platform.url, path, headers);
      if (status >= 500) failed.push(`${status} ${path} ${JSON.stringify(headers)}`);
    };
    for (const value of strange) {
      for (const header of names) await look('/', { [header]: value });
      for (const header of ['next-router-state-tree', 'next-router-segment-prefetch', 'next-url'])
        await look('/orders', { rsc: '1', [header]: value });
      for (const path of ['/', '/orders', '/signin']) await look(path, { cookie: `${name}=${value}; ${value}=1` });
      for (const path of ['/?cursor=', '/?q=', '/signin?next=', '/orders/', '/tickets/', '/_next/', '/api/docs/'])
        await look(`${path}${encodeURI(value)}`, {});
    }
    expect(failed).toEqual([]);
  });

  /** Opens each page in turn, as the user it is meant for. */
  async function visitEach(
    options: BrowserContextOptions,
    look: (page: Page, path: string) => Promise<void>,
  ): Promise<void> {
    if (!browser) throw new Error('there is no browser');
    const context = await browser.newContext(options);
    const page = await context.newPage();
    for (const [path, as] of pages) {
      await context.clearCookies();
      const [name = '', value = ''] = as?.cookie.split('=') ?? [];
      if (as) await context.addCookies([{ name, value, url: shop.platform.url }]);
      await page.goto(new URL(path, shop.platform.url).href, { waitUntil: 'load' });
      await look(page, path);
    }
    await context.close();
  }

  inBrowser.each([
    ['a phone', phone],
    ['a dark desktop', { ...desktop, colorScheme: 'dark' as const }],
  ])(
    'breaks no rule of axe-core on %s, on any page',
    async (_, options) => {
      const broken: string[] = [];
      await visitEach(options, async (page, path) => {
        await page.locator('form > fieldset:disabled').waitFor({ state: 'detached' });
        broken.push(...(await violationsOn(page)).map((it) => `${path} ${it}`));
      });
      expect(broken).toEqual([]);
    },
    600_000,
  );

  inBrowser(
    'needs no scrolling sideways on the narrowest phone, on any page',
    async () => {
      const wide: string[] = [];
      await visitEach({ ...phone, viewport: { width: 320, height: 640 } }, async (page, path) => {
        const root = 'document.documentElement';
        if (await page.evaluate(`${root}.scrollWidth > ${root}.clientWidth`)) wide.push(path);
      });
      // The documentation of the API is for programmers, who read it on larger screens.
      expect(wide.filter((path) => path !== '/api/docs')).toEqual([]);
    },
    600_000,
  );

  inBrowser('has axe-core tell a broken rule with what breaks it, and refuses to overlook a frame', async () => {
    const page = await browser?.newPage();
    if (!page) throw new Error('there is no browser');
    const around = (content: string) => `<html lang="en"><title>A page</title><main><h1>Page</h1>${content}</main>`;
    await page.setContent(around('<img src="data:,"><p style="color: #999; background: #fff">Pale</p>'));
    expect(await violationsOn(page)).toEqual(['color-contrast p', 'image-alt img']);
    await page.setContent(around('<iframe title="More" srcdoc="more"></iframe>'));
    await expect(violationsOn(page)).rejects.toThrow('1 frames');
    await page.close();
  });

  inBrowser(
    'moves nothing that is being read, on a slow phone',
    async () => {
      const context = await browser?.newContext({ ...phone, timezoneId: 'America/New_York' });
      if (!context) throw new Error('there is no browser');
      const page = await context.newPage();
      const devtools = await context.newCDPSession(page);
      await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
      const kept =
        '{ const kept = []; Object.assign(globalThis, { kept }); new PerformanceObserver((list) => kept.push(...list.getEntries())).observe({ type: "layout-shift", buffered: true }); }';
      await page.addInitScript(kept);
      await page.goto(shop.platform.url, { waitUntil: 'networkidle' });
      expect(await page.evaluate('kept.reduce((sum, it) => sum + it.value, 0)')).toBeLessThan(0.05);
      await context.close();
    },
    300_000,
  );

  inBrowser(
    'shows every page without JavaScript, and says what needs it',
    async () => {
      const silent: string[] = [];
      await visitEach({ ...desktop, javaScriptEnabled: false }, async (page, path) => {
        if (!(await page.locator('h1').first().isVisible())) silent.push(`${path} shows nothing`);
        if (await page.getByText(/^Loading|^Preparing/).count()) silent.push(`${path} waits for ever`);
        const dead = await page.locator('button:disabled:visible, fieldset:disabled').count();
        const said = await page.getByText(/needs? JavaScript/).count();
        if (dead > 0 && said === 0) silent.push(`${path} has buttons that do nothing, and does not say why`);
      });
      expect(silent).toEqual([]);
    },
    600_000,
  );
});
