import { z } from 'zod';
import { type Cluster, KubectlFailed, objectOf } from './kubectl.ts';

const Reference = z.object({ name: z.string() });

const Variable = z.object({
  name: z.string(),
  value: z.string().optional(),
  valueFrom: z.object({ secretKeyRef: Reference.optional() }).optional(),
});

const Pod = z.object({
  containers: z.tuple(
    [
      z.object({
        envFrom: z.array(z.object({ configMapRef: Reference.optional(), secretRef: Reference.optional() })).default([]),
        env: z.array(Variable).default([]),
      }),
    ],
    z.unknown(),
  ),
  volumes: z.array(z.object({ name: z.string(), secret: z.object({ secretName: z.string() }).optional() })).default([]),
});

const Workload = z.object({ spec: z.object({ template: z.object({ spec: Pod }) }) });
const Settings = z.object({ data: z.record(z.string(), z.string()).default({}) });

export type Env = Readonly<Record<string, string>>;

/**
 * What a Deployment or StatefulSet is given, as `deployment/tickets`. Names of Secrets end in a checksum in a
 * development cluster, and older ones stay there, so only the workload says which are in use.
 */
export interface Workload {
  /** The environment of its first container, without variables that are taken from elsewhere one by one. */
  environment(): Promise<Env>;
  /** The whole Secret that a variable of its first container is taken from. */
  secretBehind(variable: string): Promise<Env>;
  /** The Secret in one of its volumes. */
  secretIn(volume: string): Promise<Env>;
}

/** @throws KubectlFailed, in each function as well, also when it has nothing of that name */
export async function workload(cluster: Cluster, name: string): Promise<Workload> {
  const { containers, volumes } = Workload.parse(await objectOf(cluster, name)).spec.template.spec;
  const [{ envFrom, env }] = containers;

  const configMap = async (it: string): Promise<Env> => Settings.parse(await objectOf(cluster, `configmap/${it}`)).data;
  const secret = async (it: string): Promise<Env> => {
    const { data } = Settings.parse(await objectOf(cluster, `secret/${it}`));
    return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, fromBase64(value)]));
  };

  return {
    async environment() {
      const all: Record<string, string> = {};
      for (const { configMapRef, secretRef } of envFrom) {
        if (configMapRef) Object.assign(all, await configMap(configMapRef.name));
        if (secretRef) Object.assign(all, await secret(secretRef.name));
      }
      for (const { name: variable, value } of env) if (value !== undefined) all[variable] = value;
      return all;
    },
    async secretBehind(variable) {
      const from = env.find((it) => it.name === variable)?.valueFrom?.secretKeyRef;
      if (!from) throw new KubectlFailed(`${name} has no ${variable} from a Secret.`, '');
      return secret(from.name);
    },
    async secretIn(volume) {
      const from = volumes.find((it) => it.name === volume)?.secret;
      if (!from) throw new KubectlFailed(`${name} has no volume ${volume} with a Secret.`, '');
      return secret(from.secretName);
    },
  };
}

const fromBase64 = (text: string) => Buffer.from(text, 'base64').toString();
