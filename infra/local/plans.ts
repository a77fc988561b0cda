import { join, resolve } from 'node:path';
import { connectingKeeper, type Keeper } from '@box-office/common/messaging/keeper';
import type { NatsSeeds } from '@box-office/common/messaging/nats-users';
import { keeperName } from '@box-office/common/messaging/permissions';
import { createLogger } from '@box-office/common/telemetry/logger';
import { type ServiceName, services } from '../../services.ts';
import { type Engines, localDir, startMongo, startNats, startTraefik } from './engines.ts';
import type { ServiceUrls } from './gateway.ts';
import { startGuarded } from './guarded.ts';
import type { Https } from './https.ts';
import type { Plan, Settings } from './part.ts';
import { type Stripe, type Surroundings, serviceEnv } from './service-env.ts';
import { type Engine, engineOf, takesConnections } from './starting.ts';
import { loopback, type Where } from './where.ts';

export const root = resolve(import.meta.dirname, '../..');

/** Receives every line that a process prints, with the process's name. */
export type Logs = (name: string, line: string) => void;

export interface EnginePlans {
  readonly found: Engines;
  readonly dir: string;
  readonly natsPort: number;
  readonly natsSeeds: NatsSeeds;
  readonly mongoPort: number;
  readonly host: string;
  readonly gatewayPort: number;
  readonly adminPort: number;
  readonly identityPort: number;
  readonly https: Https | undefined;
  readonly urls: ServiceUrls;
  /** Where the gateway sends its spans, as OTLP/HTTP; none if not given. */
  readonly traces: string | undefined;
  readonly logs: Logs | undefined;
  /** Called once per engine with which one was chosen and why. */
  readonly print: (line: string) => void;
}

export function planEngines({
  found,
  dir,
  natsPort,
  natsSeeds,
  mongoPort,
  host,
  gatewayPort,
  adminPort,
  identityPort,
  https,
  urls,
  traces,
  logs,
  print,
}: EnginePlans): Plan[] {
  const engine = (
    name: string,
    calledOut: string,
    start: (onLine: (line: string) => void) => Promise<Engine>,
  ): Plan => {
    let said = false;
    return {
      name,
      async start() {
        const started = await start((line) => logs?.(name, line));
        if (!said) print(`${calledOut.padEnd(8)} ${started.why}`);
        said = true;
        return started;
      },
      // Engines are ready when their start returns.
      waitsFor: async () => undefined,
    };
  };
  const { nats, mongo, traefik } = found;
  return [
    engine('nats', 'NATS', (onLine) =>
      startNats({ dir: join(dir, 'nats'), port: natsPort, seeds: natsSeeds, found: nats, onLine }),
    ),
    engine('mongo', 'MongoDB', (onLine) =>
      startMongo({ dir: join(dir, 'mongo'), port: mongoPort, found: mongo, onLine }),
    ),
    engine('traefik', 'Traefik', (onLine) =>
      startTraefik({
        dir: join(dir, 'traefik'),
        host,
        port: gatewayPort,
        adminPort,
        identityPort,
        https,
        found: traefik,
        services: urls,
        traces,
        onLine,
      }),
    ),
  ];
}

/** The keeper of NATS, in this process. */
export function planKeeper({ natsUrl, secrets }: Surroundings): Keeper {
  return connectingKeeper({
    url: natsUrl,
    seed: secrets.natsSeeds[keeperName] ?? '',
    users: services,
    stream: { replicas: 1 },
    // Whoever is refused something logs the reason.
    logger: createLogger({ name: keeperName, level: 'silent' }),
  });
}

export interface Addressed {
  readonly name: string;
  readonly url: string;
  readonly logs: Logs | undefined;
}

/**
 * Node lets its young generation grow to 48 MB; a small service is as fast with 6 MB, and seven of them share a laptop.
 */
export const smallHeap = ['--max-semi-space-size=2'];

const thrift = {
  // Cached compiled code saves each start most of a second and 20 MB.
  NODE_COMPILE_CACHE: join(localDir, 'compiled'),
  // glibc keeps freed memory in a heap per thread, including the 19 MB for each password that auth hashes.
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '1048576',
};

