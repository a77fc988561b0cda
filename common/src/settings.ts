import { z } from 'zod';
import { hasKnownPassword, isKnownSecret } from './known-secrets.ts';
import { longestDrainMs } from './lifecycle.ts';
import { isSeed } from './messaging/nkey.ts';

const known = 'everybody knows it, because it has been published or stands for a secret in an example';

/** A secret. What stands in documents and examples is refused. */
export const secretSetting = z
  .string()
  .min(1)
  .refine((text) => !isKnownSecret(text), known);

/** An address, which may have a user and a password in it. A password from documents and examples is refused. */
export const addressSetting = z.url().refine((url) => !hasKnownPassword(url), `its password: ${known}`);

export const databaseSetting = addressSetting.describe('The database this service alone writes to');

/** The settings of every service. */
export const serviceSettings = {
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000).describe('HTTP port'),
  HOST: z
    .union([z.ipv4(), z.ipv6()])
    .optional()
    .describe('The address to listen on; all addresses of the machine if not set'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('How much to log'),
  DRAIN_MS: z.coerce
    .number()
    .int()
    .min(0)
    .max(longestDrainMs)
    .default(0)
    .describe(
      'How long it keeps serving after a stop signal, so that the gateway can notice that it is not ready, in ms',
    ),
  NATS_URL: addressSetting.describe('The NATS server with JetStream'),
  NATS_SEED: z
    .string()
    .refine(isSeed, 'not the seed of a user')
    .refine((seed) => !isKnownSecret(seed), known)
    .optional()
    .describe('The seed of the nkey by which NATS knows this service; not needed if NATS_URL has a user and password'),
  NATS_CA: z
    .string()
    .optional()
    .describe('The file with the certificate of the authority that vouches for NATS; without TLS if not set'),
  ACK_WAIT_MS: z.coerce
    .number()
    .int()
    .min(1_000)
    .default(10_000)
    .describe('How long a message may stay unacknowledged before NATS redelivers it, in ms; raise it while debugging'),
};

/** The additional settings of a service with a database and signed-in users. */
export const participantSettings = {
  ...serviceSettings,
  MONGO_URL: databaseSetting,
  JWKS_URL: z.url().describe('Where auth publishes the keys for verifying identities'),
  JWT_ISSUER: z.string().min(1).default('box-office/auth').describe('The issuer of signed identities'),
  JWT_AUDIENCE: z.string().min(1).default('box-office').describe('The audience of signed identities'),
  WRITES_PER_MINUTE: z.coerce
    .number()
    .int()
    .min(1)
    .default(3_000)
    .describe('How many changes per minute one caller may request from one process'),
};
