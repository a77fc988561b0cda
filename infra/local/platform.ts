import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ServiceName, served, serviceNames } from '../../services.ts';
import { type FindOptions, findEngines, localDir, shunnedReplicas } from './engines.ts';
import { tryLock } from './lock.mjs';
import { keep, type Part, type Plan, type Settings } from './part.ts';
import { type Logs, planBuiltClient, planClient, planEngines, planSandbox, planService } from './plans.ts';
import { freePort } from './ports.ts';
import { localSecrets } from './secrets.ts';
import { realStripe, type Stripe } from './service-env.ts';
import { loopback, whereabouts } from './where.ts';

export interface PlatformOptions {
  /** Where the engines' files and the secrets are kept. Reuse the folder to keep all data. */
  readonly dir: string;
  /**
   * The gateway's port, or a function that chooses it, called once the engines are installed. Any free port by default.
   * Everything else takes free ports.
   */
  readonly port?: number | (() => Promise<number>);
  /** The address that the gateway listens on, and the sandbox, which browsers need too. 127.0.0.1 by default. */
  readonly host?: string | undefined;
  /** Replicas of each service, 1 by default. The processes of several are called `orders-1`, `orders-2`. */
  readonly replicas?: Partial<Record<ServiceName, number>>;
  /** Settings that override those a process gets by default. */
  readonly env?: Partial<Record<ServiceName | 'client' | 'stripe', Readonly<Record<string, string>>>>;
  readonly logs?: Logs;
  /** Whether to serve the shop's pages too: from the development server, or from what `next build` has written. */
  readonly client: boolean | { readonly builtIn: string };
  /** Restart processes that end by themselves. Off by default, so that a test sees the crash. */
  readonly keepAlive?: boolean;
  readonly find?: FindOptions;
  /** Receives progress messages: which engine was chosen and why, what crashed. */
  readonly print?: (line: string) => void;
}

export interface Platform {
  /** The gateway's address, the only public one. */
  readonly url: string;
  /** Every process's own address, by name. */
  readonly addresses: Readonly<Record<string, string>>;
  /** The running processes, by name, without external engines. */
  readonly pids: () => Readonly<Record<string, number>>;
  /** The Stripe keys that payments uses, and the sandbox's address if they belong to it. */
  readonly stripe: Stripe;
  /** kill -9 by default. Resolves once the process is gone. */
  readonly kill: (name: string, signal?: NodeJS.Signals) => Promise<void>;
  /** Ends a process gracefully. */
  readonly stopOne: (name: string) => Promise<void>;
  /**
   * Stops a process if it runs, starts it at the same address, and waits until it is ready and the gateway routes to
   * it. Settings that are given override its own from then on; an engine has none.
   */
  readonly restart: (name: string, over?: Settings) => Promise<void>;
  /** Resolves once every process is ready to serve. */
  readonly ready: (withinMs?: number) => Promise<void>;
  /** The processes that are not ready, and what each waits for. */
  readonly waitsFor: () => Promise<Readonly<Record<string, string>>>;
  /** Services first, so that they can finish their work; then the engines. */
  readonly stop: () => Promise<void>;
}

const readyWithinMs = 60_000;
/**
 * Database connections per process. SecantusDB gives each connection a thread, and lock contention slows it down: under
 * load from eight processes it served 45 requests a second with 3 or 4 connections each, and 16 without a limit.
 */
const connectionsEach = 4;
/**
 * A stopping replica keeps serving until the gateway, which checks every second, has noticed. A single one would only
 * delay its stop.
 */
const drainMs = 2_500;

