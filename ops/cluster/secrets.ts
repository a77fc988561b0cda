import { randomBytes } from 'node:crypto';
import type { Secrets } from '@box-office/local/secrets';
import { databaseUrl } from '@box-office/local/service-env';
import { storing } from '../../services.ts';

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
  for (const service of storing) {
    const password = randomBytes(16).toString('hex');
    secrets.set(`mongo-${service}`, { MONGO_INITDB_ROOT_USERNAME: service, MONGO_INITDB_ROOT_PASSWORD: password });
    const server = `mongodb://${service}:${password}@mongo-${service}:27017`;
    secrets.set(service, { MONGO_URL: databaseUrl(server, service), ...own[service] });
  }
  return secrets;
}

/** As Kustomize reads it: everything after the first `=` is the value, quotes included. */
export const envFile = (settings: Settings): string =>
  Object.entries(settings)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');

export function readEnvFile(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line !== '');
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}
