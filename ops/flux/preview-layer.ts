import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parse, stringify } from 'yaml';
import { type Manifest, readManifests } from '../cluster/manifests.ts';

/** A pull request to deploy as a preview. */
export interface Preview {
  readonly number: number;
  /** The parent domain of the previews: pr-123.localhost. */
  readonly domain: string;
}

export const namespaceOf = ({ number }: Pick<Preview, 'number'>) => `box-office-pr-${number}`;
export const hostOf = ({ number, domain }: Preview) => `pr-${number}.${domain}`;
/** A sibling of the other host, so that one wildcard certificate covers both. */
export const sandboxHostOf = (preview: Preview) => `stripe-${hostOf(preview)}`;
const isLocal = ({ domain }: Preview) => domain === 'localhost' || domain.endsWith('.localhost');
export const originOf = (preview: Preview, host = hostOf(preview)) =>
  `${isLocal(preview) ? 'http' : 'https'}://${host}`;

/** Added to the priority of its rules, because those of the platform on the same gateway match every host. */
const above = 1_000;

/**
 * Writes into `dir` the kustomization that turns infra/k8s/overlays/preview into the preview of one pull request,
 * without Secrets.
 */
export async function writeLayer(root: string, preview: Preview, dir: string): Promise<void> {
  const text = (file: string) => readFile(join(root, 'infra/k8s', file), 'utf8');
  const shop = throughOwnName(preview, apiUrlIn(await text('base/kustomization.yaml')));
  const sandbox = throughOwnName(preview, webhookUrlIn(await text('overlays/dev/stripe-sandbox/deployment.yml')));
  const hosts = [...new Set([hostOf(preview), shop.host, sandbox.host])];
  const routes = readManifests(await text('base/gateway/routes.yml')) as Routes[];
  const layer = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    namespace: namespaceOf(preview),
    resources: [relative(dir, join(root, 'infra/k8s/overlays/preview')), 'gateway.yml'],
    configMapGenerator: [
      merged('settings', { PUBLIC_ORIGIN: originOf(preview) }),
      merged('client-settings', {
        STRIPE_SANDBOX_URL: originOf(preview, sandboxHostOf(preview)),
        API_URL: shop.url,
      }),
    ],
    patches: [
      ...routes.map((route) => ofHosts(route, hosts)),
      patch('IngressRoute', 'stripe-sandbox', [replace('/spec/routes/0/match', `Host(\`${sandboxHostOf(preview)}\`)`)]),
      patch('Middleware', 'identity', [
        replace('/spec/forwardAuth/address', `http://auth.${namespaceOf(preview)}.svc.cluster.local:3000/identity`),
      ]),
      {
        patch: stringify({
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: { name: 'stripe-sandbox', namespace: 'box-office' },
          spec: {
            template: {
              spec: {
                containers: [
                  {
                    name: 'stripe-sandbox',
                    env: [
                      { name: 'PUBLIC_URL', value: originOf(preview, sandboxHostOf(preview)) },
                      { name: 'WEBHOOK_URL', value: sandbox.url },
                    ],
                  },
                ],
              },
            },
          },
        }),
      },
    ],
  };
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'kustomization.yaml'), stringify(layer, { lineWidth: 0 }));
  const services = new Map([shop, sandbox].map(({ service }) => [service.metadata.name, service]));
  await writeFile(join(dir, 'gateway.yml'), [...services.values()].map((it) => stringify(it)).join('---\n'));
}

/**
 * The gateway is shared and its rules match the requested host. So requests from inside use a name in the namespace of
 * the preview, which is an alias of the gateway's Service.
 */
function throughOwnName(preview: Preview, address: string) {
  const url = new URL(address);
  const [name = ''] = url.hostname.split('.');
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'box-office' },
    spec: { type: 'ExternalName', externalName: url.hostname },
  };
  url.hostname = `${name}.${namespaceOf(preview)}`;
  return { host: url.hostname, url: url.href.replace(/\/$/, ''), service };
}

/** Where the shop calls the gateway. */
function apiUrlIn(base: string): string {
  const { configMapGenerator } = parse(base) as { configMapGenerator: { literals?: string[] }[] };
  const literals = configMapGenerator.flatMap(({ literals = [] }) => literals);
  const literal = literals.find((it) => it.startsWith('API_URL='));
  if (!literal) throw new Error('base does not say API_URL');
  return literal.slice('API_URL='.length);
}

/** Where the sandbox sends its webhooks. */
function webhookUrlIn(deployment: string): string {
  const [it] = readManifests(deployment) as unknown as Deployment[];
  const env = it?.spec.template.spec.containers.flatMap((container) => container.env) ?? [];
  const url = env.find(({ name }) => name === 'WEBHOOK_URL')?.value;
  if (!url) throw new Error('the sandbox does not say WEBHOOK_URL');
  return url;
}

interface Deployment {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly { readonly env: readonly { readonly name: string; readonly value?: string }[] }[];
      };
    };
  };
}

const merged = (name: string, settings: Readonly<Record<string, string>>) => ({
  name,
  // In the namespace of the overlay, before this layer changes it.
  namespace: 'box-office',
  behavior: 'merge',
  literals: Object.entries(settings).map(([key, value]) => `${key}=${value}`),
});

type Routes = Manifest & { readonly spec: { readonly routes: readonly { match: string; priority: number }[] } };

/** The same rules, for these hosts only. All other hosts are refused by the platform on the same gateway. */
function ofHosts({ metadata, spec }: Routes, hosts: readonly string[]) {
  const host = hosts.map((it) => `Host(\`${it}\`)`).join(' || ');
  return patch(
    'IngressRoute',
    metadata.name,
    spec.routes.flatMap(({ match, priority }, index) => [
      replace(`/spec/routes/${index}/match`, `(${host}) && (${match.startsWith('!Host') ? `!(${host})` : match})`),
      replace(`/spec/routes/${index}/priority`, priority + above),
    ]),
  );
}

const replace = (path: string, value: unknown) => ({ op: 'replace', path, value });
const patch = (kind: string, name: string, operations: readonly object[]) => ({
  target: { kind, name },
  patch: stringify(operations, { lineWidth: 0 }),
});
