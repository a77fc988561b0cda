import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TicketCreated, TicketUpdated } from '@box-office/common/contracts/tickets';
import { type Bus, connectBus } from '@box-office/common/messaging/bus';
import { type Listening, listen, on } from '@box-office/common/messaging/listener';
import { announce, announceNonsense } from '@box-office/common/testing/announce';
import { losing, testBusUrl } from '@box-office/common/testing/engines';
import { eventually } from '@box-office/common/testing/eventually';
import { newId } from '@box-office/common/testing/parts';
import { tryLock } from '@box-office/local/lock.mjs';
import { execa } from 'execa';
import pino from 'pino';

const node = join(import.meta.dirname, '../../node_modules/.bin/node');
const script = join(import.meta.dirname, 'main.ts');

describe('npm run dead-letters', () => {
  let url: string;
  let bus: Bus;
  let dir: string;
  let orders: Listening;
  let broken: boolean;
  let heard: string[];

  beforeAll(async () => {
    url = await testBusUrl();
    bus = losing(await connectBus(url, 'test'));
    dir = await mkdtemp(join(tmpdir(), 'dead-letters-'));
  });

  beforeEach(async () => {
    broken = true;
    heard = [];
    const handle = async ({ data }: { data: { id: string } }) => {
      heard.push(data.id);
      if (broken) throw new Error(`the ledger is full\nsince yesterday${'!'.repeat(200)}`);
    };
    orders = listen({
      bus,
      service: 'orders',
      listeners: [on(TicketCreated, handle), on(TicketUpdated, handle)],
      stream: { replicas: 1 },
      logger: pino({ level: 'silent' }),
      now: () => new Date(),
      retryAfterMs: [],
    });
  });

  afterEach(async () => {
    await orders.stop();
    for (const { config } of await bus.jsm.streams.list().next()) await bus.jsm.streams.delete(config.name);
  });

  afterAll(async () => {
    await bus.close();
    await rm(dir, { recursive: true, force: true });
  });

  const ticket = () => ({
    id: newId(),
    version: 0,
    title: 'La Traviata',
    price: 1999,
    currency: 'eur' as const,
    venue: null,
    startsAt: null,
    userId: newId(),
    orderId: null,
    state: 'on-sale' as const,
  });

  /** Runs the command as npm does, on this test's broker by default. */
  async function run(args: string[], { env = { NATS_URL: url } }: { env?: Record<string, string> } = {}) {
    const { stdout, stderr, exitCode } = await execa(node, [script, ...args], {
      env: { NATS_URL: '', ...env },
      reject: false,
    });
    return { stdout, stderr, exitCode };
  }

  const lying = async () => (await bus.jsm.streams.info('dead-letters')).state.messages;
  const buried = (count: number) => eventually(async () => expect(await lying()).toBe(count));

  it('lists what failed on lines of at most 100 columns, and shows one whole', async () => {
    const one = ticket();
    await announce(bus, TicketCreated, one);
    await buried(1);
    await announceNonsense(bus, TicketUpdated, '{"id": "\u001b[31mred"');
    await buried(2);

    const list = await run([]);
    expect(list).toMatchObject({ exitCode: 0, stderr: '' });
    const lines = list.stdout.split('\n');
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
    expect(lines[0]).toMatch(/^ number {2}listener +subject +tries +age$/);
    expect(lines[2]).toMatch(
      new RegExp(`^ {6}1 {2}orders ← ticket.created {14}tickets.${one.id}.created {3,} 1 +\\d+ [sm]$`),
    );
    expect(lines[3]).toBe('         the ledger is full');
    expect(lines[5]).toBe('         the payload is not JSON');
    expect(lines.at(-1)).toContain('2 dead letters');

    const { stdout } = await run(['show', '1']);
    expect(stdout).toContain(`  "title": "La Traviata",\n`);
    expect(stdout).toContain('  since yesterday!!!');
    expect(stdout).toContain('  ce-type: ticket.created\n');
    expect(stdout).toContain('dead-letters.test.ts');
    expect((await run(['show', '2'])).stdout).toContain('payload\n  {"id": "\\u001b[31mred"\n');
  });

  it('retries by number: the listener hears it again, and the list is empty', async () => {
    const one = ticket();
    await announce(bus, TicketCreated, one);
    await buried(1);
    broken = false;
    const { stdout, exitCode } = await run(['retry', '1', '--nats', url], { env: { NATS_URL: 'nats://127.0.0.1:1' } });
    expect(stdout).toContain('1 is on its way to orders ← ticket.created');
    expect(exitCode).toBe(0);
    await eventually(() => expect(heard).toEqual([one.id, one.id]));
    expect((await run([])).stdout).toBe('No dead letters.');
  });

  it('retries and discards by type, by reason, or all', async () => {
    await announce(bus, TicketCreated, ticket());
    await announceNonsense(bus, TicketCreated, '{');
    await announceNonsense(bus, TicketUpdated, '{');
    await buried(3);

    expect((await run(['--type', 'ticket.updated'])).stdout).toContain('1 dead letter.');
    expect((await run(['discard', '--type', 'ticket.updated'])).stdout).toBe('1 dead letter discarded.');
    expect((await run(['discard', '--reason', 'no such reason'])).stdout).toBe('No dead letter is like that.');
    broken = false;
    expect((await run(['retry', '--type', 'ticket.created', '--reason', 'LEDGER'])).stdout).toContain('1 dead letter ');
    await eventually(() => expect(heard).toHaveLength(2));
    await buried(1);
    // It fails again before the others are retried, and is not retried for ever.
    expect((await run(['retry', '--all'])).stdout).toContain('1 dead letter retried.');
    await eventually(async () =>
      expect((await bus.jsm.streams.info('dead-letters')).state).toMatchObject({
        messages: 1,
        last_seq: 4,
      }),
    );
    expect((await run(['discard', '--all'])).exitCode).toBe(0);
    expect(await lying()).toBe(0);
  });

  it('shows where a payload too large to keep is, and says so when a retry does not find it', async () => {
    const large = { ...ticket(), title: 'x'.repeat(900_000) };
    await announce(bus, TicketCreated, large);
    await buried(1);
    const { stdout } = await run(['show', '1']);
    expect(stdout).toMatch(/\d{6} bytes, too many to be kept here; .* message 1 of the stream tickets/);
    await bus.jsm.streams.purge('tickets');
    const refused = await run(['retry', '1']);
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain('1 was not retried and is still there');
    expect(refused.stderr).toContain('message 1 of the stream tickets no longer exists');
  });

  it('says what is wrong, and does nothing', async () => {
    await announce(bus, TicketCreated, ticket());
    await buried(1);
    const refused = async (says: string | RegExp, ...args: string[]) => {
      const { stdout, stderr, exitCode } = await run(args);
      expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 });
      expect(stderr).not.toContain('    at ');
      expect(stderr).toMatch(says);
    };
    await Promise.all([
      refused(/^There is no dead letter 99: it never was, or has been retried or discarded\.$/, 'show', '99'),
      refused('There is no dead letter 99', 'retry', '1', '99'),
      refused('"0" is no number', 'discard', '0'),
      refused('Say what to discard', 'discard'),
      refused('Say what to discard', 'discard', '1', '--all'),
      refused('There is no "constructor"', 'constructor'),
      refused('--everything', '--everything'),
      refused('"here" is no address', '--nats', 'here'),
      refused(/^No broker .* at 127.0.0.1:1: /, '--nats', 'nats://me:secret@127.0.0.1:1'),
    ]);
    expect(await lying()).toBe(1);
  });

  it('waits for a broker that is slow to answer, as it does not try again', async () => {
    const broker = new URL(url);
    const busy = createServer(async (near) => {
      await sleep(4_000);
      const far = connect(Number(broker.port), broker.hostname);
      for (const it of [near, far]) it.on('error', () => undefined);
      near.pipe(far).pipe(near);
    });
    await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
    const address = new URL(url);
    address.port = `${(busy.address() as AddressInfo).port}`;
    const listed = await run([], { env: { NATS_URL: address.href } });
    busy.close();
    expect(listed).toEqual({ stdout: 'No dead letters.', stderr: '', exitCode: 0 });
  });

  it('finds the broker of the running platform', async () => {
    const state = join(dir, 'state');
    const here = ['--state', state];
    expect(await run(here, { env: {} })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('No platform is running here'),
    });
    const lock = tryLock(`${state}.lock`);
    if (!lock.taken) throw new Error('the lock is taken');
    expect((await run(here, { env: {} })).stderr).toContain('is only being started');
    lock.note({ url: 'http://localhost:1', natsUrl: url });
    expect(await run(here, { env: {} })).toMatchObject({ exitCode: 0, stdout: 'No dead letters.' });
    lock.release();
  });
});
