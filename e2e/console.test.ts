import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { OrderCreated } from '@box-office/common/contracts/orders';
import { eventually } from '@box-office/common/testing/eventually';
import type { Step, Story } from '@box-office/console/api/story';
import { connect, headers } from '@nats-io/transport-node';
import { execa } from 'execa';
import { openSeenShop, type SeenShop } from './support/seen-shop.ts';
import type { Person, Shop } from './support/shop.ts';
import { ordered, soldOrder } from './support/trades.ts';

const root = resolve(import.meta.dirname, '..');

/** The console of a running platform: what it tells of orders whose fates are made for real. */
describe('the console of a platform', () => {
  let opened: SeenShop;
  let shop: Shop;
  let url: string;
  let seller: Person;
  let buyer: Person;

  beforeAll(async () => {
    opened = await openSeenShop();
    ({ shop, url } = opened);
    [seller, buyer] = [await shop.person(), await shop.person()];
  });

  afterAll(() => opened.end());

  async function get<Body>(path: string): Promise<Body> {
    const answer = await fetch(url + path);
    if (answer.status !== 200) throw new Error(`${path} was answered ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Body;
  }
  const story = (id: string) => get<Story>(`/api/story/${id}`);
  const post = (path: string, body: unknown) =>
    fetch(url + path, {
      method: 'POST',
      headers: { origin: url, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  /** An order of a ticket that nobody else wants. */
  async function order(details?: object) {
    const ticket = await shop.sell(seller, details);
    await shop.known(ticket);
    return ordered(buyer, ticket.id);
  }

  const pay = (it: Awaited<ReturnType<typeof order>>, card?: string) =>
    eventually(async () => {
      const answer = await shop.pay(buyer, it, card);
      expect(answer.status).toBe(card ? 402 : 200);
    });

  const says = (id: string, summary: RegExp, withinMs?: number) =>
    eventually(async () => {
      const told = await story(id);
      expect(told.summary).toMatch(summary);
      return told;
    }, withinMs);

  const whats = (steps: readonly Step[], kind: Step['kind']) =>
    steps.filter((it) => it.kind === kind).map((it) => it.what);

  it('tells of a purchase without faults, from the request to the copies', async () => {
    const id = await soldOrder(shop, seller, buyer);
    const told = await eventually(async () => {
      const it = await story(id);
      expect(it.summary).toMatch(/^Paid and completed at \d\d:\d\d:\d\d\.$/);
      expect(it.copies.every(({ matches }) => matches)).toBe(true);
      expect(it.steps.filter((step) => step.waiting)).toEqual([]);
      expect(whats(it.steps, 'mail')).toContain('Sent the mail “paid”');
      expect(whats(it.steps, 'request')).toContainEqual(expect.stringMatching(/^POST \/api\/orders was answered 201/));
      return it;
    });
    expect(told).toMatchObject({ waitsFor: [], missing: [], order: { id, status: 'complete' } });
    expect(told.steps.filter((it) => it.kind === 'event').map((it) => it.event?.type)).toEqual([
      'order.created',
      'payment.authorized',
      'order.awaiting-payment',
      'payment.captured',
      'order.completed',
    ]);
    expect(told.steps.find((it) => it.event?.type === 'order.completed' && it.kind === 'delivery')?.who).toBe(
      'expiration, mail, payments, tickets',
    );
    expect(told.copies.map((it) => `${it.service} ${it.collection}`)).toEqual([
      'payments payable-orders',
      'orders known-tickets',
      'tickets tickets',
    ]);
    expect(told.stripe).toMatchObject({ intent: { status: 'succeeded' }, refunds: [] });
    expect(told.stripe?.webhooks.every(({ state }) => state === 'delivered')).toBe(true);
  });

  it('tells who an order waits for: its buyer', async () => {
    const { id } = await order();
    const told = await says(
      id,
      /^Held until \d\d:\d\d:\d\d; it waits for the buyer to begin to pay \(15 min left\)\.$/,
    );
    expect(told.waitsFor).toMatchObject([{ who: 'buyer' }]);
    expect(whats(told.steps, 'timer')).toHaveLength(1);
  });

  it('tells that a card was declined', async () => {
    const it = await order();
    await pay(it, '4000000000000002');
    await says(it.id, /^Held until .* it waits for the buyer to try another card; the last one failed \(.*declined/);
  });

  it('tells that a webhook was lost, when it is made up for, and that it was sent again', async () => {
    const it = await order();
    expect((await post('/api/sandbox/faults', { loseWebhooks: { probability: 1 } })).status).toBe(200);
    await pay(it);
    await post('/api/sandbox/faults', {});
    const told = await says(
      it.id,
      /^Paid at Stripe at \d\d:\d\d:\d\d, but its webhook was lost; payments asks Stripe by itself within \d+ s\.$/,
    );
    expect(told.waitsFor).toMatchObject([{ who: 'payments', hint: { redeliver: expect.stringMatching(/^evt_/) } }]);
    expect(told.stripe?.webhooks).toMatchObject([{ state: 'lost' }, { state: 'lost' }]);
    const { items } = await get<{ items: { id: string; waitsFor?: string }[] }>(`/api/orders?q=${it.id.slice(-6)}`);
    expect(items).toMatchObject([{ id: it.id, waitsFor: 'payments' }]);
    expect((await post('/api/sandbox/redeliver', {})).status).toBe(200);
    await says(it.id, /^Paid and completed/);
  });

  it('tells that payments does not run', async () => {
    const other = await order();
    const begun = await buyer.call('POST', '/api/payments', { orderId: other.id });
    expect(begun.status).toBeLessThan(300);
    await shop.platform.stopOne('payments');
    expect((await buyer.call('DELETE', `/api/orders/${other.id}`)).status).toBe(200);
    const told = await says(
      other.id,
      /^The buyer cancelled it at .* Still to come: payments to let go of the money on the card/,
    );
    expect(told.copies.find(({ service }) => service === 'payments')).toMatchObject({ matches: false });
    await eventually(async () => {
      const { steps } = await story(other.id);
      expect(steps).toContainEqual(
        expect.objectContaining({ who: 'payments', what: 'Has not got order.cancelled yet' }),
      );
    });
    await shop.platform.restart('payments');
    await eventually(async () => {
      const { summary, copies } = await story(other.id);
      expect(summary).toMatch(/^The buyer cancelled it at [\d:]+\.$/);
      expect(copies.every(({ matches }) => matches)).toBe(true);
    });
  });

  it('tells of a dead letter', async () => {
    const { id } = await order();
    const operator = await connect(shop.platform.operator);
    const lines = headers();
    lines.set('ce-id', 'poison');
    lines.set('ce-type', OrderCreated.type);
    operator.publish(`orders.${id}.created`, '{"not":', { headers: lines });
    await operator.drain();
    const told = await eventually(async () => {
      const it = await story(id);
      expect(
        it.steps
          .filter((step) => step.kind === 'dead-letter')
          .map((step) => step.who)
          .toSorted(),
      ).toEqual(['expiration', 'mail', 'payments', 'tickets']);
      return it;
    });
    expect(whats(told.steps, 'dead-letter')[0]).toBe('Gave up order.created after 1 try: the payload is not JSON');
  });

  it('tells that nobody paid in time', async () => {
    const { id } = await order({ startsAt: new Date(Date.now() + 15_000).toISOString() });
    await says(id, /^Nobody paid in time, so it expired at [\d:]+\.$/, 60_000);
    // A late timer comes after the end of its order.
    await eventually(async () => expect(JSON.stringify((await story(id)).steps)).toContain('expiration.completed'));
  });

  it('tells of a refund', async () => {
    const id = await soldOrder(shop, seller, buyer);
    await says(id, /^Paid and completed/);
    expect((await seller.call('POST', `/api/payments/${id}/refund`)).status).toBe(200);
    const told = await says(id, /^Paid and completed at [\d:]+; refunded at [\d:]+\.$/);
    expect(told.stripe?.refunds).toMatchObject([{ status: 'succeeded' }]);
  });

  it('tells of tickets for a show', async () => {
    const show = await shop.announce(seller);
    const answer = await eventually(async () => {
      const it = await buyer.call('POST', '/api/orders', {
        showId: show.id,
        lines: [{ kindId: show.kinds[0]?.id, quantity: 2 }],
      });
      expect(it.status).toBe(201);
      return it;
    });
    const told = await eventually(async () => {
      const it = await story(answer.body.id);
      expect(it.copies).toHaveLength(3);
      expect(it.copies.every(({ matches }) => matches)).toBe(true);
      return it;
    });
    expect(told.order.what).toMatch(/^2 × /);
  });

  it('finds orders by title, id, address and status', async () => {
    const { id } = await order({ title: 'The Threepenny Opera' });
    const found = (q: string, status = '') =>
      get<{ items: { id: string }[] }>(`/api/orders?${new URLSearchParams({ q, status })}`);
    const ids = async (...by: Parameters<typeof found>) => (await found(...by)).items.map((it) => it.id);
    expect([await ids('threepenny'), await ids(id), await ids('threepenny', 'open')]).toEqual([[id], [id], [id]]);
    await eventually(async () => expect(await ids(buyer.email)).toContain(id));
    expect([...(await ids('nothing like this')), ...(await ids('threepenny', 'complete'))]).toEqual([]);
    expect((await fetch(`${url}/api/story/${'0'.repeat(24)}`)).status).toBe(404);
  });

  describe('as commands', () => {
    const run = (command: string, ...args: string[]) =>
      execa(process.execPath, [join(root, `console/src/commands/${command}.ts`), ...args, '--url', url], {
        reject: false,
      });

    it('tells the story of an order, and whether somebody waits', async () => {
      const open = await order();
      const told = await run('story', open.id);
      expect(told.stdout).toMatch(/^Opera \(created\)\nHeld until .*\n\nWaits for the buyer to begin to pay, until/);
      expect(told).toMatchObject({ exitCode: 1, stderr: '' });
      await pay(open);
      await says(open.id, /^Paid and completed/);
      const sold = await eventually(async () => {
        const it = await run('story', open.id, '--json');
        expect(it.exitCode).toBe(0);
        return it;
      });
      expect(JSON.parse(sold.stdout)).toMatchObject({ order: { id: open.id, status: 'complete' } });
      const none = await run('story', '0'.repeat(24));
      expect(none).toMatchObject({ exitCode: 2, stderr: `There is no order ${'0'.repeat(24)}.` });
      const [events, logs, streams, traces] = await Promise.all([
        run('events', '--order', open.id),
        run('logs', '--order', open.id, '--json'),
        run('streams', '--lag', '600', '--json'),
        run('traces', '--json'),
      ]);
      expect(events.stdout).toMatch(/order\.created.*payment\.authorized.*order\.completed/s);
      expect(JSON.parse(logs.stdout).length).toBeGreaterThan(0);
      expect(JSON.parse(streams.stdout).map((it: { name: string }) => it.name)).toContain('orders');
      expect(JSON.parse(traces.stdout)).toEqual([]);
      expect([events, logs, traces].map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
    });

    it('follows what happens', async () => {
      const following = execa(process.execPath, [
        ...[join(root, 'console/src/commands/events.ts'), '--follow', '--json'],
        ...['--type', 'order.created', '--url', url],
      ]);
      const lines: string[] = [];
      following.stdout.on('data', (data) => lines.push(`${data}`));
      following.catch(() => {});
      try {
        await eventually(async () => {
          const { id } = await order();
          await eventually(() => expect(lines.join('')).toContain(`"orderId":"${id}"`), 3_000);
        });
      } finally {
        following.kill();
      }
    });
  });

  (process.platform === 'linux' ? it : it.skip)('takes no more than 60 MB of memory that is its own', async () => {
    // Linux alone tells it. What it shares with every other Node, the program itself, is about as much again.
    const status = await readFile(`/proc/${shop.platform.pids().console}/status`, 'utf8');
    const own = Number(/^RssAnon:\s+(\d+) kB/m.exec(status)?.[1]);
    expect(own).toBeLessThanOrEqual(60 * 1024);
  });

  it('gives away no secret of the platform', async () => {
    const { items } = await get<{ items: { id: string }[] }>('/api/orders');
    const paths = [
      '/api/system',
      '/api/sandbox',
      '/api/events?limit=200',
      '/api/logs?limit=200',
      ...items.slice(0, 5).map(({ id }) => `/api/story/${id}`),
    ];
    const shown = (await Promise.all(paths.map((path) => get(path)))).map((it) => JSON.stringify(it)).join('\n');
    const secrets = JSON.parse(await readFile(join(shop.dir, 'secrets.json'), 'utf8'));
    const known = [
      ...[secrets.stripeSecretKey, secrets.stripeWebhookSecret, ...Object.values(secrets.natsSeeds)],
      ...[seller, buyer].flatMap(({ cookie, token, password }) => [cookie, token, password]),
    ];
    expect(shown.length).toBeGreaterThan(10_000);
    for (const secret of known) expect(shown).not.toContain(secret);
    expect(shown).not.toMatch(/_secret_/);
  });
});
