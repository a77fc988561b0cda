import { join, resolve } from 'node:path';
import getPort from 'get-port';
import { type Engines, type FindOptions, findEngines, startMongo, startNats, startTraefik } from './engines.ts';
import type { ServiceUrls } from './gateway.ts';
import { startGuarded } from './guarded.ts';
import { keep, type Part, type Plan } from './part.ts';
import { localSecrets } from './secrets.ts';
import { realStripe, type Service, type Stripe, type Surroundings, serviceEnv, services } from './service-env.ts';
import { type Engine, engineOf } from './starting.ts';

const root = resolve(import.meta.dirname, '../..');

export interface PlatformOptions {
  /** Where engines keep their files, and the secrets. Start again with the same one to find everything as it was. */
  readonly dir: string;
  /** Where the gateway listens; any free port when it is not given. Everything else takes free ports. */
  readonly port?: number;
  /** How many of a service, 1 by default. The processes are then called `orders-1`, `orders-2`. */
  readonly replicas?: Partial<Record<Service, number>>;
  /** Settings of a service over those that it gets by itself. */
  readonly env?: Partial<Record<Service | 'client' | 'stripe', Readonly<Record<string, string>>>>;
  /** Gets every line that a process prints, under the process's name. */
  readonly logs?: (name: string, line: string) => void;
  /** Whether the shop's pages are served too. */
  readonly client: boolean;
  /** Start processes again when they end unasked. Off by default, so that a test sees what it did. */
  readonly keepAlive?: boolean;
  readonly find?: FindOptions;
  /** Hears what is going on: which engine was taken and why, what crashed. */
  readonly say?: (line: string) => void;
}

export interface Platform {
  /** The gateway's address: the only one that people use. */
  readonly url: string;
  /** Every process's own address, by name. */
  readonly addresses: Readonly<Record<string, string>>;
  /** The processes that run at this moment, by name; without engines that somebody else runs. */
  readonly pids: () => Readonly<Record<string, number>>;
  /** The keys that payments and the sandbox share. */
  readonly stripe: Stripe;
  /** kill -9 by default. Resolves once the process is gone. */
  readonly kill: (name: string, signal?: NodeJS.Signals) => Promise<void>;
  /** Stops a process if it runs, starts it at the same address, and waits until it is ready. */
  readonly restart: (name: string) => Promise<void>;
  readonly stopOne: (name: string) => Promise<void>;
  /** Resolves once every process is ready to serve. */
  readonly ready: (withinMs?: number) => Promise<void>;
  /** Services first, so that they can finish what they do; then the engines. */
  readonly stop: () => Promise<void>;
}

const readyWithinMs = 60_000;

/**
 * Starts the whole platform and waits until it is ready. Everything starts at once: services wait for their engines by themselves.
 *
 * @throws when a process ends or is not ready in time; nothing is left running then
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
  readonly start: () => Promise<void>;
}

/** Decides what runs where, and starts nothing yet. */
export async function layOut(options: PlatformOptions): Promise<LaidOut> {
  const { dir, client, replicas = {}, say = () => undefined, keepAlive = false } = options;
  const [engines, secrets] = await Promise.all([findEngines(options.find), localSecrets(join(dir, 'secrets.json'))]);
  const port = options.port ?? (await freePort());
  const given = realStripe(options.find?.env ?? process.env);
  const stripeUrl = await localUrl();
  const stripe: Stripe = given ?? {
    secretKey: secrets.stripeSecretKey,
    publishableKey: secrets.stripePublishableKey,
    webhookSecret: secrets.stripeWebhookSecret,
    url: stripeUrl,
  };

  const processes: { name: string; service: Service; url: string }[] = [];
  for (const service of services) {
    const count = replicas[service] ?? 1;
    for (let number = 1; number <= count; number++) {
      processes.push({ name: count > 1 ? `${service}-${number}` : service, service, url: await localUrl() });
    }
  }
  const urlsOf = (service: Service) => processes.filter((it) => it.service === service).map(({ url }) => url);
  const clientUrl = await localUrl();
  const urls: ServiceUrls = {
    auth: urlsOf('auth'),
    tickets: urlsOf('tickets'),
    orders: urlsOf('orders'),
    payments: urlsOf('payments'),
    client: [clientUrl],
  };

  const engineParts = await planEngines(engines, urls, port, options);
  const around: Surroundings = {
    natsUrl: engineParts.natsUrl,
    mongoUrl: engineParts.mongoUrl,
    authUrl: urls.auth[0] ?? '',
    publicOrigin: `http://localhost:${port}`,
    secrets,
    stripe,
  };

  const node = (name: string, url: string, args: string[], env: Record<string, string>, health: string, cwd = root) =>
    planProcess({ name, url, args, cwd, env: { ...cleanEnv(), ...env }, health, logs: options.logs });

  const servicePlans = processes.map(({ name, service, url }) => {
    const env = { ...serviceEnv(service, portOf(url), around), ...options.env?.[service] };
    return node(name, url, [join(root, service, 'src/main.ts')], env, '/healthz/ready');
  });
  if (!given) {
    const env = {
      PORT: `${portOf(stripeUrl)}`,
      WEBHOOK_URL: `http://127.0.0.1:${port}/api/payments/webhook`,
      WEBHOOK_SECRET: stripe.webhookSecret,
      PUBLISHABLE_KEY: stripe.publishableKey,
      SECRET_KEY: stripe.secretKey,
      DATA_DIR: join(dir, 'stripe'),
      ...options.env?.stripe,
    };
    servicePlans.push(node('stripe', stripeUrl, [join(root, 'infra/local/stripe-sandbox/main.ts')], env, ''));
  }
  if (client) {
    const env = {
      PORT: `${portOf(clientUrl)}`,
      NODE_ENV: 'development',
      NEXT_TELEMETRY_DISABLED: '1',
      API_URL: `http://127.0.0.1:${port}`,
      ...(given ? {} : { STRIPE_SANDBOX_URL: stripeUrl }),
      ...options.env?.client,
    };
    const args = [join(root, 'node_modules/next/dist/bin/next'), 'dev', '--hostname', '127.0.0.1'];
    servicePlans.push(node('client', clientUrl, args, env, '', join(root, 'client')));
  }

  const keepOne = (plan: Plan): Part => keep(plan, { keepAlive, say });
  const serviceParts = servicePlans.map(keepOne);
  const engineOnes = engineParts.plans.map(keepOne);
  const parts = [...engineOnes, ...serviceParts];
  const part = (name: string): Part => {
    const found = parts.find((it) => it.name === name);
    if (!found) throw new Error(`there is no process ${name}; there are ${parts.map((it) => it.name).join(', ')}`);
    return found;
  };
  const known = [...processes, { name: 'client', url: clientUrl }, { name: 'stripe', url: stripeUrl }];
  return {
    url: around.publicOrigin,
    addresses: {
      ...Object.fromEntries(
        known.filter(({ name }) => parts.some((it) => it.name === name)).map((it) => [it.name, it.url]),
      ),
      nats: around.natsUrl,
      mongo: around.mongoUrl,
      traefik: `http://127.0.0.1:${port}`,
    },
    pids: () =>
      Object.fromEntries(
        parts.flatMap((it) => {
          const pid = it.pid();
          return pid === undefined ? [] : [[it.name, pid]];
        }),
      ),
    stripe,
    kill: (name, signal) => part(name).kill(signal),
    restart: (name) => part(name).restart(),
    stopOne: (name) => part(name).stop(),
    async ready(withinMs) {
      await Promise.all(parts.map((it) => it.ready(withinMs)));
    },
    async start() {
      await Promise.all(parts.map((it) => it.start()));
    },
    async stop() {
      await Promise.all(serviceParts.map((it) => it.stop()));
      await Promise.all(engineOnes.map((it) => it.stop()));
    },
  };
}