export function planService(service: ServiceName, at: Addressed, around: Surroundings, over: Settings = {}): Plan {
  return planNode(at, {
    args: [...smallHeap, join(root, service, 'src/main.ts')],
    env: { ...serviceEnv(service, portOf(at.url), around), ...over },
    readyPath: '/healthz/ready',
  });
}

export function planSandbox(at: Addressed, dir: string, where: Where, stripe: Stripe, over: Settings = {}): Plan {
  return planNode(at, {
    args: [...smallHeap, join(root, 'stripe-sandbox/src/main.ts')],
    env: {
      PORT: `${portOf(at.url)}`,
      HOST: where.host,
      ...(stripe.publicUrl ? { PUBLIC_URL: stripe.publicUrl } : {}),
      WEBHOOK_URL: `${where.gatewayUrl}/api/payments/webhook`,
      WEBHOOK_SECRET: stripe.webhookSecret,
      SECRET_KEY: stripe.secretKey,
      PUBLISHABLE_KEY: stripe.publishableKey,
      DATA_DIR: join(dir, 'stripe'),
      ...over,
    },
  });
}

/**
 * The development server, which compiles each page when it is first asked for. `builtIn` is its build folder below
 * client/: Next.js refuses to serve twice from one folder.
 */
export function planClient(at: Addressed, builtIn: string, where: Where, stripe: Stripe, over: Settings = {}): Plan {
  return planNode(at, {
    args: [join(root, 'node_modules/next/dist/bin/next'), 'dev', '--hostname', loopback],
    cwd: join(root, 'client'),
    env: { ...clientEnv(at, where, stripe), NODE_ENV: 'development', NEXT_DIST_DIR: builtIn, ...over },
  });
}

/** The shop as production runs it: `builtIn` holds the server that `next build` wrote. */
export function planBuiltClient(
  at: Addressed,
  builtIn: string,
  where: Where,
  stripe: Stripe,
  over: Settings = {},
): Plan {
  return planNode(at, {
    args: [join(builtIn, 'client/server.js')],
    env: { ...clientEnv(at, where, stripe), HOSTNAME: loopback, ...over },
  });
}

const clientEnv = (at: Addressed, where: Where, stripe: Stripe): Settings => ({
  PORT: `${portOf(at.url)}`,
  NEXT_TELEMETRY_DISABLED: '1',
  API_URL: where.gatewayUrl,
  PUBLIC_ORIGIN: where.publicOrigin,
  DEV_ORIGIN: where.shownHost,
  ...(stripe.publicUrl ? { STRIPE_SANDBOX_URL: stripe.publicUrl } : {}),
});

interface NodeProgram {
  readonly args: readonly string[];
  readonly env: Settings;
  readonly cwd?: string;
  /** The path that answers 200 once it is ready; without one, it is ready when it listens. */
  readonly readyPath?: string;
}

export function planNode({ name, url, logs }: Addressed, { args, env, cwd = root, readyPath }: NodeProgram): Plan {
  return {
    name,
    async start(over) {
      const running = startGuarded({
        name,
        program: process.execPath,
        args,
        cwd,
        env: { ...thrift, ...cleanEnv(), ...env, ...over },
        onLine: (line) => logs?.(name, line),
      });
      return engineOf(running, url, '');
    },
    async waitsFor() {
      try {
        if (readyPath === undefined) {
          await takesConnections(portOf(url));
          return undefined;
        }
        const answer = await fetch(`${url}${readyPath}`, { signal: AbortSignal.timeout(2_000) });
        const said = await answer.text();
        return answer.ok ? undefined : said;
      } catch {
        return 'it does not listen yet';
      }
    },
  };
}

/** Our own environment without the variables of npm and Jest. */
function cleanEnv(): NodeJS.ProcessEnv {
  const theirs = /^(npm_|JEST_|NODE_ENV$|TEST_ENGINES$|INIT_CWD$|NODE_CHANNEL_)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !theirs.test(name)));
}

export function portOf(url: string): number {
  return Number(new URL(url).port);
}
