import { join, resolve } from 'node:path';
import { defineConfig } from '@box-office/common/config';
import { localDir } from '@box-office/local/engines';
import { holderOf } from '@box-office/local/lock.mjs';
import { localSecrets } from '@box-office/local/secrets';
import { databaseUrl } from '@box-office/local/service-env';
import { z } from 'zod';
import type { Addresses } from './books.ts';

/** The audit cannot be run; the message says why and what helps. */
export class CannotRun extends Error {}

const databases = ['TICKETS_MONGO_URL', 'ORDERS_MONGO_URL', 'PAYMENTS_MONGO_URL'] as const;
const database = (service: string) => z.url().describe(`The MONGO_URL of ${service}`);

const loadConfig = defineConfig({
  TICKETS_MONGO_URL: database('tickets'),
  ORDERS_MONGO_URL: database('orders'),
  PAYMENTS_MONGO_URL: database('payments'),
  STRIPE_SECRET_KEY: z.string().min(1).describe('As payments has it'),
  STRIPE_API_URL: z.url().optional().describe('As payments has it'),
});

/**
 * The databases and Stripe from the environment, if one of the databases is set; otherwise those of the `npm start`
 * with its state in `state`.
 *
 * @throws CannotRun when there is none; ConfigError when a setting is missing or wrong
 */
export async function findBooks(env: NodeJS.ProcessEnv, state?: string): Promise<Addresses> {
  if (state === undefined && databases.some((name) => env[name])) {
    const config = loadConfig(env);
    return {
      tickets: config.TICKETS_MONGO_URL,
      orders: config.ORDERS_MONGO_URL,
      payments: config.PAYMENTS_MONGO_URL,
      stripeKey: config.STRIPE_SECRET_KEY,
      stripeUrl: config.STRIPE_API_URL,
    };
  }
  const dir = resolve(state ?? join(localDir, 'state'));
  const holder = holderOf(`${dir}.lock`);
  if (!holder)
    throw new CannotRun(
      `No platform is running here. Run npm start first, name a cluster by --context, or set ${databases.join(', ')}.`,
    );
  const { mongoUrl, stripeUrl } = holder;
  if (typeof mongoUrl !== 'string')
    throw new CannotRun(
      `The platform of process ${holder.pid} is only being started; its databases are not known yet.`,
    );
  return {
    tickets: databaseUrl(mongoUrl, 'tickets'),
    orders: databaseUrl(mongoUrl, 'orders'),
    payments: databaseUrl(mongoUrl, 'payments'),
    ...(typeof stripeUrl === 'string'
      ? { stripeUrl, stripeKey: (await localSecrets(join(dir, 'secrets.json'))).stripeSecretKey }
      : { stripeKey: realKey(env) }),
  };
}

function realKey({ STRIPE_SECRET_KEY: key }: NodeJS.ProcessEnv): string {
  if (!key)
    throw new CannotRun('The platform uses the real Stripe: set STRIPE_SECRET_KEY as it was set for npm start.');
  return key;
}