async function planEngines(
  { nats, mongo, traefik }: Engines,
  urls: ServiceUrls,
  port: number,
  { dir, logs, say }: PlatformOptions,
): Promise<{ natsUrl: string; mongoUrl: string; plans: Plan[] }> {
  const [natsPort, mongoPort] = [await freePort(), await freePort()];
  const hear = (name: string) => (logs ? { onLine: (line: string) => logs(name, line) } : {});
  const plan = (name: string, what: string, start: () => Promise<Engine>): Plan => {
    let said = false;
    return {
      name,
      async start() {
        const engine = await start();
        if (!said) say?.(`${what}: ${engine.why}`);
        said = true;
        return engine;
      },
      waitsFor: async () => undefined,
    };
  };
  return {
    natsUrl: nats.kind === 'address' ? nats.url : `nats://127.0.0.1:${natsPort}`,
    mongoUrl: mongo.kind === 'address' ? mongo.url : `mongodb://127.0.0.1:${mongoPort}`,
    plans: [
      plan('nats', 'NATS', () => startNats({ dir: join(dir, 'nats'), port: natsPort, found: nats, ...hear('nats') })),
      plan('mongo', 'MongoDB', () =>
        startMongo({ dir: join(dir, 'mongo'), port: mongoPort, found: mongo, ...hear('mongo') }),
      ),
      plan('traefik', 'Traefik', () =>
        startTraefik({ dir: join(dir, 'traefik'), port, found: traefik, services: urls, ...hear('traefik') }),
      ),
    ],
  };
}

interface NodeProcess {
  readonly name: string;
  readonly url: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** The path that answers 200 once it is ready; when empty, any answer will do. */
  readonly health: string;
  readonly logs: ((name: string, line: string) => void) | undefined;
}

function planProcess({ name, url, args, cwd, env, health, logs }: NodeProcess): Plan {
  return {
    name,
    async start() {
      const onLine = logs ? { onLine: (line: string) => logs(name, line) } : {};
      const running = startGuarded({ name, program: process.execPath, args, cwd, env, ...onLine });
      return engineOf(running, url, '');
    },
    async waitsFor() {
      try {
        const answer = await fetch(`${url}${health}`, { signal: AbortSignal.timeout(health ? 2_000 : 60_000) });
        const text = await answer.text();
        return answer.ok || health === '' ? undefined : text;
      } catch {
        return 'it does not listen yet';
      }
    },
  };
}

/** Our own environment without what npm and Jest put there. */
function cleanEnv(): NodeJS.ProcessEnv {
  const ours = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|JEST_|NODE_ENV$|TEST_ENGINES$|INIT_CWD$)/.test(name),
  );
  return Object.fromEntries(ours);
}

function freePort(): Promise<number> {
  return getPort({ host: '127.0.0.1' });
}

async function localUrl(): Promise<string> {
  return `http://127.0.0.1:${await freePort()}`;
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}
