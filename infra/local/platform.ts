import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { natsOptions } from '@box-office/common/messaging/bus';
import { operatorName } from '@box-office/common/messaging/nats-users';
import { type ServiceName, served } from '../../services.ts';
import { type ConsoleOptions, planConsole, type Seen } from './console.ts';
import { type FindOptions, findEngines, localDir, shunnedReplicas } from './engines.ts';
import type { Https } from './https.ts';
import { tryLock } from './lock.mjs';
import { keep, type Part, type Plan, type Settings } from './part.ts';
import { freeUrl, placeServices } from './placing.ts';
import { type Logs, planBuiltClient, planClient, planEngines, planKeeper, planSandbox, planService } from './plans.ts';
import { chosen, freePort, type Port } from './ports.ts';
import { localSecrets } from './secrets.ts';
import { realStripe, type Stripe } from './service-env.ts';
import { togetherAs } from './together.ts';
import { loopback, whereabouts } from './where.ts';

export interface PlatformOptions {
  /** Where the engines' files and the secrets are kept. Reuse the folder to keep all data. */
  readonly dir: string;
  /** The gateway's port. Any free one by default; everything else takes free ports. */
  readonly port?: Port;
  /** The address that the gateway listens on, and the sandbox, which browsers need too. 127.0.0.1 by default. */
  readonly host?: string | undefined;
  /** The certificate with which the shop is served by https; by http without one. */
  readonly https?: Pick<Https, 'certificate' | 'key'>;
  /** Replicas of each service, 1 by default. The processes of several are called `orders-1`, `orders-2`. */
  readonly replicas?: Partial<Record<ServiceName, number>>;
  /** Settings that override those a process gets by default. */
  readonly env?: Partial<Record<ServiceName | 'client' | 'stripe' | 'console', Readonly<Record<string, string>>>>;
  readonly logs?: Logs;
  /**
   * Whether to serve the shop's pages too: from the development server, from what `next build` has written, or from a
   * server that runs already.
   */
  readonly client: boolean | { readonly builtIn: string } | { readonly at: string };
  /** Where every process sends its spans, as OTLP/HTTP, or `console` for the one below. They record none by default. */
  readonly traces?: string | undefined;
  /** Runs the console. Off by default. */
  readonly console?: ConsoleOptions;
  /** Restart processes that end by themselves. Off by default, so that a test sees the crash. */
  readonly keepAlive?: boolean;
  readonly find?: FindOptions;
  /** Called whenever a process runs anew, so that `pids` has changed. */
  readonly onChange?: () => void;
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
  /** For a connection to NATS as the operator, who may do everything. */
  readonly operator: ReturnType<typeof natsOptions>;
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

/** A limit for what hangs, not a measure of speed: a process that fails ends, which is noticed at once. */
const readyWithinMs = 180_000;
/**
 * Database connections per process. SecantusDB gives each connection a thread, and lock contention slows it down: under
 * load from eight processes it served 45 requests a second with 3 or 4 connections each, and 16 without a limit.
 */
const connectionsEach = 4;
/**
 * A stopping replica keeps serving until the gateway has noticed: a check is due every second, and may take two. A
 * single one would only delay its stop.
 */
const drainMs = 3_500;

/**
 * Starts the whole platform and waits until it is ready. Everything starts at the same time: services wait for their
 * engines.
 *
 * @throws when a process ends or is not ready within three minutes; nothing is left running then
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
  const {
    dir,
    client,
    logs,
    host = loopback,
    env = {},
    print = () => undefined,
    keepAlive = false,
    onChange = () => undefined,
  } = options;
  const finding = { ...options.find, mongoData: join(dir, 'mongo') };
  const [found, secrets] = await Promise.all([findEngines(finding), localSecrets(join(dir, 'secrets.json'))]);
  const gatewayPort = (await chosen(options.port)) ?? (await freePort());
  const consoleUrl = options.console && `http://${loopback}:${await chosen(options.console.port)}`;
  const traces = options.traces === 'console' ? consoleUrl : options.traces;
  const https = options.https && {
    ...options.https,
    internalPort: await freePort(),
    sandboxPort: await freePort(),
  };
  const where = whereabouts(host, gatewayPort, https?.internalPort);
  const [natsPort, mongoPort] = [await freePort(), await freePort()];
  const [adminPort, identityPort] = [await freePort(), await freePort()];
  const processes = await placeServices(options.replicas ?? {});
  const urlsOf = (service: ServiceName) => processes.filter((it) => it.service === service).map(({ url }) => url);
  const clientUrl = typeof client === 'object' && 'at' in client ? client.at : await freeUrl();
  const real = realStripe(options.find?.env ?? process.env);
  const sandboxPort = await freePort();
  const stripe: Stripe = real ?? {
    secretKey: secrets.stripeSecretKey,
    publishableKey: secrets.stripePublishableKey,
    webhookSecret: secrets.stripeWebhookSecret,
    // By http it listens on the gateway's address: browsers reach it directly.
    url: new URL(`http://${new URL(where.gatewayUrl).hostname}:${sandboxPort}`).origin,
    publicUrl: https ? `https://${where.shownHost}:${https.sandboxPort}` : `http://${where.shownHost}:${sandboxPort}`,
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
    'stripe-sandbox': stripe.url ? [stripe.url] : [],
  };

  const addresses = {
    ...Object.fromEntries(processes.map(({ name, url }) => [name, url])),
    ...(stripe.url ? { stripe: stripe.url } : {}),
    ...(client ? { client: clientUrl } : {}),
    ...(consoleUrl ? { console: consoleUrl } : {}),
    nats: around.natsUrl,
    mongo: around.mongoUrl,
    traefik: where.gatewayUrl,
  };
  const seen: Seen = {
    addresses,
    services: Object.fromEntries(processes.map(({ name, service }) => [name, service])),
    around,
    dir,
    env: env.console ?? {},
  };

  const folder = client === true ? freeBuildFolder() : undefined;
  const toPart = (plan: Plan): Part => keep(plan, { keepAlive, print, onChange });
  const engines = planEngines({
    ...{ found, dir, host, https, urls, traces, logs, print },
    ...{ natsPort, natsSeeds: secrets.natsSeeds, mongoPort, gatewayPort, adminPort, identityPort },
  }).map(toPart);
  // Sent at once, for whoever looks at a page that shows them.
  const telemetry = traces ? { OTEL_EXPORTER_OTLP_ENDPOINT: traces, OTEL_BSP_SCHEDULE_DELAY: '1000' } : {};
  const [ofSandbox, ofClient] = [env.stripe, env.client].map((own) => ({ ...telemetry, ...own }));
  const programs = [
    ...processes.map(({ name, service, url }) => {
      const drain = urlsOf(service).length > 1 ? { DRAIN_MS: `${drainMs}` } : {};
      return planService(service, { name, url, logs }, around, { ...telemetry, ...drain, ...env[service] });
    }),
    ...(stripe.url ? [planSandbox({ name: 'stripe', url: stripe.url, logs }, dir, where, stripe, ofSandbox)] : []),
    ...(folder ? [planClient({ name: 'client', url: clientUrl, logs }, folder.name, where, stripe, ofClient)] : []),
    ...(typeof client === 'object' && 'builtIn' in client
      ? [planBuiltClient({ name: 'client', url: clientUrl, logs }, client.builtIn, where, stripe, ofClient)]
      : []),
    ...(options.console && consoleUrl ? [planConsole(consoleUrl, options.console, seen, logs)] : []),
  ].map(toPart);

  const together = togetherAs(engines, programs);
  const keeper = planKeeper(around);
  /** The gateway routes to a restarted replica only after its next health check. */
  const ledTo = async (isMeant: (replica: string) => boolean, withinMs = Number.POSITIVE_INFINITY) => {
    if (found.traefik.kind !== 'address') await noneShunned(`http://127.0.0.1:${adminPort}`, isMeant, withinMs);
  };
  return {
    ...together,
    start() {
      keeper.start();
      return together.start();
    },
    startOne(name) {
      keeper.start();
      return together.startOne(name);
    },
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
      await keeper.stop();
      folder?.release();
    },
    url: around.publicOrigin,
    addresses,
    stripe,
    operator: natsOptions(around.natsUrl, operatorName, { seed: secrets.natsSeeds[operatorName] }),
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
