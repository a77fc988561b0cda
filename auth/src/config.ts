import { defineConfig } from '@box-office/common/config';
import { databaseSetting, serviceSettings } from '@box-office/common/settings';
import { z } from 'zod';
import { keyForMs } from './people/account.ts';
import { SigningKeys } from './signing-keys.ts';

const { PORT, HOST, LOG_LEVEL, DRAIN_MS, NATS_URL, NATS_SEED, NATS_CA } = serviceSettings;
const day = 24 * 60 * 60 * 1000;
const count = z.coerce.number().int().min(1);

export const loadConfig = defineConfig({
  PORT,
  HOST,
  LOG_LEVEL,
  DRAIN_MS,
  NATS_URL,
  NATS_SEED,
  NATS_CA,
  MONGO_URL: databaseSetting,
  PUBLIC_ORIGIN: z
    .url({ protocol: /^https?$/, message: 'must begin with http:// or https://' })
    .transform((url) => new URL(url).origin)
    .describe('Where people open the shop, such as https://tickets.example'),
  SIGNING_KEYS: SigningKeys.describe('Private P-256 keys as a JSON array of JWKs; the first signs, all are published'),
  JWT_ISSUER: z.string().min(1).default('box-office/auth').describe('The issuer of signed identities'),
  JWT_AUDIENCE: z.string().min(1).default('box-office').describe('The audience of signed identities'),
  SESSION_IDLE_MS: count.default(7 * day).describe('A session that is not used for this long ends, in ms'),
  SESSION_MAX_MS: count.default(30 * day).describe('A session ends after this long, used or not, in ms'),
  SESSIONS_PER_ACCOUNT: count.default(20).describe('Sessions per account; one more ends the least recently used'),
  LIMIT_WINDOW_MS: count.default(15 * 60 * 1000).describe('The window in which attempts are counted, in ms'),
  SIGNIN_FAILURES_PER_ACCOUNT: count
    .default(10)
    .describe('Wrong passwords for one account from one network or known browser before each attempt has to wait'),
  SIGNIN_FAILURES_PER_ADDRESS: count.default(100).describe('Wrong passwords from one network within the window'),
  SIGNUPS_PER_ADDRESS: count.default(100).describe('New accounts from one address within the window'),
  LINKS_PER_ADDRESS: count.default(100).describe('Links by mail that one address asks for within the window'),
  LINKS_PER_ACCOUNT: count.default(5).describe('Links that are mailed to one account within the window'),
  PASSKEY_SIGNINS_PER_ADDRESS: count
    .default(300)
    .describe('Sign-ins with a passkey that one address begins within the window'),
  GUEST_KEPT_MS: z.coerce
    .number()
    .int()
    .min(keyForMs, 'must not be shorter than 180 days: for so long the keys in mails to guests are valid')
    .default(540 * day)
    .describe('A guest who is not here for this long is forgotten, in ms'),
  GUESTS_PER_ADDRESS: count.default(300).describe('New guests from one address within the window'),
  GUESTS_PER_ACCOUNT: count
    .default(10)
    .describe('New guests with one e-mail address from one network within the window'),
});

export type Config = ReturnType<typeof loadConfig>;
