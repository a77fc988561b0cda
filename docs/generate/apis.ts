import { join } from 'node:path';
import type { Api } from '@box-office/common/http/route';
import { services } from '../../services.ts';
import { gatewayIn } from './gateway.ts';
import { neverUsed } from './never-used.ts';

/** The API of each service, in the order of services.ts. */
export const apis: readonly Api[] = await Promise.all(
  services.filter(({ serves }) => serves.length > 0).map(({ name }) => apiOf(name)),
);

export const gateway = gatewayIn(join(import.meta.dirname, '../../infra/k8s/base/gateway/routes.yml'));

/** Lists the routes without calling any, so their dependencies are never used. */
async function apiOf(service: string): Promise<Api> {
  const { api }: { api: (parts: never) => Api } = await import(`@box-office/${service}/routes`);
  return api(neverUsed<never>(new Proxy({}, { has: () => true, get: () => neverUsed<never>() })));
}
