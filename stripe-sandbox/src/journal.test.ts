import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@box-office/common/testing/eventually';
import { openJournal } from './journal.ts';
import { startSandbox } from './server.ts';
import { authorized, cardsOnly, refusalOf, startReceiver, stripeFor } from './testing.ts';

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'stripe-sandbox-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

describe('a sandbox that is started again', () => {
  it('knows what it knew: payments, refunds, keys, events, the clock', async () => {
    const first = await startSandbox({ dataDir });
    const stripe = stripeFor(first);
    const { id } = await authorized(stripe);
    await stripe.paymentIntents.capture(id);
    await stripe.refunds.create({ payment_intent: id, amount: 100 });
    const created = await stripe.paymentIntents.create(cardsOnly, { idempotencyKey: 'order-1' });
    const declined = await refusalOf(
      stripe.paymentIntents.confirm(created.id, { payment_method: 'pm_card_chargeDeclined' }, { idempotencyKey: 'c' }),
    );
    await first.advance(60_000);
    const before = first.state();
    await first.stop();

    const second = await startSandbox({ dataDir });
    try {
      const { intents, charges, refunds } = second.state();
      expect({ intents, charges, refunds }).toEqual({
        intents: before.intents,
        charges: before.charges,
        refunds: before.refunds,
      });
      expect(Date.parse(second.state().now)).toBeGreaterThan(Date.now() + 50_000);
      const again = stripeFor(second);
      const replayed = await again.paymentIntents.create(cardsOnly, { idempotencyKey: 'order-1' });
      expect(replayed).toEqual(created);
      const declinedAgain = await refusalOf(
        again.paymentIntents.confirm(created.id, { payment_method: 'pm_card_chargeDeclined' }, { idempotencyKey: 'c' }),
      );
      expect(declinedAgain).toMatchObject({ statusCode: 402, payment_intent: declined.payment_intent });
      expect((await again.events.list({ limit: 100 })).data).toHaveLength(before.webhooks.events);
    } finally {
      await second.stop();
    }
  });

  it('delivers the webhooks that were not confirmed, and not those that were', async () => {
    const receiver = await startReceiver();
    const first = await startSandbox({ dataDir, webhookUrl: receiver.url });
    await stripeFor(first).paymentIntents.create(cardsOnly);
    await eventually(() => expect(first.state().webhooks.delivered).toBe(1));
    receiver.answer = 500;
    const { id } = await stripeFor(first).paymentIntents.create(cardsOnly);
    await eventually(() => expect(first.state().webhooks.failedTries).toBeGreaterThanOrEqual(1));
    first.faults({ loseWebhooks: { next: 1 } });
    await stripeFor(first).paymentIntents.create(cardsOnly);
    await eventually(() => expect(first.state().webhooks.lost.length).toBe(1));
    await first.stop();

    receiver.answer = 200;
    const second = await startSandbox({ dataDir, webhookUrl: receiver.url });
    await eventually(() => expect(receiver.received.length).toBe(2));
    await second.stop();
    expect(receiver.received[1]?.event.data.object).toMatchObject({ id });
    await receiver.stop();
  });

  it('has lost nothing it has answered when it was killed at any moment', async () => {
    const answered = new Set<string>();
    for (let round = 0; round < 3; round += 1) {
      const { process: child, port } = await startMain();
      const stripe = stripeFor({ host: '127.0.0.1', port });
      let enough = false;
      const work = Array.from({ length: 8 }, async () => {
        while (!enough) answered.add((await stripe.paymentIntents.create(cardsOnly)).id);
      });
      const wanted = answered.size + 40;
      await eventually(() => expect(answered.size).toBeGreaterThanOrEqual(wanted));
      child.kill('SIGKILL');
      await once(child, 'exit');
      enough = true;
      await Promise.allSettled(work);
    }
    const last = await startSandbox({ dataDir });
    const known = new Set(last.state().intents.map(({ id }) => id));
    await last.stop();
    expect([...answered].filter((id) => !known.has(id))).toEqual([]);
  });

  it('ends immediately and cleanly on request', async () => {
    const { process: child } = await startMain();
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
  });

  it('stops when the disk is full, and announces nothing that it could not store', async () => {
    const receiver = await startReceiver();
    // A limit of 8 blocks of 512 or 1024 bytes on every file it writes.
    const { process: child, port } = await startMain('ulimit -f 8 && exec "$0" "$@"', { WEBHOOK_URL: receiver.url });
    const stripe = stripeFor({ host: '127.0.0.1', port });
    const answered: string[] = [];
    const working = (async () => {
      for (;;) answered.push((await stripe.paymentIntents.create(cardsOnly)).id);
    })();
    await expect(working).rejects.toThrow();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    const last = await startSandbox({ dataDir });
    const known = last.state().intents.map(({ id }) => id);
    const announced = receiver.received.map(({ event }) => 'id' in event.data.object && event.data.object.id);
    await last.stop();
    await receiver.stop();
    expect(known).toEqual(expect.arrayContaining(announced));
    expect(answered.length).toBeGreaterThan(0);
    expect(known).toEqual(expect.arrayContaining(answered));
  });

  const keys = { SECRET_KEY: 'sk_test_sandbox', PUBLISHABLE_KEY: 'pk_test_sandbox', WEBHOOK_SECRET: 'whsec_sandbox' };

  async function startMain(
    shell = 'exec "$0" "$@"',
    more: Record<string, string> = {},
  ): Promise<{ process: ChildProcess; port: number }> {
    const child = spawn('/bin/sh', ['-c', shell, process.execPath, join(import.meta.dirname, 'main.ts')], {
      env: { PORT: '0', DATA_DIR: dataDir, ...keys, ...more },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [line] = await once(child.stdout, 'data');
    return { process: child, port: Number(/:(\d+)/.exec(String(line))?.[1]) };
  }
});

describe('the journal', () => {
  it('forgets a line that was cut short, and goes on behind the last whole one', async () => {
    const file = join(dataDir, 'journal.jsonl');
    await writeFile(file, '{"n":1}\n{"n":2}\n{"n":');
    const lines: unknown[] = [];
    const journal = await openJournal(dataDir, (line) => lines.push(line));
    expect(lines).toEqual([{ n: 1 }, { n: 2 }]);
    journal.append({ n: 3 });
    await journal.flushed();
    await journal.close();
    expect(await readFile(file, 'utf8')).toBe('{"n":1}\n{"n":2}\n{"n":3}\n');
  });

  it('refuses to start from a damaged one', async () => {
    await appendFile(join(dataDir, 'journal.jsonl'), '{"n":1}\nnonsense\n{"n":2}\n');
    await expect(openJournal(dataDir, () => {})).rejects.toThrow(/Line 2 of .*journal\.jsonl is damaged/);
  });

  it('has each line on the disk once it says so', async () => {
    const journal = await openJournal(dataDir, () => {});
    const written = async () => (await readFile(join(dataDir, 'journal.jsonl'), 'utf8')).split('\n').length - 1;
    for (let n = 1; n <= 20; n += 1) {
      journal.append({ n });
      if (n % 3 !== 0) continue;
      await journal.flushed();
      expect(await written()).toBeGreaterThanOrEqual(n);
    }
    await journal.close();
    expect(await written()).toBe(20);
  });
});
