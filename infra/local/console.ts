import { join } from 'node:path';
import { consoleName } from '@box-office/common/messaging/nats-users';
import { type ServiceName, storing } from '../../services.ts';
import type { Plan, Settings } from './part.ts';
import { type Logs, planNode, portOf, root } from './plans.ts';
import type { Port } from './ports.ts';
import { databaseUrl, type Surroundings } from './service-env.ts';

/** What the console is to see. */
export interface Seen {
  /** Of every process, by its name. */
  readonly addresses: Readonly<Record<string, string>>;
  /** The service that a process is a replica of, by the name of the process. */
  readonly services: Readonly<Record<string, ServiceName>>;
  readonly around: Surroundings;
  /** The platform's state folder. */
  readonly dir: string;
  readonly env: Settings;
}

export interface ConsoleOptions {
  readonly port: Port;
  /** The folder with the log lines of each process, if they are written to files. */
  readonly logsDir?: string;
  /** Whether the failure lab may break what runs here. Other programs must find the platform by its lock then. */
  readonly hasLab?: boolean;
}

/** It looks at a lot and keeps little: what it has read may as well be cleared away at once. */
const smallestHeap = ['--max-semi-space-size=1', '--max-old-space-size=36', '--optimize-for-size'];

/** The console, which may read everything: it gets the address of every database. */
export function planConsole(url: string, { logsDir, hasLab }: ConsoleOptions, seen: Seen, logs?: Logs): Plan {
  const { addresses, around, dir } = seen;
  const seed = around.secrets.natsSeeds[consoleName];
  const mailbox = addresses.mail && !process.env.SMTP_URL ? `${addresses.mail}/mailbox` : undefined;
  return planNode(
    { name: 'console', url, logs },
    {
      args: [...smallestHeap, join(root, 'console/src/main.ts')],
      env: {
        PORT: `${portOf(url)}`,
        NATS_URL: around.natsUrl,
        ...(seed ? { NATS_SEED: seed } : {}),
        MONGO_URLS: JSON.stringify(
          Object.fromEntries(storing.map((service) => [service, databaseUrl(around.mongoUrl, service)])),
        ),
        PROCESSES: JSON.stringify(processesOf(seen)),
        SHOP_URL: around.publicOrigin,
        ...(mailbox ? { MAILBOX_URL: mailbox } : {}),
        ...(around.stripe.url ? { SANDBOX_URL: around.stripe.url, SANDBOX_KEY: around.stripe.secretKey } : {}),
        // With the real Stripe, nothing is broken on purpose.
        ...(hasLab && around.stripe.url ? { LAB: join(root, 'e2e/lab/main.ts'), LAB_STATE: dir } : {}),
        ...(logsDir ? { LOGS_DIR: logsDir } : {}),
        DATA_DIR: join(dir, 'console'),
        ...seen.env,
      },
    },
  );
}

const kinds: Readonly<Record<string, string>> = { client: 'page', stripe: 'sandbox', console: 'console' };

function processesOf({ addresses, services }: Seen) {
  return Object.entries(addresses).map(([name, url]) => {
    const service = services[name];
    return { name, kind: service ? 'service' : (kinds[name] ?? 'engine'), url, ...(service ? { service } : {}) };
  });
}
