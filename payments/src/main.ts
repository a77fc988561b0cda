import { runParticipant } from '@box-office/common/process';
import { loadConfig } from './config.ts';
import { createPayments } from './service.ts';
import { connectStripe } from './stripe.ts';

const config = loadConfig(process.env);

await runParticipant('payments', config, (parts) =>
  createPayments({
    ...parts,
    stripe: connectStripe(config.STRIPE_SECRET_KEY, config.STRIPE_API_URL),
    publishableKey: config.STRIPE_PUBLISHABLE_KEY,
    webhookSecrets: config.STRIPE_WEBHOOK_SECRET,
    reconcileEveryMs: config.RECONCILE_EVERY_MS,
    reconcileAfterMs: config.RECONCILE_AFTER_MS,
  }),
);
