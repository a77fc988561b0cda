import type { Order } from '@box-office/common/contracts/orders';
import type { ShowAnswer } from '@box-office/common/contracts/shows';
import { eventually } from '@box-office/common/testing/eventually';
import type { Page } from 'playwright-core';
import { customers, inBrowser, shop } from './support/in-browser.ts';
import type { Guest, Person } from './support/shop.ts';

/** Short enough to wait for; at first buyers have as long as in production. */
const shortWindowMs = 30_000;

inBrowser('an order in a real browser', () => {
  const open = (page: Page, path: string) => page.goto(new URL(path, shop.platform.url).href);

  /** Orders a ticket of a show that orders may not have heard of yet. */
  const ordered = ({ id, kinds }: ShowAnswer, buyer: Person | Guest): Promise<Order> =>
    eventually(async () => {
      const lines = [{ kindId: kinds[0]?.id, quantity: 1 }];
      const { status, body } = await buyer.call('POST', '/api/orders', { showId: id, lines });
      if (status !== 201) throw new Error(`the order was answered ${status} ${body.code}`);
      return body;
    });

  async function typeCard(page: Page): Promise<void> {
    await page.getByLabel('Card number').fill('4242424242424242');
    await page.getByLabel('Expiry').fill('12/34');
    await page.getByLabel('CVC').fill('123');
  }

  async function signInAs(page: Page, { cookie }: Guest): Promise<void> {
    const [name = '', value = ''] = cookie.split('=');
    await page.context().addCookies([{ name, value, url: shop.platform.url }]);
  }

  it('shows where and when a show takes place that was moved after it was bought', async () => {
    const [organiser, buyer] = await Promise.all([shop.person(), customers.newPerson()]);
    const show = await shop.announce(organiser, { title: 'Otello', kinds: [{ name: 'Free', price: 0, quantity: 9 }] });
    const { id } = await ordered(show, buyer.person);
    const { page } = buyer;
    await open(page, '/orders');
    await page.getByText('Mon, 1 Jun 2099, 20:00, London time').waitFor();
    const place = { venue: { name: 'Deutsche Oper' }, timeZone: 'Europe/Berlin', startsAt: '2100-03-02T18:30:00Z' };
    const changes = { title: 'Othello', ...place, endsAt: '2100-03-02T21:00:00Z' };
    expect((await organiser.call('PUT', `/api/shows/${show.id}`, changes)).status).toBe(200);

    await page.reload();
    await page.getByText('Tue, 2 Mar 2100, 19:30, Berlin time').waitFor();
    await page.getByRole('link', { name: 'Otello' }).click();
    await page.getByText('Deutsche Oper').waitFor();
    await page.getByText('Tue, 2 Mar 2100, 19:30, Berlin time').waitFor();
    await page.getByText('Tue, 2 Mar 2100, 22:00, Berlin time').waitFor();
    // What was bought keeps its name.
    await page.getByRole('heading', { name: 'Otello' }).waitFor();

    await shop.platform.stopOne('tickets');
    await open(page, `/orders/${id}`);
    await page.getByText('Globe Theatre').waitFor();
    await open(page, '/orders');
    await page.getByText('Mon, 1 Jun 2099, 20:00, London time').waitFor();
    await shop.platform.restart('tickets');
    expect(buyer.complaints).toEqual([]);
  });

  it('says so when somebody else is signed in meanwhile, and goes on for its buyer', async () => {
    const [organiser, guest, other] = await Promise.all([shop.person(), shop.guest(), shop.guest()]);
    const order = await ordered(await shop.announce(organiser), guest);
    const { page, complaints } = await customers.visitor();
    await signInAs(page, guest);
    await open(page, `/orders/${order.id}`);
    await page.getByRole('button', { name: 'Pay €15.00' }).waitFor();

    // As another tab does.
    await signInAs(page, other);
    const status = page.getByRole('status');
    await status.filter({ hasText: 'Somebody else is signed in now' }).filter({ hasText: guest.email }).waitFor();
    await signInAs(page, guest);
    await status.filter({ hasText: 'The ticket is held for you while you pay.' }).waitFor();
    await typeCard(page);
    await page.getByRole('button', { name: 'Pay €15.00' }).click();
    await status.filter({ hasText: 'The ticket is yours' }).waitFor();
    expect(complaints).toEqual([]);
  });

  // The last: from here on every order has the short window.
  it('promises nothing about the money of a buyer who has paid while the order could not be read', async () => {
    await shop.platform.restart('orders', { ORDER_WINDOW_MS: `${shortWindowMs}` });
    const [organiser, paying, idle] = await Promise.all([shop.person(), customers.newPerson(), customers.newPerson()]);
    const show = await shop.announce(organiser);
    for (const { page, person } of [paying, idle]) {
      const order = await ordered(show, person);
      await open(page, `/orders/${order.id}`);
      await page.getByRole('button', { name: 'Pay €15.00' }).waitFor();
      await page.route(`**/api/orders/${order.id}`, (route) => route.abort());
    }
    await typeCard(paying.page);
    await paying.page.getByRole('button', { name: 'Pay €15.00' }).click();

    const [paid, unpaid] = [paying.page.getByRole('status'), idle.page.getByRole('status')];
    await paid.filter({ hasText: 'Your payment is being checked. This page updates itself.' }).waitFor();
    await unpaid.filter({ hasText: 'We are checking whether a payment has arrived.' }).waitFor();
    for (const { page } of [paying, idle]) {
      expect(await page.getByText('Nothing was charged').count()).toBe(0);
      await page.unrouteAll();
    }
    await paid.filter({ hasText: 'The ticket is yours' }).waitFor();
    await unpaid.filter({ hasText: 'The time to pay ran out' }).waitFor();
    expect([...paying.complaints, ...idle.complaints]).toEqual([]);
  });
});
