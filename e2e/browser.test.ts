import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@box-office/common/testing/eventually';
import type { Page } from 'playwright-core';
import { serviceNames } from '../services.ts';
import { documentedMetrics, neverSeen, shownMetrics, undocumented } from './support/as-documented.ts';
import { browser, customers, inTracedBrowser, receiver, shop } from './support/in-browser.ts';
import { mailboxAt } from './support/mailbox.ts';
import { purchase, stepsOf } from './support/purchase-trace.ts';

/** Short enough to wait for; in the other tests buyers have as long as in production. */
const shortWindowMs = 30_000;

inTracedBrowser('in a real browser', () => {
  async function sell(page: Page, title: string): Promise<string> {
    await page.getByRole('link', { name: 'Sell a ticket' }).first().click();
    await page.getByLabel('Title').fill(title);
    await page.getByLabel('Price').fill('19.99');
    await page.getByRole('button', { name: 'List ticket' }).click();
    await page.waitForURL(/\/tickets\/[0-9a-f]{24}$/);
    return page.url();
  }

  async function reserve(page: Page, ticketUrl: string): Promise<void> {
    await page.goto(ticketUrl);
    await page.getByRole('button', { name: 'Reserve' }).click();
    await page.waitForURL(/\/orders\/[0-9a-f]{24}$/);
    await page.getByRole('timer').waitFor();
  }

  it('two people meet: one lists a ticket, the other reserves it, pays by card and owns it', async () => {
    const [seller, buyer] = await Promise.all([customers.signUp(), customers.signUp()]);
    const ticketUrl = await sell(seller.page, 'La Traviata');
    await reserve(buyer.page, ticketUrl);

    await buyer.page.getByLabel('Card number').fill('4000000000000002');
    await buyer.page.getByLabel('Expiry').fill('12/34');
    await buyer.page.getByLabel('CVC').fill('123');
    const payButton = buyer.page.getByRole('button', { name: /^Pay/ });
    expect(await payButton.textContent()).toContain('19.99');
    await payButton.click();
    await buyer.page
      .getByText(/declined/i)
      .first()
      .waitFor();

    await buyer.page.getByLabel('Card number').fill('4242424242424242');
    await payButton.click();
    await buyer.page.getByRole('status').filter({ hasText: /yours/i }).waitFor();

    await buyer.page.getByRole('link', { name: 'My orders' }).first().click();
    await buyer.page.getByText('La Traviata').first().waitFor();
    await seller.page.getByRole('link', { name: 'My sales' }).first().click();
    await seller.page.getByText('Sold').first().waitFor();
    await buyer.page.goto(ticketUrl);
    await buyer.page.getByText('Sold').first().waitFor();
    expect(await buyer.page.getByRole('button', { name: 'Reserve' }).count()).toBe(0);
    expect([...seller.complaints, ...buyer.complaints]).toEqual([]);
  });

  it('a purchase is one trace, from the click to the last copy', async () => {
    const [seller, buyer] = await Promise.all([customers.newPerson(), customers.newPerson()]);
    await reserve(buyer.page, await sell(seller.page, 'Turandot'));
    const orderId = buyer.page.url().slice(-24);
    await buyer.page.getByLabel('Card number').fill('4242424242424242');
    await buyer.page.getByLabel('Expiry').fill('12/34');
    await buyer.page.getByLabel('CVC').fill('123');
    await buyer.page.getByRole('button', { name: /^Pay/ }).click();
    await buyer.page.getByRole('status').filter({ hasText: /yours/i }).waitFor();
    // The link of a mail has a key in its query.
    await fetch(new URL('/open?key=a-key-that-opens&to=/orders', shop.platform.url), { redirect: 'manual' });

    const [{ traceparent = '' } = {}] = await shop.stored('orders', 'orders', { _id: orderId });
    const [, traceId = ''] = traceparent.split('-');
    await eventually(() => {
      const seen = stepsOf(receiver.spans, traceId);
      expect(purchase.filter((step) => !seen.has(step))).toEqual([]);
      expect(receiver.spans.some(({ name }) => name === 'GET /open')).toBe(true);
    });
    const spans = receiver.spans.filter((span) => span.traceId === traceId);
    expect(spans.filter(({ isFailed }) => isFailed)).toEqual([]);
    const orders = spans.map(({ attributes }) => attributes['box_office.order.id']).filter(Boolean);
    expect(new Set(orders)).toEqual(new Set([orderId]));
    expect(receiver.refused).toEqual([]);
    expect(JSON.stringify(receiver.spans)).not.toContain('a-key-that-opens');
    expect([undocumented(receiver.spans), neverSeen(receiver.spans)]).toEqual([[], []]);
    for (const service of serviceNames) {
      const text = await (await fetch(`${shop.platform.addresses[service]}/metrics`)).text();
      expect([service, ...shownMetrics(text)]).toEqual([service, ...documentedMetrics(service)]);
    }
  });

  it('the seller gives the money back by keyboard alone, after a question, and both see it', async () => {
    const [seller, buyer] = await Promise.all([customers.newPerson(), customers.newPerson()]);
    const ticketUrl = await sell(seller.page, 'Norma');
    await reserve(buyer.page, ticketUrl);
    const orderUrl = buyer.page.url();
    await buyer.page.getByLabel('Card number').fill('4242424242424242');
    await buyer.page.getByLabel('Expiry').fill('12/34');
    await buyer.page.getByLabel('CVC').fill('123');
    await buyer.page.getByRole('button', { name: /^Pay/ }).click();
    await buyer.page.getByRole('status').filter({ hasText: /yours/i }).waitFor();

    const { page } = seller;
    const focused = page.locator(':focus');
    const question = page.getByRole('dialog', { name: /back\?$/ });
    await page.goto(ticketUrl);
    await page.getByRole('link', { name: 'Refund it in my sales' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Refund Norma', disabled: false }).focus();
    await page.keyboard.press('Enter');
    await question.waitFor();
    // The safe answer comes first, and Escape means the same.
    expect(await focused.textContent()).toBe('Keep the sale');
    await page.keyboard.press('Escape');
    await question.waitFor({ state: 'hidden' });
    expect(await focused.getAttribute('aria-label')).toBe('Refund Norma');
    await page.keyboard.press('Enter');
    await question.waitFor();
    await page.keyboard.press('Tab');
    expect(await focused.textContent()).toMatch(/^Refund .*19\.99/);
    await page.keyboard.press('Enter');
    await page.getByRole('status').filter({ hasText: 'Refunded' }).waitFor();

    await buyer.page.goto(orderUrl);
    await buyer.page.getByRole('status').filter({ hasText: 'Refunded' }).filter({ hasText: '19.99 back' }).waitFor();
    await page.goto(ticketUrl);
    await page.getByText('its buyer has been refunded').waitFor();
    expect(await page.getByRole('button', { name: /^Refund/ }).count()).toBe(0);
    expect([...seller.complaints, ...buyer.complaints]).toEqual([]);
  });

  it('asks before it withdraws or cancels, and the keyboard ends where the outcome is said', async () => {
    const [seller, buyer] = await Promise.all([customers.newPerson(), customers.newPerson()]);
    const ticketUrl = await sell(seller.page, 'Fidelio');
    await reserve(buyer.page, ticketUrl);

    async function answerByKeyboard(page: Page, button: string, yes: string, outcome: RegExp): Promise<void> {
      const focused = page.locator(':focus');
      const dialog = page.getByRole('dialog');
      // Before hydration the button is disabled and takes no focus.
      await page.getByRole('button', { name: button, disabled: false }).focus();
      await page.keyboard.press('Enter');
      await dialog.waitFor();
      expect(await focused.textContent()).toMatch(/^Keep/);
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'hidden' });
      expect(await focused.textContent()).toBe(button);
      await page.keyboard.press('Enter');
      await dialog.waitFor();
      await page.keyboard.press('Tab');
      expect(await focused.textContent()).toBe(yes);
      await page.keyboard.press('Enter');
      await page.locator('[role="status"]:focus').filter({ hasText: outcome }).waitFor();
    }

    await buyer.page.getByRole('button', { name: /^Pay/ }).waitFor();
    const buttons = await buyer.page.getByRole('main').getByRole('button').allTextContents();
    expect(buttons.findIndex((it) => /^Pay/.test(it))).toBeLessThan(buttons.indexOf('Cancel order'));
    await answerByKeyboard(buyer.page, 'Cancel order', 'Cancel the order', /You cancelled this order/);
    await seller.page.goto(ticketUrl);
    await answerByKeyboard(seller.page, 'Withdraw', 'Withdraw ticket', /You have withdrawn/);
    expect([...seller.complaints, ...buyer.complaints]).toEqual([]);
  });

  it('keeps what was typed when the session has ended meanwhile', async () => {
    const { page, complaints, email } = await customers.signUp();
    await page.getByRole('link', { name: 'Sell a ticket' }).first().click();
    await page.getByLabel('Title').fill('Carmen');
    await page.getByLabel('Price').fill('1500');
    await page.getByLabel('Currency').selectOption('jpy');
    await page.context().clearCookies();
    await page.getByRole('button', { name: 'List ticket' }).click();
    await page.waitForURL(/\/signin\?next=/);
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Password', { exact: true }).fill('correct horse');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.waitForURL(/\/tickets\/new$/);
    await page.locator('fieldset:enabled').waitFor();
    expect(await page.getByLabel('Title').inputValue()).toBe('Carmen');
    await page.getByRole('button', { name: 'List ticket' }).click();
    await page.waitForURL(/\/tickets\/[0-9a-f]{24}$/);
    await page.getByText('¥1,500').waitFor();
    expect(complaints).toEqual([]);
  });

  it('somebody whose session ends in the middle of buying is told, and goes on there after signing in by a link', async () => {
    const { id } = await shop.announce(await shop.person(), {
      title: 'Nabucco',
      kinds: [{ name: 'Stalls', price: 1500, quantity: 9 }],
    });
    const { page, person, complaints } = await customers.newPerson();
    const told = page.getByRole('status').filter({ hasText: 'Your session has ended. Sign in again' });
    await page.goto(new URL(`/shows/${id}`, shop.platform.url).href);
    await page.getByRole('button', { name: 'One more: Stalls' }).click();
    await page.getByRole('button', { name: 'One more: Stalls' }).click();
    // All but the one that this call is made with.
    await person.call('DELETE', '/api/auth/sessions');
    await page.getByRole('button', { name: 'Reserve' }).click();
    await told.filter({ hasText: 'What you have chosen is still there' }).waitFor();
    await page.getByLabel('E-mail').fill(person.email);
    await page.getByRole('button', { name: 'Mail me a link' }).click();
    await page.getByRole('status').filter({ hasText: 'a mail with a link is on its way' }).waitFor();

    const tab = await page.context().newPage();
    await tab.goto(await mailboxAt(shop.platform.addresses.mail ?? '').linkIn(person.email, /sign-in link/, '/link'));
    await tab.getByRole('button', { name: 'Sign in', exact: true }).click();
    await tab.waitForURL(new URL(`/shows/${id}`, shop.platform.url).href);
    await tab.getByRole('status').filter({ hasText: '2 tickets' }).waitFor();
    await tab.getByRole('button', { name: 'Reserve' }).click();
    await tab.waitForURL(/orders/);
    const order = tab.url();

    // A page that is opened after the session has ended says so, too.
    const [{ name, value } = { name: '', value: '' }] = (await tab.context().cookies()).filter((it) =>
      /session/.test(it.name),
    );
    const { origin } = new URL(shop.platform.url);
    await fetch(new URL('/api/auth/signout', origin), {
      method: 'POST',
      headers: { cookie: `${name}=${value}`, origin },
    });
    await page.goto(order);
    await page
      .getByRole('status')
      .filter({ hasText: 'Your session has ended. Sign in again to continue where you were.' })
      .waitFor();
    expect(complaints).toEqual([]);
  });

  it('a form says beside the field what is wrong with it, and takes the keyboard there', async () => {
    const { page } = await customers.newPerson();
    await page.goto(new URL('/tickets/new', shop.platform.url).href);
    await page.getByLabel('Title').fill('Aida');
    await page.getByLabel('Price').fill('much');
    await page.keyboard.press('Enter');
    const price = page.getByLabel('Price');
    await page.locator('[aria-invalid="true"]:focus').waitFor();
    expect(await price.getAttribute('aria-invalid')).toBe('true');
    expect(await price.and(page.locator(':focus')).count()).toBe(1);
    const explained = (await price.getAttribute('aria-describedby')) ?? '';
    const reason = explained.split(' ').map((id) => page.locator(`#${id}`));
    expect((await Promise.all(reason.map((it) => it.textContent()))).join(' ')).toMatch(/\w/);
  });

  it('the page for signing in says why the right password has to wait, and how long', async () => {
    const { email, password } = await shop.person();
    let wrong = 0;
    const page = await browser.newPage();
    await page.goto(new URL('/signin', shop.platform.url).href);
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Password', { exact: true }).fill(password);
    // Ten are free, and each after that doubles a wait of 5 s. Two more leave a slow page time to be told.
    while (wrong < 12) {
      const { status } = await shop.ask('POST', '/api/auth/signin', { email, password: 'wrong password' });
      expect([401, 429]).toContain(status);
      if (status === 401) wrong++;
      else await sleep(500);
    }
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    const message = page.getByText(/Too many wrong passwords for this account.* Try again in \d+ seconds?\./);
    await message.waitFor();
    const signedIn = page.getByRole('button', { name: 'Sign out' });
    await eventually(async () => {
      // On a slow machine an earlier attempt may succeed late, and its page has no such button.
      if (!(await signedIn.isVisible()))
        await page.getByRole('button', { name: 'Sign in', exact: true }).click({ timeout: 5_000 });
      await signedIn.waitFor({ timeout: 5_000 });
    }, 120_000);
  });

  it('what has begun is called over, on its own page and in the list of who sells it', async () => {
    const { page, person } = await customers.newPerson();
    const soon = { startsAt: new Date(Date.now() + 10_000).toISOString() };
    const [ticket, show] = [await shop.sell(person, soon), await shop.announce(person, soon)];
    for (const path of ['/sales', `/tickets/${ticket.id}`, '/shows/mine', `/shows/${show.id}`]) {
      await eventually(async () => {
        await page.goto(new URL(path, shop.platform.url).href);
        expect([path, await page.locator('main .badge').first().textContent()]).toEqual([path, 'Over']);
      });
    }
  });

  // The last: from here on every order has the short window.
  it('an order that nobody pays runs out before one’s eyes, and the ticket is on sale again', async () => {
    await shop.platform.restart('orders', { ORDER_WINDOW_MS: `${shortWindowMs}` });
    const [seller, buyer] = await Promise.all([customers.newPerson(), customers.newPerson()]);
    const ticketUrl = await sell(seller.page, 'Tosca');
    await reserve(buyer.page, ticketUrl);
    await buyer.page.getByText('The time to pay ran out').waitFor({ timeout: shortWindowMs + 60_000 });
    await buyer.page.goto(ticketUrl);
    await buyer.page.getByRole('button', { name: 'Reserve' }).waitFor();
    expect([...seller.complaints, ...buyer.complaints]).toEqual([]);
  });
});
