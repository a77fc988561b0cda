import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { startGuarded } from '@box-office/local/guarded';
import { freePort } from '@box-office/local/ports';
import { NeverReady, startOnPort } from '@box-office/local/starting';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import type { ApiServer } from './api-server.ts';
import { ask, objectOf, objectsOf } from './objects.ts';

const namespace = 'traefik';

const Pod = z.object({
  serviceAccountName: z.string(),
  containers: z.array(z.object({ volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })) })),
  volumes: z.array(z.object({ name: z.string(), configMap: z.object({ name: z.string() }).optional() })),
});
const Deployment = z.object({ spec: z.object({ template: z.object({ spec: Pod }) }) });
const ConfigMap = z.object({ data: z.record(z.string(), z.string()) });
const Settings = z.looseObject({ entryPoints: z.record(z.string(), z.looseObject({ address: z.string() })) });

export interface ClusterTraefik {
  /** Traefik's API, with the state of its routes. */
  readonly adminUrl: string;
  /** Its errors so far. */
  complaints(): readonly string[];
  stop(): Promise<void>;
}

export interface ClusterTraefikOptions {
  readonly server: ApiServer;
  readonly program: string;
  readonly dir: string;
  /** Where its entry point `web` listens. */
  readonly port: number;
  /** The proxy into the cluster's network. */
  readonly networkUrl: string;
  /** The further settings with which it sends spans, and where they go. */
  readonly tracing: { readonly file: string; readonly url: string };
}

/**
 * Starts a Traefik that reads the API server, with the settings that its Deployment mounts and the rights of its
 * ServiceAccount.
 *
 * Differences from the cluster: its entry points listen on ports of 127.0.0.1, it uses a kubeconfig instead of a pod's
 * files, and its requests to auth and the services go through a proxy instead of the cluster's network.
 *
 * @throws when it is not ready; immediately when it lacks a right to read
 */
