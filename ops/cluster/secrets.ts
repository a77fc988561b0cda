import { randomBytes } from 'node:crypto';
import { consoleName, type NatsSeeds } from '@box-office/common/messaging/nats-users';
import { publicKeyOf } from '@box-office/common/messaging/nkey';
import type { Secrets } from '@box-office/local/secrets';
import { databaseUrl } from '@box-office/local/service-env';
import { storing } from '../../services.ts';
import { authorityFile } from './tls.ts';

/** Environment variables by name. */
export type Settings = Readonly<Record<string, string>>;

/**
 * The contents of each Secret where databases are pods and the sandbox replaces Stripe. Databases get new passwords
 * each time.
 */
export function devSecrets(made: Secrets): ReadonlyMap<string, Settings> {
  const own: Readonly<Record<string, Settings>> = {
    auth: { SIGNING_KEYS: JSON.stringify(made.signingKeys) },
    payments: {
      STRIPE_SECRET_KEY: made.stripeSecretKey,
      STRIPE_PUBLISHABLE_KEY: made.stripePublishableKey,
      STRIPE_WEBHOOK_SECRET: made.stripeWebhookSecret,
    },
  };
  const secrets = new Map<string, Settings>();
  const readers: Record<string, string> = {};
  const readable: Record<string, string> = {};
  for (const service of storing) {
    const [password, reader] = [random(), random()];
    secrets.set(`mongo-${service}`, {
      MONGO_INITDB_ROOT_USERNAME: 'root',
      MONGO_INITDB_ROOT_PASSWORD: random(),
      SERVICE_USER: service,
      SERVICE_PASSWORD: password,
    });
    // Its user is stored in its own database (infra/k8s/base/mongo/template/user.js).
    const server = `@mongo-${service}:27017/${service}?tls=true&tlsCAFile=${authorityFile}`;
    secrets.set(service, {
      MONGO_URL: databaseUrl(`mongodb://${service}:${password}${server}`, service),
      ...own[service],
    });
    readers[`READER_${service.toUpperCase().replaceAll('-', '_')}`] = reader;
    readable[service] = databaseUrl(`mongodb://${consoleName}:${reader}${server}`, service);
  }
  // Used where the console's component is around the overlay.
  secrets.set(consoleName, { MONGO_URLS: JSON.stringify(readable), ...readers });
  for (const [name, settings] of natsSecrets(made.natsSeeds)) secrets.set(name, settings);
  return secrets;
}

/** Exactly these settings, and what a database has known since its first start: the password of root. */
export function withRootOf(settings: Settings, known: Settings): Settings {
  const { MONGO_INITDB_ROOT_USERNAME: name, MONGO_INITDB_ROOT_PASSWORD: password } = known;
  return name && password
    ? { ...settings, MONGO_INITDB_ROOT_USERNAME: name, MONGO_INITDB_ROOT_PASSWORD: password }
    : settings;
}

const random = () => randomBytes(16).toString('hex');

/** The Secret of each user of NATS: the seed is for the user, the key for the server. */
export const natsSecrets = (seeds: NatsSeeds): ReadonlyMap<string, Settings> =>
  new Map(
    Object.entries(seeds).map(([user, seed]) => [`nats-${user}`, { NATS_SEED: seed, NATS_KEY: publicKeyOf(seed) }]),
  );

/** As Kustomize reads it: everything after the first `=` is the value, quotes included. */
export const envFile = (settings: Settings): string =>
  Object.entries(settings)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');

export function readEnvFile(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line !== '');
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}