/**
 * Starts the whole platform and waits until it is ready. Everything starts at the same time: services wait for their
 * engines.
 *
 * @throws when a process ends or is not ready within a minute; nothing is left running then
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const platform = await layOut(options);
  try {
    await platform.start();
    await platform.ready(readyWithinMs);
    return platform;
  } catch (error) {
    await platform.stop();
    throw error;
  }
}

export interface LaidOut extends Platform {
  /** Starts everything at the same time; waits only for the engines. */
  readonly start: () => Promise<void>;
  /** Starts one process, and waits for its answer if it is an engine. */
  readonly startOne: (name: string) => Promise<void>;
}

/** Plans what runs where, without starting anything. */
export async function layOut(options: PlatformOptions): Promise<LaidOut> {
  const { dir, client, logs, host = loopback, env = {}, print = () => undefined, keepAlive = false } = options;
  const [found, secrets] = await Promise.all([findEngines(options.find), localSecrets(join(dir, 'secrets.json'))]);
  // After installing the engines, which may take minutes: an earlier choice could be taken by now.
  const gatewayPort = typeof options.port === 'function' ? await options.port() : (options.port ?? (await freePort()));
  const where = whereabouts(host, gatewayPort);
  const [natsPort, mongoPort] = [await freePort(), await freePort()];
  const [adminPort, identityPort] = [await freePort(), await freePort()];
  const processes = await placeServices(options.replicas ?? {});
  const urlsOf = (service: ServiceName) => processes.filter((it) => it.service === service).map(({ url }) => url);
  const clientUrl = await freeUrl();
  const real = realStripe(options.find?.env ?? process.env);
  const sandboxPort = await freePort();
  const stripe: Stripe = real ?? {
    secretKey: secrets.stripeSecretKey,
    publishableKey: secrets.stripePublishableKey,
    webhookSecret: secrets.stripeWebhookSecret,
    // It listens on the gateway's address: browsers reach it directly.
    url: new URL(`http://${new URL(where.gatewayUrl).hostname}:${sandboxPort}`).origin,
    publicUrl: `http://${where.shownHost}:${sandboxPort}`,
  };
  const around = {
    natsUrl: found.nats.kind === 'address' ? found.nats.url : `nats://127.0.0.1:${natsPort}`,
    mongoUrl:
      found.mongo.kind === 'address'
        ? found.mongo.url
        : `mongodb://127.0.0.1:${mongoPort}/?maxPoolSize=${connectionsEach}`,
    authUrl: onlyOne(urlsOf('auth')) ?? `http://127.0.0.1:${identityPort}`,
    publicOrigin: where.publicOrigin,
    secrets,
    stripe,
  };
  const urls = {
    ...Object.fromEntries(served.map((name) => [name, urlsOf(name)])),
    auth: urlsOf('auth'),
    client: [clientUrl],
  };

  const folder = client === true ? freeBuildFolder() : undefined;
  const toPart = (plan: Plan): Part => keep(plan, { keepAlive, print });
  const engines = planEngines({
    found,
    dir,
    natsPort,
    mongoPort,
    host,
    gatewayPort,
    adminPort,
    identityPort,
    urls,
    logs,
    print,
  }).map(toPart);
  const programs = [
    ...processes.map(({ name, service, url }) => {
      const drain = urlsOf(service).length > 1 ? { DRAIN_MS: `${drainMs}` } : {};
      return planService(service, { name, url, logs }, around, { ...drain, ...env[service] });
    }),
    ...(stripe.url ? [planSandbox({ name: 'stripe', url: stripe.url, logs }, dir, where, stripe, env.stripe)] : []),
    ...(folder ? [planClient({ name: 'client', url: clientUrl, logs }, folder.name, where, stripe, env.client)] : []),
    ...(typeof client === 'object'
      ? [planBuiltClient({ name: 'client', url: clientUrl, logs }, client.builtIn, where, stripe, env.client)]
      : []),
  ].map(toPart);

  const together = togetherAs(engines, programs);
  /** The gateway routes to a restarted replica only after its next health check. */
  const ledTo = async (isMeant: (replica: string) => boolean, withinMs = Number.POSITIVE_INFINITY) => {
    if (found.traefik.kind !== 'address') await noneShunned(`http://127.0.0.1:${adminPort}`, isMeant, withinMs);
  };
  return {
    ...together,
    async ready(withinMs) {
      await together.ready(withinMs);
      await ledTo(() => true, withinMs);
    },
    async restart(name, over) {
      await together.restart(name, over);
      const restarted = processes.find((it) => it.name === name);
      if (restarted) await ledTo((replica) => replica.endsWith(restarted.url));
    },
    async stop() {
      await together.stop();
      folder?.release();
    },
    url: around.publicOrigin,
    addresses: {
      ...Object.fromEntries(processes.map(({ name, url }) => [name, url])),
      ...(stripe.url ? { stripe: stripe.url } : {}),
      ...(client ? { client: clientUrl } : {}),
      nats: around.natsUrl,
      mongo: around.mongoUrl,
      traefik: where.gatewayUrl,
    },
    stripe,
  };
}

