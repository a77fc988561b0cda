import { databaseUrl, realStripe, type Surroundings, serviceEnv } from './service-env.ts';

const around: Surroundings = {
  natsUrl: 'nats://127.0.0.1:4222',
  mongoUrl: 'mongodb://127.0.0.1:27017',
  authUrl: 'http://127.0.0.1:3001',
  publicOrigin: 'http://localhost:8080',
  secrets: {
    signingKeys: [{ kid: 'a' }],
    stripeSecretKey: '',
    stripePublishableKey: '',
    stripeWebhookSecret: '',
    natsSeeds: {},
  },
  stripe: { secretKey: 'sk', publishableKey: 'pk', webhookSecret: 'whsec', url: 'http://127.0.0.1:1' },
};

describe('the address of a database', () => {
  it.each([
    ['mongodb://127.0.0.1:27017', 'mongodb://127.0.0.1:27017/orders?w=majority&journal=true'],
    ['mongodb://127.0.0.1:27017/', 'mongodb://127.0.0.1:27017/orders?w=majority&journal=true'],
    ['mongodb://a:1,b:2/x?replicaSet=r', 'mongodb://a:1,b:2/orders?replicaSet=r&w=majority&journal=true'],
    ['mongodb://a?w=1&journal=false', 'mongodb://a/orders?w=majority&journal=true'],
    ['mongodb://me:pw@a', 'mongodb://me:pw@a/orders?authSource=admin&w=majority&journal=true'],
    ['mongodb://me:pw@a/people', 'mongodb://me:pw@a/orders?authSource=people&w=majority&journal=true'],
    ['mongodb+srv://me:pw@a/?authSource=x', 'mongodb+srv://me:pw@a/orders?authSource=x&w=majority&journal=true'],
  ])('%s becomes %s', (server, url) => {
    expect(databaseUrl(server, 'orders')).toBe(url);
  });

  it('is refused when invalid, and not repeated: it may contain a password', () => {
    expect(() => databaseUrl('postgres://me:secret@a', 'orders')).toThrow(/^MONGO_URL is not the address of a MongoDB/);
  });
});

describe('the environment of a service', () => {
  it('gives each its own database, and expiration none', () => {
    expect(serviceEnv('tickets', 1, around).MONGO_URL).toContain('/tickets?');
    expect(serviceEnv('orders', 1, around).MONGO_URL).toContain('/orders?');
    expect(serviceEnv('expiration', 1, around)).not.toHaveProperty('MONGO_URL');
  });

  it('gives the signing keys only to auth, and those of Stripe only to payments', () => {
    for (const service of ['tickets', 'orders', 'payments', 'expiration'] as const) {
      expect(serviceEnv(service, 1, around)).not.toHaveProperty('SIGNING_KEYS');
    }
    for (const service of ['auth', 'tickets', 'orders', 'expiration'] as const) {
      expect(Object.keys(serviceEnv(service, 1, around)).join()).not.toContain('STRIPE');
    }
    expect(serviceEnv('auth', 1, around)).toMatchObject({
      SIGNING_KEYS: '[{"kid":"a"}]',
      PUBLIC_ORIGIN: 'http://localhost:8080',
    });
    expect(serviceEnv('payments', 1, around)).toMatchObject({
      STRIPE_SECRET_KEY: 'sk',
      STRIPE_API_URL: 'http://127.0.0.1:1',
    });
  });

  it('sends payments to Stripe itself when all of its keys are set, and to the sandbox when none is', () => {
    const keys = { STRIPE_SECRET_KEY: 'sk', STRIPE_PUBLISHABLE_KEY: 'pk', STRIPE_WEBHOOK_SECRET: 'whsec' };
    const stripe = realStripe(keys);

    expect(stripe).toEqual({ secretKey: 'sk', publishableKey: 'pk', webhookSecret: 'whsec' });
    if (stripe) expect(serviceEnv('payments', 1, { ...around, stripe })).not.toHaveProperty('STRIPE_API_URL');
    expect(realStripe({})).toBeUndefined();
    for (const key of Object.keys(keys)) expect(() => realStripe({ ...keys, [key]: '' })).toThrow('set all of');
  });
});
