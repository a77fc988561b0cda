import { join } from 'node:path';
import type { Api } from '@box-office/common/http/route';
import { services } from '../../services.ts';
import { gatewayIn } from './gateway.ts';
import { neverUsed } from './never-used.ts';

/** What each service can be asked, in the order of services.ts. */
export const apis: readonly Api[] = await Promise.all(
  services.filter(({ serves }) => serves !== null).map(({ name }) => apiOf(name)),
);

export const gateway = gatewayIn(join(import.meta.dirname, '../../infra/k8s/base/gateway/routes.yml'));

/** Routes are the same whatever they work with, and nothing is asked of them here, so it need not be there. */
async function apiOf(service: string): Promise<Api> {
  const { api }: { api: (parts: never) => Api } = await import(`@box-office/${service}/routes`);
  return api(neverUsed<never>(new Proxy({}, { has: () => true, get: () => neverUsed<never>() })));
}
