import { loadConfig } from './config.ts';

it.each([
  ['STRIPE_SECRET_KEY', 'sk_test_sandbox'],
  ['STRIPE_PUBLISHABLE_KEY', 'pk_test_…'],
  ['STRIPE_WEBHOOK_SECRET', 'whsec_3f9a1c5e7b,whsec_sandbox'],
  ['MONGO_URL', 'mongodb://payments:PASSWORD@db/payments'],
])('%s is refused as long as everybody knows it', (name, value) => {
  expect(() => loadConfig({ [name]: value })).toThrow(new RegExp(`${name}: .*everybody knows it`));
});
