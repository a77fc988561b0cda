import { z } from 'zod';
import { longestDrainMs } from './lifecycle.ts';

/** What every service needs from outside. */
export const serviceSettings = {
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000).describe('HTTP port'),
  HOST: z.union([z.ipv4(), z.ipv6()]).optional().describe('The address it listens on; all of the machine if not set'),
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
    .describe('How long it serves on, not ready, once it is told to stop: until the gateway has noticed'),
  NATS_URL: z.url().describe('The NATS server with JetStream'),
  ACK_WAIT_MS: z.coerce
    .number()
    .int()
    .min(1_000)
    .default(10_000)
    .describe(
      'How long it may stay silent about a message before NATS delivers it again: long while a debugger holds it',
    ),
  NATS_REPLICAS: z.coerce.number().int().min(1).max(5).default(1).describe('How many NATS servers keep each stream'),
};

/** What a service with people and a database of its own needs besides. */
export const participantSettings = {
  ...serviceSettings,
  MONGO_URL: z.url().describe('The database this service alone writes to'),
  JWKS_URL: z.url().describe('Where auth publishes the keys that its identities are signed with'),
  JWT_ISSUER: z.string().min(1).default('box-office/auth').describe('Who signs identities'),
  JWT_AUDIENCE: z.string().min(1).default('box-office').describe('Whom identities are meant for'),
  WRITES_PER_MINUTE: z.coerce
    .number()
    .int()
    .min(1)
    .default(3_000)
    .describe('How many changes one caller may ask of one process within a minute'),
};
