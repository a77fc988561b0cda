import { randomBytes } from 'node:crypto';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { localSecrets } from '../local/secrets.ts';
import { databaseUrl } from '../local/service-env.ts';

// Kustomize follows a relative path to the overlay, so this folder stays where it is even if the local runner's is moved.
const dir = resolve(import.meta.dirname, '../../.local/k8s');
const namespace = 'box-office';
const withDatabase = ['auth', 'tickets', 'orders', 'payments'] as const;

type Settings = Readonly<Record<string, string>>;

/** What each Secret of the development cluster holds. */
async function devSecrets(): Promise<ReadonlyMap<string, Settings>> {
  const made = await localSecrets(join(dir, 'secrets.json'));
  const own: Readonly<Record<string, Settings>> = {
    auth: { SIGNING_KEYS: JSON.stringify(made.signingKeys) },
    payments: {
      STRIPE_SECRET_KEY: made.stripeSecretKey,
      STRIPE_PUBLISHABLE_KEY: made.stripePublishableKey,
      STRIPE_WEBHOOK_SECRET: made.stripeWebhookSecret,
    },
  };
  const secrets = new Map<string, Settings>();
  for (const service of withDatabase) {
    const password = randomBytes(16).toString('hex');
    secrets.set(`mongo-${service}`, { MONGO_INITDB_ROOT_USERNAME: service, MONGO_INITDB_ROOT_PASSWORD: password });
    const server = `mongodb://${service}:${password}@mongo-${service}:27017`;
    secrets.set(service, { MONGO_URL: databaseUrl(server, service), ...own[service] });
  }
  return secrets;
}

/** Writes the files that Secrets are generated from, for their owner's eyes alone, and the kustomization that puts them around the overlay. */
async function write(secrets: ReadonlyMap<string, Settings>, kustomization: string): Promise<void> {
  for (const [name, settings] of secrets) {
    const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}\n`);
    await writeFile(join(dir, `${name}.env`), lines.join(''), { mode: 0o600 });
  }
  // Last: where it is, all of them are.
  await writeFile(
    kustomization,
    stringify({
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: ['../../infra/k8s/overlays/dev'],
      secretGenerator: [...secrets.keys()].map((name) => ({ name, namespace, envs: [`${name}.env`] })),
    }),
  );
}

const kustomization = join(dir, 'kustomization.yaml');
const exists = await access(kustomization).then(
  () => true,
  () => false,
);
// A database keeps the password that it was made with, so what is there is never made again.
if (exists) {
  console.log('The secrets in .local/k8s are kept.');
} else {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await write(await devSecrets(), kustomization);
  console.log('Made secrets in .local/k8s: kubectl apply -k .local/k8s');
}
