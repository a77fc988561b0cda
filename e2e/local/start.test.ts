import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { stripVTControlCharacters } from 'node:util';
import type { Ticket } from '@box-office/common/contracts/tickets';
import { eventually } from '@box-office/common/testing/eventually';
import { holderOf } from '@box-office/local/lock.mjs';
import { execa } from 'execa';
import { z } from 'zod';
import { findChromium, launch } from '../support/browser.ts';
import { complaintsOnFirstVisits } from '../support/first-visits.ts';
import { visitor } from '../support/visitor.ts';

const withinMs = 90_000;

const executable = findChromium();
const inBrowser = executable ? it : it.skip;

describe('npm start', () => {
  let dir: string;
  let state: string;
  let first: ReturnType<typeof start>;
  let firstUrl: string;
  const started: ChildProcess[] = [];

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'start-'));
    state = join(dir, 'state');
  });

  afterAll(async () => {
    for (const it of started) it.kill();
    await eventually(() => expect(started.filter((it) => it.exitCode === null && it.signalCode === null)).toEqual([]));
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  });

  /** The command as npm runs it, with its output. */
  function start(...args: string[]) {
    const bootstrap = join(import.meta.dirname, '../../infra/local/bootstrap.mjs');
    const child = spawn(process.execPath, [bootstrap, 'start', '--state', state, ...args]);
    started.push(child);
    const lines: string[] = [];
    // npm on a terminal may force colours on its children.
    const keep = (line: string) => lines.push(stripVTControlCharacters(line));
    createInterface({ input: child.stdout }).on('line', keep);
    createInterface({ input: child.stderr }).on('line', keep);
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const printed = (pattern: RegExp) =>
      eventually(() => {
        const match = pattern.exec(lines.join('\n'));
        if (!match) throw new Error(`nothing like ${pattern} in:\n${lines.join('\n')}`);
        return match[1] ?? '';
      }, withinMs);
    return { child, ended, printed };
  }

  it(
    'opens the shop, once',
    async () => {
      first = start('--demo');
      const url = await first.printed(/The shop is open: (\S+)/);
      firstUrl = url;
      await first.printed(/(both have the password)/);
      const mailbox = await first.printed(/Its mailbox: +(\S+)/);
      expect(await (await fetch(mailbox)).text()).toContain('<h1>Mailbox</h1>');
      const console = await first.printed(/The console: +(\S+)/);
      expect(await (await fetch(`${console}/api/logs?service=orders`)).json()).not.toEqual({ items: [] });

      const page = await fetch(url);
      expect(page.status).toBe(200);
      expect(await page.text()).toContain('<html');
      await expect(ticketsOnSale(url)).resolves.toBe(12);
      await eventually(async () => expect(await showsOnSale(url)).toBe(1));

      const second = start();
      await second.printed(new RegExp(`(It is running already: ${url})`));
      await expect(second.ended).resolves.toBe(1);
    },
    2 * withinMs,
  );

  inBrowser(
    'renders each page on the server as in a browser, wherever its reader is',
    async () => {
      const { person, ask, sell } = visitor(firstUrl, '');
      const [reader, seller, { body }] = await Promise.all([person(), person(), ask('GET', '/api/tickets')]);
      const [ticket] = body as Ticket[];
      const { id: ticketId } = await sell(seller);
      const order = await eventually(async () => {
        const { status, body } = await reader.call('POST', '/api/orders', { ticketId });
        if (status !== 201) throw new Error(`ordering was answered ${status}`);
        return body;
      });
      const visits = [
        ['/', null],
        ['/signup', null],
        ['/signin', null],
        [`/tickets/${ticket?.id}`, null],
        ['/tickets/new', reader],
        ['/orders', reader],
        ['/sales', reader],
        [`/orders/${order.id}`, reader],
      ] as const;
      const browser = await launch(executable ?? '');
      try {
        const elsewhere = { timezoneId: 'Asia/Kathmandu', locale: 'ar-EG' };
        expect(await complaintsOnFirstVisits(browser, firstUrl, visits, elsewhere)).toEqual([]);
      } finally {
        await browser.close();
      }
    },
    2 * withinMs,
  );

  it('notes for other programs which process is which, also after one was started again', async () => {
    const noted = () => z.looseObject({ mail: z.number() }).parse(holderOf(`${state}.lock`)?.pids);
    const { mail: killed, ...others } = noted();
    process.kill(killed, 'SIGKILL');
    await eventually(() => expect(noted().mail).not.toBe(killed));
    const { mail, ...now } = noted();
    expect(now).toEqual(others);
    expect(await descendants(first.child.pid)).toEqual(expect.arrayContaining([mail, ...Object.values(now)]));
  });

  it(
    'ends on Ctrl-C, with all that it started',
    async () => {
      const pids = await descendants(first.child.pid);
      expect(pids.length).toBeGreaterThan(10);
      if (process.platform === 'linux') {
        const addresses = await listeningAddresses(pids);
        // The gateway, NATS, the database, the shop, the sandbox and five services at least.
        expect(addresses.length).toBeGreaterThanOrEqual(10);
        expect(addresses.filter((address) => !address.startsWith('127.0.0.1:'))).toEqual([]);
      }
      first.child.kill('SIGINT');
      await expect(first.ended).resolves.toBe(0);
      await eventually(async () => expect(await living(pids)).toEqual([]));
    },
    2 * withinMs,
  );

  it(
    'finds everything as it was, its address too, also by https, and leaves no process behind when it is killed with -9',
    async () => {
      const { child, ended, printed } = start('--https');
      const authority = await printed(/whose authority is (\S+);/);
      const url = await printed(/The shop is open: (\S+)/);
      expect(url).toBe(firstUrl.replace('http:', 'https:'));
      const ca = await readFile(authority);
      const front = await askSecurely(url, { ca });
      expect([front.status, front.body]).toEqual([200, expect.stringContaining('<html')]);
      expect(front.headers['strict-transport-security']).toBeUndefined();
      expect(JSON.parse((await askSecurely(`${url}/api/tickets`, { ca })).body)).toHaveLength(12);
      // What the page may load: itself, and the payment sandbox.
      const policy = String(front.headers['content-security-policy']);
      const [sandbox = ''] = policy.match(/https:\/\/localhost:\d+/g) ?? [];
      expect((await askSecurely(`${sandbox}/healthz/live`, { ca })).status).toBe(200);
      await expect(fetch(firstUrl)).resolves.not.toMatchObject({ status: 200 });
      await expect(fetch(url)).rejects.toThrow();

      const body = { email: 'seller@example.com', password: 'let-me-in-please' };
      const signedIn = await askSecurely(`${url}/api/auth/signin`, { ca, body });
      expect(signedIn.status).toBe(200);
      const cookies = signedIn.headers['set-cookie'] ?? [];
      expect(cookies).toContainEqual(expect.stringMatching(/^__Host-session-\d+=[^;]+;.*Secure/));
      for (const it of cookies) expect(it).toMatch(/; Secure/);
      const cookie = cookies.map((it) => it.split(';')[0]).join('; ');
      const orders = await askSecurely(`${url}/api/tickets/mine`, { ca, cookie });
      expect([orders.status, JSON.parse(orders.body)]).toEqual([200, expect.any(Array)]);
      const page = await askSecurely(`${url}/sales`, { ca, cookie });
      expect(page.body).toContain('seller@example.com');

      const pids = await descendants(child.pid);
      const [supervisor] = pids;
      if (supervisor) process.kill(supervisor, 'SIGKILL');
      await ended;
      await eventually(async () => expect(await living(pids)).toEqual([]));
    },
    2 * withinMs,
  );
});

