import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { findTraefik } from '@box-office/local/engines';
import { type LaidOut, layOut } from '@box-office/local/platform';
import { freePort } from '@box-office/local/ports';
import { serviceNames } from '../../services.ts';
import { type Visitor, visitor } from '../support/visitor.ts';
import type { Printed } from './observability/logs.ts';
import { type SentSpans, startRecorder } from './observability/recorder.ts';
import type { Processes } from './pods.ts';

/** A platform without a gateway, to test another gateway. */
export interface Services {
  /**
   * The public address, once a gateway listens at `gatewayPort`: everything goes through it, including the payment
   * page.
   */
  readonly shop: Visitor;
  readonly gatewayPort: number;
  /** The Traefik of this machine. */
  readonly traefik: string;
  readonly processes: Processes;
  /** Where each service tells its metrics. */
  readonly metrics: readonly string[];
  /** The last lines that they have printed. */
  readonly printed: readonly Printed[];
  /** Where they send their spans, and what they have sent. */
  readonly traces: { readonly url: string; readonly sent: readonly SentSpans[] };
  stop(): Promise<void>;
}

/** The body of every page of the shop here. */
export const page = 'the shop has no such page';

const linesKept = 5_000;
/** A limit for what hangs: eight processes and their engines share the cores with other tests. */
const readyWithinMs = 180_000;

/**
 * Starts the services and the Stripe sandbox as processes, on separate engines with their state in `dir`. Webhooks and
 * browsers get the gateway's address. The shop's pages are replaced by a single one.
 *
 * @throws EngineMissing
 */
export async function startServices(dir: string): Promise<Services> {
  const find = { env: ownSurroundings(process.env) };
  const traefik = await findTraefik(find);
  if (traefik.kind !== 'program') throw new Error('an external Traefik cannot be configured');
  const gatewayPort = await freePort();
  const printed: Printed[] = [];
  const logs = (name: string, line: string) => {
    if (printed.push({ name, line }) > linesKept) printed.shift();
  };
  const traces = await startRecorder();
  const platform = await layOut({ dir, port: gatewayPort, client: false, find, logs, traces: traces.url });
  const pages = await servePages();
  const stop = async () => {
    await platform.stop();
    await traces.stop();
    pages.closeAllConnections();
    pages.close();
  };
  try {
    const { auth = '', tickets = '', orders = '', payments = '', mail = '', stripe = '' } = platform.addresses;
    const client = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
    const others = Object.keys(platform.addresses).filter((name) => name !== 'traefik');
    await Promise.all(others.map((name) => platform.startOne(name)));
    await allReady(platform);
    const processes = { auth, tickets, orders, payments, mail, client, 'stripe-sandbox': stripe };
    const shop = visitor(platform.url, `http://stripe.localhost:${gatewayPort}`);
    const metrics = serviceNames.flatMap((name) => platform.addresses[name] ?? []);
    return { shop, gatewayPort, traefik: traefik.path, processes, metrics, printed, traces, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Never uses configured databases or Stripe keys. */
function ownSurroundings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { NATS_URL: _nats, MONGO_URL: _mongo, STRIPE_SECRET_KEY: _key, ...own } = env;
  return own;
}

async function allReady(platform: LaidOut): Promise<void> {
  const deadline = Date.now() + readyWithinMs;
  for (;;) {
    const { traefik: _, ...waiting } = await platform.waitsFor();
    if (Object.keys(waiting).length === 0) return;
    if (Date.now() > deadline) throw new Error(`the services are not ready: ${JSON.stringify(waiting)}`);
    await sleep(50);
  }
}

async function servePages(): Promise<Server> {
  const server = createServer((_, answer) => answer.writeHead(404).end(page));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
