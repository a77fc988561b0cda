import { eventually } from '@box-office/common/testing/eventually';
import type { Locator, Page } from 'playwright-core';
import { customers, inBrowser, shop } from './support/in-browser.ts';
import { paid } from './support/paid.ts';
import type { Person } from './support/shop.ts';

inBrowser('shows and free tickets in a real browser', () => {
  it('an organiser announces a show by its form, and a buyer buys two of one kind and one of another', async () => {
    const [organiser, buyer] = await Promise.all([customers.newPerson(), customers.newPerson()]);
    const { page: form } = organiser;
    await form.goto(new URL('/shows/mine', shop.platform.url).href);
    await form.getByRole('link', { name: 'Announce a show' }).first().click();
    await form.getByLabel('Title').fill('Die Zauberflöte');
    await form.getByLabel('Venue').fill('Staatsoper');
    await form.getByLabel('Time zone').selectOption('Europe/Berlin');
    await form.getByLabel('Starts').fill('2099-06-01T19:30');
    const kind = (number: number) => form.getByRole('group', { name: `Kind ${number}` });
    await kind(1).getByLabel('Name').fill('Stalls');
    await kind(1).getByLabel('Price').fill('42.50');
    await kind(1).getByLabel('Tickets').fill('20');
    await form.getByRole('button', { name: 'Add another kind' }).click();
    await kind(2).getByLabel('Name').fill('Students');
    await kind(2).getByLabel('Price').fill('0');
    await kind(2).getByLabel('Tickets').fill('5');
    await form.getByRole('button', { name: 'Announce show' }).click();
    await form.waitForURL(/\/shows\/[0-9a-f]{24}$/);
    const showUrl = form.url();

    const { page } = buyer;
    await eventually(async () => {
      await page.goto(showUrl);
      await page.getByText('20 left').waitFor({ timeout: 5_000 });
    });
    await page.getByText('19:30, Berlin time').waitFor();
    await page.getByRole('button', { name: 'One more: Stalls' }).click();
    await page.getByRole('button', { name: 'One more: Stalls' }).click();
    await page.getByLabel('Students', { exact: false }).and(page.getByRole('textbox')).fill('1');
    await page.getByRole('status').filter({ hasText: '3 tickets, €85.00' }).waitFor();
    await page.getByRole('button', { name: 'Reserve' }).click();
    await page.waitForURL(/\/orders\/[0-9a-f]{24}$/);
    await page.getByText('Staatsoper').waitFor();
    await page.getByText('19:30, Berlin time').waitFor();
    await page.getByText('2 × Stalls').waitFor();
    await page.getByText('1 × Students').waitFor();
    await page.getByLabel('Card number').fill('4242424242424242');
    await page.getByLabel('Expiry').fill('12/34');
    await page.getByLabel('CVC').fill('123');
    await page.getByRole('button', { name: 'Pay €85.00' }).click();
    await page.getByRole('status').filter({ hasText: 'the tickets are yours' }).waitFor();

    await eventually(async () => {
      await form.goto(`${showUrl}/sales`);
      await form.getByText('3 of 25').waitFor({ timeout: 5_000 });
    });
    await form
      .getByRole('row', { name: /Stalls/ })
      .getByText('€85.00')
      .waitFor();
    const orderUrl = page.url();
    await page.goto(showUrl);
    await page.getByRole('link', { name: 'Your order of 3 tickets' }).waitFor();

    await form.getByRole('link', { name: 'Orders and refunds' }).click();
    await form.getByRole('link', { name: '2 × Stalls, 1 × Students' }).click();
    await form.getByLabel('Amount').fill('90');
    await form.getByRole('button', { name: 'Refund this amount' }).click();
    await form.getByText('At most €85.00 can be refunded.').waitFor();
    await form.getByLabel('Amount').fill('5.50');
    await form.getByRole('button', { name: 'Refund this amount' }).click();
    await form.getByRole('button', { name: 'Refund €5.50' }).click();
    await form.getByRole('status').filter({ hasText: 'Refunded in part' }).waitFor();
    await form.getByText('At most €79.50').waitFor();
    await page.goto(orderUrl);
    const told = page.getByRole('status').filter({ hasText: 'Refunded in part' });
    await told.getByText('You have paid €85.00 and got €5.50 of it back.').waitFor();

    await form.getByRole('button', { name: 'Refund these tickets' }).click();
    await form.getByText('Choose at least one ticket.').waitFor();
    await form.getByLabel('Stalls, no. 2').check();
    await form.getByRole('button', { name: 'Refund these tickets' }).click();
    await form.getByRole('button', { name: 'Refund €42.50' }).click();
    const ofTickets = form.getByRole('listitem').filter({ hasText: 'Stalls' });
    await ofTickets.filter({ hasText: 'Refunded' }).waitFor();
    await ofTickets.filter({ hasText: 'Confirmed' }).waitFor();
    await page.reload();
    await told.getByText('You have paid €85.00 and got €48.00 of it back.').waitFor();
    await told.getByText('2 of the tickets are yours.').waitFor();
    expect([...organiser.complaints, ...buyer.complaints]).toEqual([]);
  });

  it('a buyer who was too late with a seat is told which, and keeps the others', async () => {
    const [organiser, faster, { page, complaints }] = await Promise.all([
      shop.person(),
      shop.person(),
      customers.newPerson(),
    ]);
    const boxes = { name: 'Boxes', price: 5000, quantity: 2, seats: ['Box 1', 'Box 2'] };
    const { id, kinds } = await shop.announce(organiser, { title: 'Le nozze di Figaro', kinds: [boxes] });
    await page.goto(new URL(`/shows/${id}`, shop.platform.url).href);
    for (const seat of ['Box 1', 'Box 2']) await page.getByLabel(seat).check();
    const { body: seats } = await faster.call('GET', `/api/shows/${id}/seats?kindId=${kinds[0]?.id}`);
    await eventually(async () => {
      const { status } = await faster.call('POST', '/api/orders', { showId: id, seats: [seats[0].id] });
      expect(status).toBe(201);
    });
    await page.getByRole('button', { name: 'Reserve' }).click();
    await page.getByRole('alert').filter({ hasText: 'taken Box 1. Your other seats are still chosen.' }).waitFor();
    await page.getByRole('button', { name: 'Reserve' }).click();
    await page.waitForURL(/\/orders\/[0-9a-f]{24}$/);
    await page.getByText('Box 2').waitFor();
    expect(complaints).toEqual([]);
  });

  it('a buyer who was told that nothing is left sees what has come back since', async () => {
    const [faster, { page, complaints }] = await Promise.all([shop.person(), customers.newPerson()]);
    const stalls = { name: 'Stalls', price: 1500, quantity: 2 };
    const { id, kinds } = await shop.announce(await shop.person(), { title: 'Lucio Silla', kinds: [stalls] });
    const left = page.getByText('2 left', { exact: true });
    await seenOn(page, `/shows/${id}`, () => left);
    await page.getByRole('button', { name: 'One more: Stalls' }).click();
    const lines = [{ kindId: kinds[0]?.id, quantity: 2 }];
    const { body: order } = await faster.call('POST', '/api/orders', { showId: id, lines });
    await page.getByRole('button', { name: 'Reserve' }).click();
    await page.getByText('Sold out', { exact: true }).waitFor();
    await faster.call('DELETE', `/api/orders/${order.id}`);
    await eventually(async () => {
      if (!(await left.isVisible())) await page.getByText('Join the waiting list').click({ timeout: 2_000 });
      await left.waitFor({ timeout: 2_000 });
    });
    expect([await page.getByText('“Stalls” is sold out.').count(), complaints]).toEqual([0, []]);
  });

  it('a cancelled show gives back everybody’s money and ends the waiting for it, and they all see it', async () => {
    const [organiser, buyer, waiter] = await Promise.all([
      customers.newPerson(),
      customers.newPerson(),
      customers.newPerson(),
    ]);
    const showUrl = await soldOut(organiser.person, buyer.person, 'Don Giovanni', { pays: true });
    await joinLine(waiter.page, showUrl);

    const { page } = organiser;
    await page.goto(showUrl);
    await page.getByRole('button', { name: 'Cancel the show' }).first().click();
    await page.getByRole('dialog').getByText('everybody who has paid gets all their money back').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel the show' }).click();
    await page.getByRole('status').filter({ hasText: 'You have cancelled this show' }).waitFor();

    await seenOn(buyer.page, '/orders', (it) => it.getByText('Show cancelled'));
    await buyer.page.getByRole('link', { name: 'Don Giovanni' }).click();
    await buyer.page.getByText('The organiser has cancelled the show.').waitFor();
    await seenOn(buyer.page, buyer.page.url(), (it) => it.getByText(/You got €30.00 back on/));
    await seenOn(waiter.page, '/waiting-list', (it) => it.getByText('The show is cancelled.'));
    expect([...organiser.complaints, ...buyer.complaints, ...waiter.complaints]).toEqual([]);
  });

  it('who joins the line for a sold-out show gets what comes free, and may leave it again', async () => {
    const [organiser, buyer] = await Promise.all([shop.person(), shop.person()]);
    const [first, second] = await Promise.all([customers.newPerson(), customers.newPerson()]);
    const showUrl = await soldOut(organiser, buyer, 'Idomeneo', { pays: false });
    await joinLine(first.page, showUrl);
    await joinLine(second.page, showUrl, 'You are number 2 in line for 2 tickets.');
    await second.page.goto(new URL('/waiting-list', shop.platform.url).href);
    await second.page.getByRole('button', { name: 'Leave the line' }).first().click();
    await second.page.getByRole('dialog').getByRole('button', { name: 'Leave the line' }).click();
    await second.page.getByRole('status').filter({ hasText: 'You have left the line.' }).waitFor();

    const { body: orders } = await buyer.call('GET', '/api/orders');
    await buyer.call('DELETE', `/api/orders/${orders[0].id}`);
    await seenOn(first.page, '/waiting-list', (it) => it.getByText('an order was made for you'));
    await first.page.getByRole('link', { name: 'Go to your order' }).click();
    await first.page.getByText('2 × Stalls').waitFor();
    await first.page.getByRole('button', { name: 'Pay €30.00' }).waitFor();
    expect([...first.complaints, ...second.complaints]).toEqual([]);
  });

  it('a buyer offers a ticket to others, and gets the money back once somebody has bought it', async () => {
    const organiser = await shop.person();
    const [holder, next] = await Promise.all([customers.newPerson(), customers.newPerson()]);
    const showUrl = await soldOut(organiser, holder.person, 'La clemenza di Tito', { pays: true });

    const { page } = holder;
    await page.goto(new URL('/orders', shop.platform.url).href);
    await page.getByRole('link', { name: 'La clemenza di Tito' }).click();
    const save = page.getByRole('button', { name: 'Save what is on offer' });
    for (const number of [1, 2]) await page.getByLabel(`Stalls, no. ${number}`).check();
    await save.click();
    await page.getByText('What you have chosen is on offer.').waitFor();
    await page.getByRole('listitem').filter({ hasText: '2 × StallsOn offer' }).waitFor();
    await page.getByLabel('Stalls, no. 1').uncheck();
    await save.click();
    await page.getByRole('listitem').filter({ hasText: 'Confirmed' }).waitFor();

    await seenOn(next.page, showUrl, (it) => it.getByText('1 left', { exact: true }));
    await next.page.getByRole('button', { name: 'One more: Stalls' }).click();
    await next.page.getByRole('button', { name: 'Reserve' }).click();
    await next.page.waitForURL(/\/orders\/[0-9a-f]{24}$/);
    const { body: orders } = await next.person.call('GET', '/api/orders');
    await paid(shop, next.person, orders[0]);
    await next.page.getByRole('status').filter({ hasText: 'The ticket is yours' }).waitFor();

    await seenOn(page, page.url(), (it) => it.getByText('You have paid €30.00 and got €15.00 of it back.'));
    await page.getByText('1 of your tickets is resold.').waitFor();
    await page.getByRole('listitem').filter({ hasText: 'Resold' }).waitFor();
    expect([...holder.complaints, ...next.complaints]).toEqual([]);
  });

  /** A show whose two tickets somebody has. Resolves with the address of its page. */
  async function soldOut(organiser: Person, buyer: Person, title: string, { pays }: { readonly pays: boolean }) {
    const { id, kinds } = await shop.announce(organiser, {
      title,
      kinds: [{ name: 'Stalls', price: 1500, quantity: 2 }],
    });
    const lines = [{ kindId: kinds[0]?.id, quantity: 2 }];
    const order = await eventually(async () => {
      const { status, body } = await buyer.call('POST', '/api/orders', { showId: id, lines });
      if (status !== 201) throw new Error(`orders has not heard yet that the show is on sale: ${body.code}`);
      return body;
    });
    if (pays) await paid(shop, buyer, order);
    const wanted = pays ? 'complete' : 'created';
    await eventually(async () => {
      const { body } = await buyer.call('GET', `/api/orders/${order.id}`);
      if (body.status !== wanted) throw new Error(`the order is ${body.status}`);
    });
    return new URL(`/shows/${id}`, shop.platform.url).href;
  }

  async function joinLine(page: Page, showUrl: string, place = 'You are next in line for 2 tickets.') {
    await seenOn(page, showUrl, (it) => it.getByText('Sold out'));
    await page.getByLabel(/to wait for/).selectOption('2');
    await page.getByRole('button', { name: 'Join the waiting list' }).click();
    await page.getByRole('status').filter({ hasText: place }).waitFor();
  }

  /** Opens the page until it shows what others have just done. */
  async function seenOn(page: Page, path: string, what: (page: Page) => Locator) {
    await eventually(async () => {
      await page.goto(new URL(path, shop.platform.url).href);
      await what(page).first().waitFor({ timeout: 5_000 });
    });
  }

  it('what is free is the buyer’s at once, and nobody asks for a card', async () => {
    const [seller, buyer] = await Promise.all([customers.newPerson(), customers.newPerson()]);
    await seller.page.goto(new URL('/tickets/new', shop.platform.url).href);
    await seller.page.getByLabel('Title').fill('Poetry slam');
    await seller.page.getByLabel('Price').fill('0');
    await seller.page.getByRole('button', { name: 'List ticket' }).click();
    await seller.page.waitForURL(/\/tickets\/[0-9a-f]{24}$/);
    await seller.page.getByText('Free', { exact: true }).waitFor();
    const ticketUrl = seller.page.url();
    await buyer.page.goto(ticketUrl);
    await buyer.page.getByRole('button', { name: 'Get the ticket' }).click();
    await buyer.page.waitForURL(/\/orders\/[0-9a-f]{24}$/);
    await buyer.page.getByRole('status').filter({ hasText: 'the ticket is yours' }).waitFor();
    expect(await buyer.page.getByLabel('Card number').count()).toBe(0);
    await seller.page.goto(new URL('/sales', shop.platform.url).href);
    await seller.page.getByText('Sold').first().waitFor();
    expect(await seller.page.getByRole('button', { name: /^Refund/ }).count()).toBe(0);

    await buyer.page.getByRole('button', { name: 'Offer the ticket' }).click();
    await buyer.page.getByRole('button', { name: 'Take the ticket back' }).waitFor();
    await seenOn(seller.page, `${ticketUrl}/edit`, (it) => it.getByText('its buyer offers it to others'));
    expect(await seller.page.getByRole('link', { name: 'Edit' }).count()).toBe(0);
    expect([...seller.complaints, ...buyer.complaints]).toEqual([]);
  });

  it('what is written from right to left is isolated from the words around it, on every page', async () => {
    const [seller, buyer] = await Promise.all([shop.person(), shop.person()]);
    const title = 'أمسية 3 (القاهرة)';
    const kinds = [
      { name: 'بلكون', price: 1500, quantity: 9 },
      { name: 'لوج', price: 1500, quantity: 2, seats: ['أ 1', 'أ 2'] },
    ];
    const [show, ticket] = await Promise.all([
      shop.announce(seller, { title, venue: { name: 'قاعة 2', address: 'شارع 5' }, kinds }),
      shop.sell(seller, { title, venue: 'قاعة 2' }),
    ]);
    await shop.known(ticket);
    const { body: order } = await buyer.call('POST', '/api/orders', { ticketId: ticket.id });
    for (const [path, { cookie }] of [
      [`/shows/${show.id}`, buyer],
      [`/shows/${show.id}`, seller],
      [`/shows/${show.id}/sales`, seller],
      [`/shows/${show.id}/orders`, seller],
      ['/shows/mine', seller],
      [`/tickets/${ticket.id}`, buyer],
      ['/sales', seller],
      [`/orders/${order.id}`, buyer],
      ['/orders', buyer],
    ] as const) {
      const html = await (await fetch(new URL(path, shop.platform.url), { headers: { cookie } })).text();
      const main = html.slice(html.indexOf('<main'), html.indexOf('</main>'));
      const around = main.replaceAll(/<bdi[^>]*>.*?<\/bdi>/gs, '').replaceAll(/<[^>]*>/g, '');
      expect(main).toMatch(/<bdi[^>]*>[^<]*\p{Script=Arabic}/u);
      expect({ path, around: around.match(/\p{Script=Arabic}+/gu) }).toEqual({ path, around: null });
    }
  });
});