/** Operations on all the processes, or on one by name. */
function togetherAs(engines: readonly Part[], programs: readonly Part[]) {
  const parts = [...engines, ...programs];
  const part = (name: string): Part => {
    const found = parts.find((it) => it.name === name);
    if (!found) throw new Error(`there is no process ${name}; there are ${parts.map((it) => it.name).join(', ')}`);
    return found;
  };
  const all = async (some: readonly Part[], act: (part: Part) => Promise<void>) => {
    await Promise.all(some.map(act));
  };
  return {
    pids: () => Object.fromEntries(parts.flatMap((it) => pidOf(it))),
    kill: (name: string, signal?: NodeJS.Signals) => part(name).kill(signal),
    stopOne: (name: string) => part(name).stop(),
    restart: (name: string, over?: Settings) => part(name).restart(over),
    ready: (withinMs?: number) => all(parts, (it) => it.ready(withinMs)),
    async waitsFor() {
      const waiting = await Promise.all(parts.map(async (it) => [it.name, await it.waitsFor()] as const));
      return Object.fromEntries(waiting.flatMap(([name, what]) => (what === undefined ? [] : [[name, what]])));
    },
    start: () => all(parts, (it) => it.start()),
    startOne: (name: string) => part(name).start(),
    async stop() {
      await all(programs, (it) => it.stop());
      await all(engines, (it) => it.stop());
    },
  };
}

async function noneShunned(adminUrl: string, isMeant: (replica: string) => boolean, withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const shunned = (await shunnedReplicas(adminUrl)).filter(isMeant);
    if (shunned.length === 0) return;
    if (Date.now() > deadline) throw new Error(`the gateway does not route to ${shunned.join(', ')}`);
    await sleep(25);
  }
}

function onlyOne<Item>(items: readonly Item[]): Item | undefined {
  return items.length === 1 ? items[0] : undefined;
}

/** Several platforms may run from one checkout; each reuses a build folder that is free. */
function freeBuildFolder(): { name: string; release: () => void } {
  for (let number = 0; ; number++) {
    const lock = tryLock(join(localDir, `client-${number}.lock`));
    if (lock.taken) return { name: join('.next', `${number}`), release: lock.release };
  }
}

function pidOf(part: Part): [string, number][] {
  const pid = part.pid();
  return pid === undefined ? [] : [[part.name, pid]];
}

interface Placed {
  readonly name: string;
  readonly service: ServiceName;
  readonly url: string;
}

async function placeServices(replicas: Partial<Record<ServiceName, number>>): Promise<Placed[]> {
  const placed: Placed[] = [];
  for (const service of serviceNames) {
    const count = replicas[service] ?? 1;
    for (let number = 1; number <= count; number++) {
      placed.push({ name: count > 1 ? `${service}-${number}` : service, service, url: await freeUrl() });
    }
  }
  return placed;
}

async function freeUrl(): Promise<string> {
  return `http://127.0.0.1:${await freePort()}`;
}
