import { type ServiceName, serviceNames } from '../../services.ts';
import { freePort } from './ports.ts';

/** One process of a service. */
export interface Placed {
  readonly name: string;
  readonly service: ServiceName;
  readonly url: string;
}

/** Chooses an address for each replica. Those of one service are called `orders-1`, `orders-2`. */
export async function placeServices(replicas: Partial<Record<ServiceName, number>>): Promise<Placed[]> {
  const placed: Placed[] = [];
  for (const service of serviceNames) {
    const count = replicas[service] ?? 1;
    for (let number = 1; number <= count; number++) {
      placed.push({ name: count > 1 ? `${service}-${number}` : service, service, url: await freeUrl() });
    }
  }
  return placed;
}

export async function freeUrl(): Promise<string> {
  return `http://127.0.0.1:${await freePort()}`;
}