interface Secure {
  readonly ca: Buffer;
  readonly body?: object;
  readonly cookie?: string;
}

/** Node's fetch trusts no other authorities than those it was started with. */
async function askSecurely(url: string, { ca, body, cookie }: Secure) {
  const headers = {
    ...(body ? { 'content-type': 'application/json', origin: new URL(url).origin } : {}),
    ...(cookie ? { cookie } : {}),
  };
  const asking = request(url, { ca, method: body ? 'POST' : 'GET', headers });
  asking.end(body && JSON.stringify(body));
  const [answer]: IncomingMessage[] = await once(asking, 'response');
  if (!answer) throw new Error(`${url} does not answer`);
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) };
}

async function ticketsOnSale(url: string): Promise<number> {
  const tickets: unknown = await (await fetch(`${url}/api/tickets`)).json();
  return Array.isArray(tickets) ? tickets.length : 0;
}

async function showsOnSale(url: string): Promise<number> {
  const shows: unknown = await (await fetch(`${url}/api/shows`)).json();
  return Array.isArray(shows) ? shows.length : 0;
}

interface Running {
  readonly pid: number;
  readonly parent: number;
}

/** Zombies are not counted: they have ended, and only wait for their parent to reap them. */
async function processes(): Promise<Running[]> {
  const { stdout } = await execa('ps', ['-eo', 'pid=,ppid=,stat=']);
  return stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , stat]) => !stat?.startsWith('Z'))
    .map(([pid, parent]) => ({ pid: Number(pid), parent: Number(parent) }));
}

/** All descendants of a process, its own children first. */
async function descendants(ancestor: number | undefined): Promise<number[]> {
  const all = await processes();
  const found: number[] = [];
  let generation = [ancestor];
  while (generation.length > 0) {
    generation = all.filter(({ parent }) => generation.includes(parent)).map(({ pid }) => pid);
    found.push(...generation.filter((pid) => pid !== undefined));
  }
  return found;
}

async function living(pids: readonly number[]): Promise<number[]> {
  const all = await processes();
  return pids.filter((it) => all.some(({ pid }) => pid === it));
}

/**
 * Where any of these processes listens on TCP, as `address:port`; an IPv6 address in the kernel's own hexadecimal form.
 */
async function listeningAddresses(pids: readonly number[]): Promise<string[]> {
  const sockets = new Set((await Promise.all(pids.map(socketsOf))).flat());
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')),
  );
  return tables.flatMap((table) =>
    table.split('\n').flatMap((line) => {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
      return state === listening && sockets.has(inode) ? [readAddress(local)] : [];
    }),
  );
}

/** In the kernel's table of sockets. */
const listening = '0A';

/** The inodes of the sockets that a process holds. */
async function socketsOf(pid: number): Promise<string[]> {
  const folder = `/proc/${pid}/fd`;
  const names = await readdir(folder).catch(() => []);
  const targets = await Promise.all(names.map((name) => readlink(join(folder, name)).catch(() => '')));
  return targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []);
}

/** The kernel writes the bytes of an address as one little-endian number. */
function readAddress(text: string): string {
  const [address = '', port = ''] = text.split(':');
  const bytes =
    address.length === 8
      ? address
          .match(/../g)
          ?.reverse()
          .map((byte) => Number.parseInt(byte, 16))
      : undefined;
  return `${bytes?.join('.') ?? address}:${Number.parseInt(port, 16)}`;
}
