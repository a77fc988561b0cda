import { resolve } from 'node:path';
import type { Order } from '@box-office/common/contracts/orders';
import { eventually } from '@box-office/common/testing/eventually';
import type { Story } from '@box-office/console/api/story';
import { execa } from 'execa';
import { paid } from './support/paid.ts';
import { openSeenShop, type SeenShop } from './support/seen-shop.ts';

const command = resolve(import.meta.dirname, '../console/src/commands/story.ts');

let opened: SeenShop;

beforeAll(async () => {
  opened = await openSeenShop();
});

afterAll(() => opened?.end());

it('the story of an order tells that its buyer is owed money while Stripe is away, until they have it', async () => {
  const { shop, url } = opened;
  const [organiser, buyer] = await Promise.all([shop.person(), shop.person()]);
  const faults = (it: object) =>
    fetch(`${url}/api/sandbox/faults`, {
      method: 'POST',
      headers: { origin: url, 'content-type': 'application/json' },
      body: JSON.stringify(it),
    });
  const show = await shop.announce(organiser);
  const kind = show.kinds.find(({ price }) => price > 0);
  const { body: order } = await eventually(async () => {
    const lines = [{ kindId: kind?.id, quantity: 2 }];
    const answer = await buyer.call<Order>('POST', '/api/orders', { showId: show.id, lines });
    expect(answer.status).toBe(201);
    return answer;
  });
  const story = async () => (await (await fetch(`${url}/api/story/${order.id}`)).json()) as Story;
  const run = async () =>
    (await execa(process.execPath, [command, order.id, '--url', url], { reject: false })).exitCode;
  await paid(shop, buyer, order);
  await eventually(async () => expect(await story()).toMatchObject({ order: { status: 'complete' }, waitsFor: [] }));

  expect((await faults({ down: true })).status).toBe(200);
  expect((await organiser.call('POST', `/api/shows/${show.id}/cancel`)).status).toBe(200);
  const told = await eventually(async () => {
    const it = await story();
    expect(it.waitsFor).toMatchObject([{ who: 'stripe' }]);
    return it;
  });
  expect(told.summary).toMatch(
    /; 2 of its tickets ended \(show-cancelled\)\. Still to come: Stripe to answer payments, which is to refund \S+\.$/,
  );
  expect(await run()).toBe(1);

  expect((await faults({})).status).toBe(200);
  // Sooner than payments asks by itself, about a minute later.
  await organiser.call('POST', `/api/payments/${order.id}/refund`);
  await eventually(async () => expect(await run()).toBe(0), 30_000);
  expect(await story()).toMatchObject({ summary: expect.stringMatching(/; refunded at /), waitsFor: [] });
});
