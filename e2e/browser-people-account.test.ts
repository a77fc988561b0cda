import { readFile } from 'node:fs/promises';
import { PersonalData } from '@box-office/common/contracts/auth';
import { keptDays } from '@box-office/common/contracts/kept';
import { eventually } from '@box-office/common/testing/eventually';
import type { Locator, Page } from 'playwright-core';
import { customers, inBrowser, shop } from './support/in-browser.ts';

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

inBrowser('accounts in a real browser', () => {
  const at = (path: string) => new URL(path, shop.platform.url).href;

  /** A device that keeps passkeys and unlocks itself. */
  async function device(page: Page): Promise<void> {
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
      },
    });
  }

  /** From now on it is a browser that offers no passkeys in fields. */
  async function byButtonAlone(page: Page): Promise<void> {
    await page.addInitScript('PublicKeyCredential.isConditionalMediationAvailable = async () => false');
  }

  async function signOut(page: Page): Promise<void> {
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await page.getByRole('link', { name: 'Sign in' }).first().waitFor();
  }

  /** In the browser of a guest who has just got a free ticket, on the page of the order. */
  async function atOrderOfGuest() {
    const [customer, guest, seller] = await Promise.all([customers.visitor(phone), shop.guest(), shop.person()]);
    const ticket = await shop.sell(seller, { title: 'Open stage', price: 0 });
    await shop.known(ticket);
    const { body: order } = await guest.call('POST', '/api/orders', { ticketId: ticket.id });
    const [name = '', value = ''] = guest.cookie.split('=');
    await customer.page.context().addCookies([{ name, value, url: shop.platform.url }]);
    await customer.page.goto(at(`/orders/${order.id}`));
    return { ...customer, guest };
  }

  it('a passkey is made, signs in, and does so no longer once it is removed', async () => {
    const { page, person, complaints } = await customers.newPerson();
    await device(page);
    await page.goto(at('/account'));
    const passkeys = page.getByRole('region', { name: 'Passkeys' });
    await passkeys.getByRole('button', { name: 'Add a passkey' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a passkey' });
    await dialog.getByRole('button', { name: 'Continue' }).click();
    await dialog.getByRole('alert').filter({ hasText: 'Enter your password.' }).waitFor();
    await dialog.getByLabel('Your password').fill(person.password);
    await page.keyboard.press('Enter');
    await passkeys.getByRole('status').filter({ hasText: 'The passkey is made' }).waitFor();
    await passkeys.getByRole('listitem').filter({ hasText: 'not used yet' }).waitFor();

    await passkeys.getByRole('button', { name: 'Add a passkey' }).click();
    await dialog.getByLabel('Your password').fill(person.password);
    await page.keyboard.press('Enter');
    await dialog.getByRole('alert').filter({ hasText: 'a passkey for your account already' }).waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();

    await signOut(page);
    // Offered in the field for the address, where this device chooses it by itself.
    await page.goto(at('/signin?next=/account'), { waitUntil: 'commit' });
    await page.waitForURL(at('/account'));
    await passkeys.getByRole('listitem').filter({ hasText: 'last used' }).waitFor();

    await signOut(page);
    await byButtonAlone(page);
    await page.goto(at('/signin?next=/account'));
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.waitForURL(at('/account'));

    await passkeys.getByRole('button', { name: /^Remove the passkey/ }).click();
    const removal = page.getByRole('dialog', { name: 'Remove this passkey?' });
    await removal.getByRole('button', { name: 'Remove the passkey' }).click();
    await removal.getByRole('alert').filter({ hasText: 'Enter your password.' }).waitFor();
    await removal.getByLabel('Your password').fill(person.password);
    await removal.getByRole('button', { name: 'Remove the passkey' }).click();
    await passkeys.getByRole('status').filter({ hasText: 'The passkey is removed' }).waitFor();
    await passkeys.getByText('You have none yet').waitFor();
    await signOut(page);
    await page.goto(at('/signin'));
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByRole('alert').filter({ hasText: 'This passkey was not accepted' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('a guest makes an account with a passkey by one tap after the purchase', async () => {
    const { page, guest, complaints } = await atOrderOfGuest();
    await Promise.all([device(page), byButtonAlone(page)]);
    const order = page.url();
    await page.getByRole('button', { name: 'Use a passkey' }).tap();
    await page.getByRole('heading', { name: 'Make an account' }).waitFor({ state: 'detached' });
    await page.getByText(guest.email).waitFor();
    await signOut(page);
    await page.goto(at('/signin?next=/orders'));
    await page.getByRole('button', { name: 'Sign in with a passkey' }).tap();
    await page.getByRole('link', { name: 'Open stage' }).tap();
    await page.waitForURL(order);
    expect(complaints).toEqual([]);
  });

  it('a guest makes an account with a password after the purchase, or is told what is wrong with it', async () => {
    const { page, guest, complaints } = await atOrderOfGuest();
    const order = page.url();
    const make = page.getByRole('button', { name: 'Use a password' });
    await page.getByLabel('Password').fill('password');
    await make.tap();
    await page.locator('[name="password"][aria-invalid="true"]:focus').waitFor();
    await page.getByLabel('Password').fill('correct horse battery');
    await make.tap();
    await page.getByRole('heading', { name: 'Make an account' }).waitFor({ state: 'detached' });
    await signOut(page);
    await page.goto(at('/signin?next=/orders'));
    await page.getByLabel('E-mail').fill(guest.email);
    await page.getByLabel('Password', { exact: true }).fill('correct horse battery');
    await page.getByRole('button', { name: 'Sign in', exact: true }).tap();
    await page.getByRole('link', { name: 'Open stage' }).tap();
    await page.waitForURL(order);
    expect(complaints).toEqual([]);
  });

  it('passkeys are offered only where there can be some, and the account page says why not', async () => {
    const [byAddress, old] = await Promise.all([customers.visitor(), customers.newPerson()]);
    await byAddress.page.goto(at('/signin').replace('localhost', '127.0.0.1'));
    await byAddress.page.getByRole('button', { name: 'Mail me a link', disabled: false }).waitFor();
    expect(await byAddress.page.getByRole('button', { name: /passkey/ }).count()).toBe(0);
    await old.page.addInitScript('delete window.PublicKeyCredential');
    await old.page.goto(at('/account'));
    await old.page.getByText('This browser has no passkeys.').waitFor();
    expect(await old.page.getByRole('button', { name: 'Add a passkey' }).count()).toBe(0);
    expect([...byAddress.complaints, ...old.complaints]).toEqual([]);
  });

  it('somebody ends the session of another device, which is out within a second, and changes the password', async () => {
    const { page, person, complaints } = await customers.newPerson();
    const elsewhere = await customers.visitor({ userAgent: 'Mozilla/5.0 (Windows NT 10.0; rv:140.0) Firefox/140.0' });
    await elsewhere.page.goto(at('/signin?next=/account'));
    await elsewhere.page.getByLabel('E-mail').fill(person.email);
    await elsewhere.page.getByLabel('Password', { exact: true }).fill(person.password);
    await elsewhere.page.keyboard.press('Enter');
    await elsewhere.page.waitForURL(at('/account'));

    await page.goto(at('/account'));
    const sessions = page.getByRole('region', { name: 'Where you are signed in' });
    await sessions.getByRole('button', { name: 'Sign out Firefox on Windows' }).click();
    const isOut = (path: string) =>
      eventually(async () => {
        const status = await elsewhere.page.evaluate(`fetch('${path}').then(({ status }) => status)`);
        if (status !== 401) throw new Error(`${path} is still answered ${status}`);
      }, 1_000);
    await sessions.getByRole('status').filter({ hasText: 'That device is signed out.' }).waitFor();
    for (const path of ['/api/orders', '/api/auth/account', '/api/waiting-list']) await isOut(path);
    await elsewhere.page.reload();
    await elsewhere.page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await sessions.getByRole('button', { name: 'Sign out Firefox on Windows' }).waitFor({ state: 'detached' });

    const password = page.getByRole('region', { name: 'Password' });
    await password.getByLabel('Current password').fill('not my password');
    await password.getByLabel('New password').fill('a new horse and battery');
    await page.keyboard.press('Enter');
    await password.getByText('This is not your current password.').waitFor();
    await password.getByLabel('Current password').fill(person.password);
    await page.keyboard.press('Enter');
    await password.getByRole('status').filter({ hasText: 'Your password is saved.' }).waitFor();
    expect((await person.call('GET', '/api/orders')).status).toBe(401);
    await signOut(page);
    await page.goto(at('/signin?next=/account'));
    await page.getByLabel('E-mail').fill(person.email);
    await page.getByLabel('Password', { exact: true }).fill('a new horse and battery');
    await page.keyboard.press('Enter');
    await page.waitForURL(at('/account'));
    expect([...complaints, ...elsewhere.complaints]).toEqual([]);
  });

  it('another link to confirm an address is on the account page, for who is signed in', async () => {
    const { page, complaints } = await customers.newPerson();
    await page.goto(at('/link?purpose=verify&token=too-old'));
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByRole('link', { name: 'Ask for another link' }).click();
    await page.waitForURL(at('/account'));
    await page.getByRole('region', { name: 'Address' }).getByRole('button', { name: 'Mail me a link' }).click();
    await page.getByRole('status').filter({ hasText: 'a mail with a link is on its way' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('somebody takes their data away and deletes the account, and the order stays with its seller', async () => {
    const [seller, leaver] = await Promise.all([customers.newPerson(), customers.newPerson()]);
    const { page, person } = leaver;
    const ticket = await shop.sell(seller.person, { title: 'Last waltz', price: 0 });
    await shop.known(ticket);
    const { body: order } = await person.call('POST', '/api/orders', { ticketId: ticket.id });
    const show = await shop.announce(person, { title: 'Farewell' });

    await page.goto(at('/account'));
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download what is stored about me' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('box-office.json');
    const file: unknown = JSON.parse(await readFile(await download.path(), 'utf8'));
    expect(file).toMatchObject({ orders: [{ id: order.id }], tickets: [], shows: [{ id: show.id }], waitingList: [] });
    const data = PersonalData.parse(file);
    expect(data).toMatchObject({ account: { id: person.id, email: person.email, hasPassword: true }, passkeys: [] });
    expect(data.sessions.filter(({ current }) => current)).toHaveLength(1);

    const { events, unhandled } = keptDays;
    await page
      .getByText(`deleted after ${events} days; those that could not be delivered after ${unhandled} days`)
      .waitFor();
    await page.getByText('What you sell stays on sale').getByRole('link', { name: 'Farewell' }).waitFor();
    await page.getByRole('button', { name: 'Delete my account' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('You still have 1 show to come').waitFor();
    await dialog.getByLabel('Your password').fill('not my password');
    await page.keyboard.press('Enter');
    await dialog.getByRole('alert').filter({ hasText: 'This is not your current password.' }).waitFor();
    await dialog.getByLabel('Your password').fill(person.password);
    await dialog.getByRole('button', { name: 'Delete the account' }).click();
    await page.waitForURL(at('/'));
    await page.getByRole('link', { name: 'Sign in' }).first().click();
    await page.getByLabel('E-mail').fill(person.email);
    await page.getByLabel('Password', { exact: true }).fill(person.password);
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();

    await seller.page.goto(at(`/sales/${order.id}`));
    await seller.page.getByRole('heading', { name: 'Last waltz' }).waitFor();
    expect([...seller.complaints, ...leaver.complaints]).toEqual([]);
  });

  it('by keyboard alone somebody signs in, buys, and makes and removes a passkey, and sees where they are', async () => {
    const [person, organiser, { page, complaints }] = await Promise.all([
      shop.person(),
      shop.person(),
      customers.visitor(),
    ]);
    const { id } = await shop.announce(organiser, { title: 'Rigoletto' });
    const { keyboard } = page;
    await device(page);
    const tabTo = async (what: Locator) => {
      await what.and(page.locator(':enabled, a')).waitFor();
      for (let tabs = 0; (await what.and(page.locator(':focus')).count()) === 0; tabs++) {
        if (tabs > 60) throw new Error(`${what} is not reached`);
        await keyboard.press('Tab');
      }
      expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    };
    const press = async (what: Locator) => {
      await tabTo(what);
      await keyboard.press('Enter');
    };

    await page.goto(at(`/shows/${id}`));
    await press(page.getByRole('button', { name: 'One more: Stalls' }));
    await press(page.getByRole('main').getByRole('link', { name: 'Sign in' }));
    await page.waitForURL(/\/signin/);
    await tabTo(page.getByLabel('E-mail'));
    await keyboard.type(person.email);
    await tabTo(page.getByLabel('Password', { exact: true }));
    await keyboard.type(person.password);
    await keyboard.press('Enter');
    await page.waitForURL(at(`/shows/${id}`));
    await page.getByRole('status').filter({ hasText: '1 ticket' }).waitFor();
    await press(page.getByRole('button', { name: 'Reserve' }));
    await tabTo(page.getByLabel('Card number'));
    await keyboard.type('4242424242424242');
    await tabTo(page.getByLabel('Expiry'));
    await keyboard.type('12/34');
    await tabTo(page.getByLabel('CVC'));
    await keyboard.type('123');
    await keyboard.press('Enter');
    await page.getByRole('status').filter({ hasText: 'The ticket is yours' }).waitFor();

    await press(page.getByRole('banner').getByRole('link', { name: person.email }));
    await press(page.getByRole('button', { name: 'Add a passkey' }));
    await tabTo(page.getByRole('dialog').getByLabel('Your password'));
    await keyboard.type(person.password);
    await keyboard.press('Enter');
    const outcome = page.locator('[role="status"]:focus');
    await outcome.filter({ hasText: 'The passkey is made' }).waitFor();
    await press(page.getByRole('button', { name: /^Remove the passkey/ }));
    await page.getByRole('dialog').getByLabel('Your password').and(page.locator(':focus')).waitFor();
    await keyboard.type(person.password);
    await press(page.getByRole('dialog').getByRole('button', { name: 'Remove the passkey' }));
    await outcome.filter({ hasText: 'The passkey is removed' }).waitFor();
    expect(complaints).toEqual([]);
  });
});
