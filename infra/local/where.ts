import { isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { CannotStart } from './starting.ts';

/** Reachable from this machine only. */
export const loopback = '127.0.0.1';
const everywhere = '0.0.0.0';

/** The addresses of the shop, for people and for our own processes. */
export interface Where {
  /** The address that the payment sandbox listens on. Under https, the gateway stands in front of it. */
  readonly host: string;
  /** The name or address for browsers. */
  readonly shownHost: string;
  /** The gateway, for processes on this machine. */
  readonly gatewayUrl: string;
  readonly publicOrigin: string;
}

/**
 * With `internalPort` the shop is opened by https, and our own processes reach the gateway there.
 *
 * @throws CannotStart when `host` is no IPv4 address
 */
export function whereabouts(host: string, port: number, internalPort?: number): Where {
  if (!isIPv4(host)) throw new CannotStart('The shop', `"${host}" is no IPv4 address, such as 0.0.0.0 for all of them`);
  const own = host === everywhere || host.startsWith('127.');
  const shownHost = host === everywhere ? (addressInLan() ?? 'localhost') : own ? 'localhost' : host;
  if (internalPort !== undefined) {
    const gatewayUrl = `http://${loopback}:${internalPort}`;
    return { host: loopback, shownHost, gatewayUrl, publicOrigin: `https://${shownHost}:${port}` };
  }
  return {
    host,
    shownHost,
    gatewayUrl: `http://${host === everywhere ? loopback : host}:${port}`,
    publicOrigin: `http://${shownHost}:${port}`,
  };
}

/** This machine's first address that other machines can reach. */
function addressInLan(): string | undefined {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
}