export async function startClusterTraefik(options: ClusterTraefikOptions): Promise<ClusterTraefik> {
  const { server, program, dir, port, networkUrl, tracing } = options;
  const { spec } = await objectOf(server, ['deployment', namespace, 'traefik'], Deployment);
  const { serviceAccountName, ...pod } = spec.template.spec;
  const token = (await ask(server, ['create', 'token', serviceAccountName, `--namespace=${namespace}`])).trim();
  const mounted = Settings.parse(parse(await mountedSettings(server, pod), { merge: true }));
  await mkdir(dir, { recursive: true });
  const kubeconfig = join(dir, 'kubeconfig');
  await writeFile(kubeconfig, kubeconfigFor(server.url, token), { mode: 0o600 });

  const complaints: string[] = [];
  const { settings, adminUrl } = await listeningOn(mounted, port);
  const traefik = await startOnPort('Traefik', port, async () => {
    const file = join(dir, 'traefik.yml');
    const text = await readFile(tracing.file, 'utf8');
    const traced = parse(text.replace(/http:\/\/otel-collector\S+/, `${tracing.url}/v1/traces`));
    await writeFile(file, stringify({ ...settings, ...traced }));
    const running = startGuarded({
      name: 'Traefik',
      program,
      args: [`--configFile=${file}`],
      env: { KUBECONFIG: kubeconfig, HTTP_PROXY: networkUrl, NO_PROXY: new URL(tracing.url).host },
      onLine: (line) => {
        const text = stripVTControlCharacters(line);
        if (/\bERR\b|^E\d{4} /.test(text)) complaints.push(text);
      },
    });
    const isReady = async () => {
      // Without the right to read it would wait for ever.
      const [forbidden] = complaints.flatMap((it) => /[\w.]+ is forbidden: .*?(?=(?<!\\)"|$)/.exec(it) ?? []);
      if (forbidden)
        throw new NeverReady(`Traefik may not read all that it wants to: ${forbidden.replaceAll('\\', '')}`);
      return (await routersOf(adminUrl)).length > 0;
    };
    return { running, url: `http://127.0.0.1:${port}`, why: program, isReady };
  });
  return { adminUrl, complaints: () => complaints, stop: () => traefik.stop() };
}

/** The file in /etc/traefik, Traefik's default location. */
async function mountedSettings(server: ApiServer, pod: Omit<z.infer<typeof Pod>, 'serviceAccountName'>) {
  const mounts = pod.containers.flatMap(({ volumeMounts }) => volumeMounts);
  const mount = mounts.find(({ mountPath }) => mountPath === '/etc/traefik');
  const name = pod.volumes.find((it) => it.name === mount?.name)?.configMap?.name;
  if (!name) throw new Error('the Deployment of Traefik mounts no ConfigMap at /etc/traefik');
  const { data } = await objectOf(server, ['configmap', namespace, name], ConfigMap);
  const text = data['traefik.yml'];
  if (text === undefined) throw new Error(`ConfigMap ${namespace}/${name} holds no traefik.yml`);
  return text;
}

/** The same settings, listening on 127.0.0.1 only. */
async function listeningOn({ entryPoints, ...others }: z.infer<typeof Settings>, webPort: number) {
  const placed: typeof entryPoints = {};
  for (const [name, entryPoint] of Object.entries(entryPoints)) {
    placed[name] = { ...entryPoint, address: `127.0.0.1:${name === 'web' ? webPort : await freePort()}` };
  }
  if (!placed.web || !placed.traefik) throw new Error('Traefik has no entry point web, or none for its own API');
  return { settings: { ...others, entryPoints: placed }, adminUrl: `http://${placed.traefik.address}` };
}

const kubeconfigFor = (server: string, token: string): string =>
  stringify({
    apiVersion: 'v1',
    kind: 'Config',
    // The API server's certificate is self-signed, and it listens on loopback only.
    clusters: [{ name: 'cluster', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'traefik', user: { token } }],
    contexts: [{ name: 'traefik', context: { cluster: 'cluster', user: 'traefik' } }],
    'current-context': 'traefik',
  });

const Router = z.object({
  rule: z.string(),
  entryPoints: z.array(z.string()).default([]),
  provider: z.string(),
  status: z.string(),
  error: z.array(z.string()).default([]),
});

async function routersOf(adminUrl: string): Promise<z.infer<typeof Router>[]> {
  const answer = await fetch(`${adminUrl}/api/http/routers?per_page=1000`);
  return z
    .array(Router)
    .parse(await answer.json())
    .filter(({ provider }) => provider === 'kubernetescrd');
}

const IngressRoute = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string() }),
  spec: z.object({
    entryPoints: z.array(z.string()).default([]),
    routes: z.array(z.object({ match: z.string() })),
  }),
});

/**
 * The routes in the API server that Traefik did not load, a sentence each: it ignores what it does not understand.
 */
export async function refusedRoutes(server: ApiServer, { adminUrl, complaints }: ClusterTraefik): Promise<string[]> {
  const [wanted, routers] = await Promise.all([
    objectsOf(server, 'ingressroutes.traefik.io', IngressRoute),
    routersOf(adminUrl),
  ]);
  return wanted.flatMap(({ metadata, spec: { entryPoints, routes } }) =>
    routes.flatMap(({ match }) => {
      const made = routers.filter(({ rule }) => rule === match);
      const broken = made.filter(({ status }) => status !== 'enabled').flatMap(({ error }) => error);
      // Traefik may create several routers for a route with several entry points.
      const isEverywhere = entryPoints.every((name) => made.some((it) => it.entryPoints.includes(name)));
      if (made.length > 0 && broken.length === 0 && isEverywhere) return [];
      const why = (broken.length > 0 ? broken : complaints()).join('; ');
      return [`Traefik refuses ${match} of IngressRoute ${metadata.namespace}/${metadata.name}: ${why}`];
    }),
  );
}
