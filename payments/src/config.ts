import { defineConfig } from '@box-office/common/config';
import { participantSettings, secretSetting } from '@box-office/common/settings';
import { z } from 'zod';

const ms = z.coerce.number().int().min(50);

export const loadConfig = defineConfig({
  ...participantSettings,
  STRIPE_SECRET_KEY: secretSetting.describe('The secret API key for Stripe, sk_…'),
  STRIPE_PUBLISHABLE_KEY: secretSetting.describe('The API key that browsers use with Stripe, pk_…'),
  STRIPE_WEBHOOK_SECRET: z
    .string()
    .transform((list) => list.split(',').map((secret) => secret.trim()))
    .pipe(z.array(secretSetting).max(2, 'must be one or two'))
    .describe('The secret that Stripe signs webhooks with, whsec_…; during a rotation two, separated by a comma'),
  STRIPE_API_URL: z.url().optional().describe('An address to use instead of Stripe, such as the local sandbox'),
  RECONCILE_EVERY_MS: ms.default(30_000).describe('How often to look for stuck payments, in ms'),
  RECONCILE_AFTER_MS: ms.default(60_000).describe('How long a payment may stay open before it counts as stuck, in ms'),
});
