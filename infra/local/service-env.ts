import { type ServiceName, services } from '../../services.ts';
import type { Secrets } from './secrets.ts';
import { CannotStart } from './starting.ts';

export interface Surroundings {
  readonly natsUrl: string;
  readonly mongoUrl: string;
  /** The address of auth itself, not of the gateway. */
  readonly authUrl: string;
  /** Where people open the shop. */
  readonly publicOrigin: string;
  readonly secrets: Secrets;
  readonly stripe: Stripe;
}

/** Stripe's keys; with `url`, the keys of the sandbox at that address. */
export interface Stripe {
  readonly secretKey: string;
  readonly publishableKey: string;
  readonly webhookSecret: string;
  readonly url?: string;
  /** Where browsers reach the sandbox. */
  readonly publicUrl?: string;
}

/**
 * The real Stripe when its keys are set; undefined to use the sandbox.
 *
 * @throws CannotStart when only some are, and whoever set them would sell without being paid
 */
export function realStripe(env: NodeJS.ProcessEnv): Stripe | undefined {
  const [secretKey, publishableKey, webhookSecret] = stripeKeys.map((name) => env[name]);
  if (secretKey && publishableKey && webhookSecret) return { secretKey, publishableKey, webhookSecret };
  if (!secretKey && !publishableKey && !webhookSecret) return undefined;
  throw new CannotStart('The shop', `set all of ${stripeKeys.join(', ')}, or none to use the sandbox`);
}

const stripeKeys = ['STRIPE_SECRET_KEY', 'STRIPE_PUBLISHABLE_KEY', 'STRIPE_WEBHOOK_SECRET'];

/** The environment variables of a service. */
export function serviceEnv(service: ServiceName, port: number, around: Surroundings): Record<string, string> {
  const { hasDatabase = false, serves = [] } = services.find(({ name }) => name === service) ?? {};
  const seed = around.secrets.natsSeeds[service];
  const participant = {
    PORT: `${port}`,
    // Only the gateway may reach a service, which trusts its X-Forwarded-For.
    HOST: '127.0.0.1',
    LOG_LEVEL: 'info',
    NATS_URL: around.natsUrl,
    ...(seed ? { NATS_SEED: seed } : {}),
    ...(hasDatabase ? { MONGO_URL: databaseUrl(around.mongoUrl, service) } : {}),
    ...(serves.length > 0 ? identity(around) : {}),
  };
  if (service === 'auth') {
    return {
      ...participant,
      SIGNING_KEYS: JSON.stringify(around.secrets.signingKeys),
      PUBLIC_ORIGIN: around.publicOrigin,
    };
  }
  if (service === 'payments') {
    const { secretKey, publishableKey, webhookSecret, url } = around.stripe;
    return {
      ...participant,
      STRIPE_SECRET_KEY: secretKey,
      STRIPE_PUBLISHABLE_KEY: publishableKey,
      STRIPE_WEBHOOK_SECRET: webhookSecret,
      ...(url ? { STRIPE_API_URL: url } : {}),
    };
  }
  return service === 'mail' ? { ...participant, PUBLIC_ORIGIN: around.publicOrigin } : participant;
}

/** What a service needs to verify identities. */
const identity = ({ authUrl }: Surroundings) => ({
  JWKS_URL: new URL('/.well-known/jwks.json', authUrl).href,
  JWT_ISSUER: 'box-office/auth',
  JWT_AUDIENCE: 'box-office',
});

/** The URL of one database on a server; the rest of the server's URL is kept (several hosts, options, authSource). */
export function databaseUrl(server: string, database: string): string {
  const match = /^(mongodb(?:\+srv)?:\/\/)([^/?]+)(?:\/([^?]*))?(?:\?(.*))?$/.exec(server);
  if (!match) throw new Error('MONGO_URL is not the address of a MongoDB server (mongodb://…)');
  const [, scheme = '', hosts = '', usersIn = '', query = ''] = match;
  const options = new URLSearchParams(query);
  // Otherwise the users would be looked up in the database named here.
  if (hosts.includes('@') && !options.has('authSource')) options.set('authSource', usersIn || 'admin');
  options.set('w', 'majority');
  options.set('journal', 'true');
  return `${scheme}${hosts}/${database}?${options}`;
}
