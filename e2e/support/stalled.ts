import { connect } from 'node:net';
import { isRaw, type Route } from '@box-office/common/http/route';
import { jsonBytes } from '@box-office/common/http/serve';
import { apis, gateway } from '@box-office/docs/apis';
import { forwards, ruleFor } from '@box-office/docs/gateway';
import { serviceNames } from '../../services.ts';

/** A request that announces a body, sends all but its last byte, and waits. */
export interface Endless {
  /** Where it is sent, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly method: string;
  readonly path: string;
  readonly bytes: number;
  /** The address that it comes from, below 127/8. */
  readonly from?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Stalled {
  /** Resolves once each has been sent, or was answered before. */
  readonly sent: Promise<unknown>;
  end(): void;
}

export function stall(requests: readonly Endless[]): Stalled {
  const body = Buffer.alloc(Math.max(...requests.map(({ bytes }) => bytes)) - 1, ' ');
  const each = requests.map(({ url, method, path, bytes, from, headers = {} }) => {
    const { hostname: host, port } = new URL(url);
    const socket = connect({ host, port: Number(port), ...(from && { localAddress: from }) });
    const all = { Host: host, 'Content-Type': 'application/json', 'Content-Length': bytes, ...headers };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.on('error', () => undefined).write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
    const sent = new Promise<void>((resolve) => {
      socket.once('data', () => resolve()).on('close', () => resolve());
      socket.write(body.subarray(0, bytes - 1), () => resolve());
    });
    return { socket, sent };
  });
  return {
    sent: Promise.all(each.map(({ sent }) => sent)),
    end() {
      for (const { socket } of each) socket.destroy();
    },
  };
}

/** What many strangers stall at once, and how many of their requests each process gets. */
export interface Strangers {
  readonly requests: readonly Endless[];
  readonly counts: ReadonlyMap<string, number>;
}

/**
 * So many requests with the largest body for everything that the gateway lets through without a session, and once for
 * each service straight at its port: for the route that takes most, with an identity.
 */
export function strangersAt(
  addresses: Readonly<Record<string, string>>,
  { atOnce, identity }: { readonly atOnce: number; readonly identity: string },
): Strangers {
  const through = [...open, { service: 'client', method: 'GET', path: '/signin', bytes: jsonBytes }];
  // Anybody can name the time of a signature, and without one the body is not read.
  const unsigned = { 'Stripe-Signature': `t=${Math.floor(Date.now() / 1000)},v1=00` };
  const identified = { ...unsigned, Authorization: `Bearer ${identity}` };
  const sources = [
    ...through.map((it, index) => ({ ...it, via: 'traefik', from: `127.31.0.${index + 1}`, headers: unsigned })),
    ...serviceNames.map((service) => ({ service, ...largestOf(service), via: service, headers: identified })),
  ];
  const counts = new Map<string, number>();
  for (const { service, via } of sources)
    for (const name of new Set([service, via])) counts.set(name, (counts.get(name) ?? 0) + atOnce);
  // In turn, so that none is done before the others begin.
  const requests = Array.from({ length: atOnce }, () =>
    sources.map(({ service: _, via, ...it }) => ({ ...it, url: addresses[via] ?? '' })),
  ).flat();
  return { requests, counts };
}

const bytesOf = ({ body }: Route): number => (body && isRaw(body) ? body.rawBytes : jsonBytes);

const asked = (route: Route) => ({
  method: route.method,
  path: route.path.replaceAll(/:\w+/g, '0123456789abcdef01234567'),
  bytes: bytesOf(route),
});

/** Reads too: whether a body is expected, its sender does not ask. */
const open = apis.flatMap(({ name: service, routes }) =>
  routes
    .filter((route) => forwards(gateway, service, route) && !ruleFor(gateway, route)?.needsSession)
    .map((route) => ({ service, ...asked(route) })),
);

function largestOf(service: string) {
  const routes = apis.find(({ name }) => name === service)?.routes.filter(({ body }) => body) ?? [];
  const [largest] = routes.toSorted((one, other) => bytesOf(other) - bytesOf(one));
  return largest ? asked(largest) : { method: 'POST', path: '/', bytes: jsonBytes };
}
