import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Order } from '@box-office/common/contracts/orders';
import { isRaw } from '@box-office/common/http/route';
import { apis } from '@box-office/docs/apis';
import type { Page } from 'playwright-core';
import { bodyFor, type Deal } from '../../prove/crowd/forbidden.ts';
import { findChromium, launch } from '../../support/browser.ts';
import type { Person, Shop } from '../../support/shop.ts';
import type { Attack } from '../attack.ts';
import { knownBodies } from './fields.ts';

/** The shop is at localhost: the first is another port of its site, the second another site. */
const hosts = ['localhost', '127.0.0.1'];

/** Pages of another port and of another site, in a real browser in which somebody is signed in to the shop. */
export const browser: Attack = {
  name: 'browser',
  promise: 'a page of another port or site can neither act for a visitor nor read what is theirs',
  async run({ shop, stranger }) {
    const executable = findChromium();
    if (!executable) return { tried: 0, faults: [], skipped: 'there is no Chromium' };
    const [deal, chromium, elsewhere] = await Promise.all([visitorsDeal(shop, stranger), launch(executable), serve()]);
    try {
      const context = await chromium.newContext();
      const own = await context.newPage();
      await own.goto(shop.origin);
      const signIn = await asked(own, 'POST', '/api/auth/signin', {
        ...{ email: deal.buyer.email, password: deal.buyer.password },
      });
      const before = await seenBy(own);
      const faults: string[] = [];
      if (!before.includes(deal.orderId) || !before.includes(deal.ownTicketId))
        faults.push(`the visitor sees nothing that could change: ${signIn} ${before}`);
      const given = { origin: shop.origin, wishes: wishesFor(deal), secrets: [deal.buyer.email, deal.orderId] };
      for (const host of hosts) {
        const page = await context.newPage();
        await page.goto(`http://${host}:${elsewhere.port}`);
        const read = await page.evaluate<string[]>(`attack(${JSON.stringify(given)})`);
        for (const what of read) faults.push(`a page of ${host} read ${what}`);
        if (await isFramed(page, shop.origin)) faults.push(`a page of ${host} shows the shop in a frame`);
        await page.close();
        const after = await seenBy(own);
        if (after !== before) faults.push(`a page of ${host} has changed what the visitor sees: ${before} is ${after}`);
      }
      return { tried: given.wishes.length * hosts.length, faults };
    } finally {
      await chromium.close();
      elsewhere.end();
    }
  },
};

interface VisitorsDeal extends Deal {
  /** A ticket that the visitor sells. */
  readonly ownTicketId: string;
}

/** Somebody who has ordered a ticket, and sells one and a show. */
async function visitorsDeal(shop: Shop, seller: Person): Promise<VisitorsDeal> {
  const visitor = await shop.person();
  const [bought, own, free] = await Promise.all([shop.sell(seller), shop.sell(visitor), shop.sell(seller)]);
  const [show] = await Promise.all([shop.announce(visitor), shop.known(bought), shop.known(free)]);
  const { body: order } = await visitor.call<Order>('POST', '/api/orders', { ticketId: bought.id });
  return { ticketId: free.id, ownTicketId: own.id, showId: show.id, orderId: order.id, seller, buyer: visitor };
}

interface Wish {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

/** Every route from outside, as its visitor could use it, what would end the session last. */
function wishesFor(deal: VisitorsDeal): Wish[] {
  const ids: Readonly<Record<string, string>> = { tickets: deal.ownTicketId, shows: deal.showId };
  const wishes = apis
    .flatMap(({ routes }) => routes)
    .filter(({ who, body }) => (who === 'signedIn' || who === 'anyone') && !isRaw(body))
    .map((route): Wish => {
      const { method, path } = route;
      const body = bodyFor(route, deal) ?? knownBodies[path];
      return {
        method,
        path: path.replace(/:\w+/, ids[path.split('/')[2] ?? ''] ?? deal.orderId),
        ...(body === undefined ? {} : { body }),
      };
    });
  const ends = ({ path }: Wish) => path.startsWith('/api/auth');
  return [...wishes.filter((it) => !ends(it)), ...wishes.filter(ends), { method: 'GET', path: '/' }];
}

/** What a page of the shop is answered. */
const asked = (page: Page, method: string, path: string, body?: unknown): Promise<string> =>
  page.evaluate<string>(
    `fetch(${JSON.stringify(path)}, { method: ${JSON.stringify(method)}, ${
      body === undefined
        ? ''
        : `headers: { 'Content-Type': 'application/json' }, body: ${JSON.stringify(JSON.stringify(body))}`
    } }).then((answer) => answer.text())`,
  );

const belongings = [
  ...['/api/auth/currentuser', '/api/auth/account', '/api/auth/passkeys', '/api/auth/sessions'],
  ...['/api/orders', '/api/tickets/mine', '/api/shows/mine', '/api/waiting-list'],
];

async function seenBy(page: Page): Promise<string> {
  const [cookie] = await page.context().cookies();
  const all = await Promise.all(belongings.map((path) => asked(page, 'GET', path)));
  // The time of the last use is no change.
  return [cookie?.value, ...all].join(' ').replaceAll(/"usedAt":"[^"]*"/g, '');
}

/** A frame that is refused shows a page of the browser's own instead. */
async function isFramed(page: Page, origin: string): Promise<boolean> {
  await page.evaluate<unknown>(
    `new Promise((resolve) => {
      const frame = document.createElement('iframe');
      frame.onload = resolve;
      frame.src = ${JSON.stringify(origin)};
      document.body.append(frame);
    })`,
  );
  return page.frames().some((frame) => frame.url().startsWith(origin));
}

/** The pages that are not the shop's. */
async function serve() {
  const script = join(import.meta.dirname, '../elsewhere.js');
  const server = createServer((req, res) => {
    if (req.url === '/elsewhere.js') createReadStream(script).pipe(res.setHeader('Content-Type', 'text/javascript'));
    else res.setHeader('Content-Type', 'text/html').end('<!doctype html><body><script src="/elsewhere.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, end: () => server.close() };
}
