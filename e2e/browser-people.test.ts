import { eventually } from '@box-office/common/testing/eventually';
import { type Manner, smtpServer } from '@box-office/mail/smtp-under-test';
import type { Page } from 'playwright-core';
import { violationsOn } from './support/axe.ts';
import { noteByHand } from './support/by-hand.ts';
import { customers, inBrowser, shop } from './support/in-browser.ts';
import { mailboxAt } from './support/mailbox.ts';
import type { Person } from './support/shop.ts';

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

inBrowser('people and their accounts in a real browser', () => {
  const mailbox = () => mailboxAt(shop.platform.addresses.mail ?? '');

  /** From the mail about a free ticket. */
  async function linkOfGuest(guest: Pick<Person, 'email' | 'call'>): Promise<string> {
    const ticket = await shop.sell(await shop.person(), { title: 'Open stage', price: 0 });
    await shop.known(ticket);
    await guest.call('POST', '/api/orders', { ticketId: ticket.id });
    return mailbox().linkIn(guest.email, /Open stage/, '/open');
  }

  /** A mailbox in the browser is another site, so its reader is asked first. */
  async function answersWhose(page: Page, guest: string): Promise<void> {
    await page.getByText(`You are about to open the orders of ${guest}.`).waitFor();
    await page.getByRole('link', { name: 'Open the orders' }).click();
  }

  it('somebody buys on a phone without an account, in six taps at most and two fields beside the card', async () => {
    const { id } = await shop.announce(await shop.person(), {
      title: 'Turandot',
      kinds: [{ name: 'Stalls', price: 1500, quantity: 9 }],
    });
    const { page, complaints } = await customers.visitor(phone);
    const hand = await noteByHand(page);
    const { keyboard } = page;
    await page.goto(new URL(`/shows/${id}`, shop.platform.url).href);
    await page.getByRole('button', { name: 'One more: Stalls' }).tap();
    await page.getByLabel('E-mail').tap();
    await keyboard.type('ada@example.com');
    // The keyboard of a phone has a key for the next field.
    await keyboard.press('Tab');
    await keyboard.type('Ada Lovelace');
    await page.getByRole('button', { name: 'Reserve' }).tap();
    await page.waitForURL(/\/orders\/[0-9a-f]{24}$/);
    await page.getByLabel('Card number').tap();
    for (const typed of ['4242424242424242', '12/34', '123']) {
      await keyboard.type(typed);
      await keyboard.press('Tab');
    }
    await page.getByRole('button', { name: 'Pay €15.00' }).tap();
    await page.getByRole('status').filter({ hasText: 'The ticket is yours' }).waitFor();
    expect(hand.taps.length).toBeLessThanOrEqual(6);
    expect([...hand.fields]).toEqual(['email', 'name', 'number', 'expiry', 'cvc']);
    const order = page.url();
    await page.context().close();

    const readsMail = await customers.visitor();
    const follow = (page: Page) => mailbox().follow(page, 'ada@example.com', /Turandot/, '/open');
    const elsewhere = await follow(readsMail.page);
    await answersWhose(elsewhere, 'Ada Lovelace, ada@example.com');
    await elsewhere.waitForURL(order);
    await elsewhere.getByRole('status').filter({ hasText: 'The ticket is yours' }).waitFor();
    expect(await elsewhere.evaluate('document.referrer')).toBe('');
    await (await follow(readsMail.page)).waitForURL(order);
    const plain = await customers.visitor({ javaScriptEnabled: false });
    const withoutScript = await follow(plain.page);
    await answersWhose(withoutScript, 'Ada Lovelace, ada@example.com');
    await withoutScript.getByRole('status').filter({ hasText: 'The ticket is yours' }).waitFor();
    expect(withoutScript.url()).toBe(order);
    // As a mail program opens it.
    const program = await customers.visitor();
    await program.page.goto(await mailbox().linkIn('ada@example.com', /Turandot/, '/open'));
    expect(program.page.url()).toBe(order);

    await elsewhere.getByText('Guest: Ada Lovelace').waitFor();
    await elsewhere.goto(new URL(`/shows/${id}`, shop.platform.url).href);
    await elsewhere.getByText('You order as Ada Lovelace, ada@example.com.').waitFor();
    expect(await elsewhere.getByLabel('E-mail').count()).toBe(0);
    await elsewhere.getByRole('link', { name: 'Your order of 1 ticket' }).click();
    await elsewhere.getByRole('status').filter({ hasText: 'The ticket is yours' }).waitFor();
    await elsewhere.getByRole('link', { name: 'Sell a ticket' }).click();
    await elsewhere.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect([complaints, readsMail.complaints, plain.complaints, program.complaints].flat()).toEqual([]);
  });

  it('a guest whose session ends while ordering is told, and goes on with what was chosen', async () => {
    const [guest, organiser, { page, complaints }] = await Promise.all([
      shop.guest(),
      shop.person(),
      customers.visitor(phone),
    ]);
    const { id } = await shop.announce(organiser, { title: 'Tosca' });
    const [name = '', value = ''] = guest.cookie.split('=');
    await page.context().addCookies([{ name, value, url: shop.platform.url }]);
    await page.goto(new URL(`/shows/${id}`, shop.platform.url).href);
    await page.getByText(`You order as Ada Lovelace, ${guest.email}.`).waitFor();
    await page.getByRole('button', { name: 'One more: Stalls' }).tap();
    await page.getByRole('button', { name: 'One more: Stalls' }).tap();
    const { body: sessions } = await guest.call('GET', '/api/auth/sessions');
    await guest.call('DELETE', `/api/auth/sessions/${sessions[0].id}`);
    await page.getByRole('button', { name: 'Reserve' }).tap();
    await page.getByRole('alert').filter({ hasText: 'Your session has ended' }).waitFor();
    expect(await page.getByLabel('E-mail').inputValue()).toBe(guest.email);
    expect(await page.getByLabel('Name').inputValue()).toBe('Ada Lovelace');
    await page.getByRole('status').filter({ hasText: '2 tickets, €30.00' }).waitFor();
    await page.getByRole('button', { name: 'Reserve' }).tap();
    await page.waitForURL(/\/orders\/[0-9a-f]{24}$/);
    await page.getByRole('timer').waitFor();
    expect(complaints).toEqual([]);
  });

  it('a link that is too old or not for this reader says what helps', async () => {
    const [{ page }, reader] = await Promise.all([customers.visitor(), customers.newPerson()]);
    await page.goto(new URL('/open?key=nothing&to=/orders', shop.platform.url).href);
    await page.getByRole('heading', { name: 'This link does not work' }).waitFor();
    const guest = await shop.guest();
    const link = await linkOfGuest(guest);
    await reader.page.goto(link);
    await reader.page.getByText('The link in the mail leads to an order').waitFor();
    await reader.page.getByRole('main').getByRole('button', { name: 'Sign out' }).click();
    await reader.page.getByRole('link', { name: 'Sign in' }).first().waitFor();
    await reader.page.goto(link);
    await reader.page.getByText('Guest: Ada Lovelace').waitFor();
    await reader.page.goto(new URL('/account', shop.platform.url).href);
    await reader.page.getByRole('heading', { name: 'You are a guest' }).waitFor();
    // A guest has nothing to confirm an address by.
    expect(await reader.page.getByText('confirmed').count()).toBe(0);
  });

  it('a forgotten password is mended through the mailbox, and the old one and other browsers are out', async () => {
    const { person, page: other } = await customers.newPerson();
    const { page, complaints } = await customers.visitor(phone);
    await page.goto(new URL('/signin', shop.platform.url).href);
    await page.getByRole('link', { name: 'Forgot your password?' }).tap();
    await page.getByRole('heading', { name: 'Forgot your password?' }).waitFor();
    await page.getByLabel('E-mail').fill(person.email);
    await page.getByRole('button', { name: 'Mail me a link' }).tap();
    await page.getByRole('status').filter({ hasText: 'a mail with a link is on its way' }).waitFor();
    const tab = await mailbox().follow(page, person.email, /Reset your password/, '/link');
    await tab.waitForURL(new URL('/link', shop.platform.url).href);
    await tab.getByLabel('New password').fill('short');
    await tab.getByRole('button', { name: 'Save the password' }).tap();
    await tab.getByText('Must be at least 8 characters.').waitFor();
    await tab.getByLabel('New password').fill('a new horse and battery');
    await tab.getByRole('button', { name: 'Save the password' }).tap();
    await tab.waitForURL(new URL('/account', shop.platform.url).href);
    await other.reload();
    await other.getByRole('link', { name: 'Sign in' }).waitFor();

    await page.goto(new URL('/orders', shop.platform.url).href);
    await page.getByRole('button', { name: 'Sign out' }).tap();
    await page.getByRole('link', { name: 'Sign in' }).tap();
    await page.getByLabel('E-mail').fill(person.email);
    await page.getByLabel('Password', { exact: true }).fill(person.password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).tap();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Password', { exact: true }).fill('a new horse and battery');
    await page.getByRole('button', { name: 'Sign in', exact: true }).tap();
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('a link by mail signs in without a password, once', async () => {
    const { email } = await shop.person();
    const { page, complaints } = await customers.visitor();
    await page.goto(new URL('/signin', shop.platform.url).href);
    await page.getByRole('button', { name: 'Mail me a link' }).click();
    await page.getByRole('alert').filter({ hasText: 'Enter your e-mail address above.' }).waitFor();
    await page.getByLabel('E-mail').fill(email);
    await page.getByRole('button', { name: 'Mail me a link' }).click();
    await page.getByRole('status').filter({ hasText: 'a mail with a link is on its way' }).waitFor();
    const link = await mailbox().linkIn(email, /sign-in link/, '/link');
    await page.goto(link);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('link', { name: 'Sign in' }).waitFor();
    await page.goto(link);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('alert').filter({ hasText: 'used before' }).waitFor();
    await page.getByRole('link', { name: 'Ask for another link' }).click();
    await page.waitForURL(new URL('/signin', shop.platform.url).href);
    expect(complaints).toEqual([]);
  });

  it('a link to the orders of a stranger on another site makes nobody that stranger', async () => {
    const link = await linkOfGuest(await shop.guest());
    const [victim, { page }] = await Promise.all([shop.guest(), customers.visitor()]);
    const [name = '', value = ''] = victim.cookie.split('=');
    await page.context().addCookies([{ name, value, url: shop.platform.url }]);
    await page.goto(shop.platform.addresses.mail ?? '');
    await page.evaluate(`location.assign(${JSON.stringify(link)})`);
    await page.getByRole('heading', { name: 'Open these orders?' }).waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await page.goto(new URL('/account', shop.platform.url).href);
    await page.getByText(victim.email).first().waitFor();
  });

  it('a single ticket is bought without an account as well', async () => {
    const ticket = await shop.sell(await shop.person(), { title: 'Poetry slam', price: 0 });
    await shop.known(ticket);
    const { page, complaints } = await customers.visitor(phone);
    await page.goto(new URL(`/tickets/${ticket.id}`, shop.platform.url).href);
    await page.getByRole('button', { name: 'Get the ticket' }).tap();
    await page.getByText('Enter your e-mail address.').waitFor();
    await page.getByText('Enter your name.').waitFor();
    await page.getByLabel('E-mail').fill('ada');
    await page.getByLabel('Name').fill('Ada Lovelace');
    await page.getByRole('button', { name: 'Get the ticket' }).tap();
    await page.locator('[name="email"][aria-invalid="true"]:focus').waitFor();
    await page.getByLabel('E-mail').fill('ada@example.com');
    await page.getByRole('button', { name: 'Get the ticket' }).tap();
    await page.getByRole('status').filter({ hasText: 'The ticket is yours' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('somebody waits for tickets of a show that is sold out without an account', async () => {
    const [organiser, buyer] = await Promise.all([shop.person(), shop.person()]);
    const stalls = { name: 'Stalls', price: 1500, quantity: 1 };
    const { id, kinds } = await shop.announce(organiser, { title: 'Lohengrin', kinds: [stalls] });
    const lines = [{ kindId: kinds[0]?.id, quantity: 1 }];
    await eventually(async () => {
      const { status } = await buyer.call('POST', '/api/orders', { showId: id, lines });
      if (status !== 201) throw new Error('orders has not heard of the show yet');
    });
    const { page, complaints } = await customers.visitor(phone);
    await eventually(async () => {
      await page.goto(new URL('/shows?q=lohengrin', shop.platform.url).href);
      await page.getByRole('article').getByText('Sold out').waitFor({ timeout: 5_000 });
      await page.goto(new URL(`/shows/${id}`, shop.platform.url).href);
      await page.getByText('Sold out').first().waitFor({ timeout: 5_000 });
    });
    await page.getByRole('button', { name: 'Join the waiting list' }).tap();
    await page.getByText('Enter your name.').waitFor();
    await page.getByLabel('E-mail').fill('ada@example.com');
    await page.getByLabel('Name').fill('Ada Lovelace');
    await page.getByRole('button', { name: 'Join the waiting list' }).tap();
    await page.getByRole('status').filter({ hasText: 'You are next in line for 1 ticket.' }).waitFor();
    await page.getByText('Guest: Ada Lovelace').waitFor();
    expect(complaints).toEqual([]);
  });

  it('who chooses tickets and seats and signs in then has not lost the choice', async () => {
    const [organiser, { email, password }] = await Promise.all([shop.person(), shop.person()]);
    const { id } = await shop.announce(organiser, {
      title: 'Fidelio',
      kinds: [
        { name: 'Stalls', price: 1500, quantity: 9 },
        { name: 'Boxes', price: 5000, quantity: 2, seats: ['Box 1', 'Box 2'] },
      ],
    });
    const { page, complaints } = await customers.visitor();
    await page.goto(new URL(`/shows/${id}`, shop.platform.url).href);
    await page.getByRole('button', { name: 'One more: Stalls' }).click();
    await page.getByRole('button', { name: 'One more: Stalls' }).click();
    await page.getByLabel('Box 2').check();
    await page.getByRole('navigation').getByRole('link', { name: 'Sign up' }).click();
    await page.waitForURL(/\/signup/);
    await page.goBack();
    const chosen = page.getByRole('status').filter({ hasText: '3 tickets, €80.00: Box 2' });
    await chosen.waitFor();
    await page.getByRole('button', { name: 'One less: Stalls' }).click();
    await page.getByRole('button', { name: 'One less: Stalls' }).click();
    await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
    await page.waitForURL(/\/signin/);
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.waitForURL(/\/shows\/[0-9a-f]{24}$/);
    await page.getByRole('status').filter({ hasText: '1 ticket, €50.00: Box 2' }).waitFor();
    expect(await page.getByLabel('Box 2').isChecked()).toBe(true);
    await page.getByRole('button', { name: 'Reserve' }).click();
    await page.waitForURL(/\/orders\/[0-9a-f]{24}$/);
    await page.goto(new URL(`/shows/${id}`, shop.platform.url).href);
    await page.getByRole('link', { name: 'Your order of 1 ticket' }).waitFor();
    expect(await page.getByLabel('Box 2').isChecked()).toBe(false);
    expect(complaints).toEqual([]);
  });

  // The last: from here on no mail reaches its reader.
  it('an organiser sees which mail about an order did not reach its buyer', async () => {
    const smtp = await smtpServer();
    smtp.next(...Array<Manner>(20).fill('refuse'));
    await shop.platform.restart('mail', { SMTP_URL: smtp.url });
    const [organiser, guest] = await Promise.all([customers.newPerson(), shop.guest()]);
    const ticket = await shop.sell(organiser.person, { title: 'Open stage', price: 0 });
    await shop.known(ticket);
    const { body: order } = await guest.call('POST', '/api/orders', { ticketId: ticket.id });
    const { page } = organiser;
    await eventually(async () => {
      await page.goto(new URL(`/sales/${order.id}`, shop.platform.url).href);
      await page.getByRole('heading', { name: 'Mails that did not arrive' }).waitFor({ timeout: 5_000 });
    });
    await page.getByText('The mail server refused it (550)').first().waitFor();
    expect(await violationsOn(page)).toEqual([]);
    expect(organiser.complaints).toEqual([]);
    await smtp.close();
  });
});
