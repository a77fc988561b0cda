import { generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig as loadAuthConfig } from '@box-office/auth/config';
import { routes as authRoutes } from '@box-office/auth/routes';
import { createApp } from '@box-office/common/http/app';
import { routes as orderRoutes } from '@box-office/orders/routes';
import { routes as paymentRoutes } from '@box-office/payments/routes';
import { webhook } from '@box-office/payments/webhook';
import { routes as ticketRoutes } from '@box-office/tickets/routes';
import { Router } from 'express';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import request from 'supertest';
import { z } from 'zod';
import { documents, root } from './documents.ts';
import { health } from './health.ts';
import { neverUsed } from './never-used.ts';
import { OrdersQuery } from './orders.ts';
import { services } from './services.ts';
import { TicketsQuery } from './tickets.ts';

const all = await documents();

describe('what is checked in', () => {
  it.each([...all.keys()])('is up to date in %s (npm run docs writes it anew)', async (path) => {
    expect(await readFile(join(root, path), 'utf8')).toBe(all.get(path));
  });
});

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const authConfig = loadAuthConfig({
  MONGO_URL: 'mongodb://nowhere',
  PUBLIC_ORIGIN: 'http://shop.example',
  SIGNING_KEYS: JSON.stringify([{ ...privateKey.export({ format: 'jwk' }), kid: 'one' }]),
});

/** What a service's routes work with. Here nothing is asked of them, so it need not be there. */
const absent = {
  identity: neverUsed<never>(),
  accounts: neverUsed<never>(),
  sessions: neverUsed<never>(),
  browsers: neverUsed<never>(),
  signIn: neverUsed<never>(),
  cookies: neverUsed<never>(),
  passwords: neverUsed<never>(),
  signer: neverUsed<never>(),
  orders: neverUsed<never>(),
  knownTickets: neverUsed<never>(),
  payments: neverUsed<never>(),
  payableOrders: neverUsed<never>(),
  knownEvents: neverUsed<never>(),
  settle: neverUsed<never>(),
  till: neverUsed<never>(),
  stripe: neverUsed<never>(),
  now: () => new Date(),
  newId: () => '',
  keys: neverUsed<never>(),
};

const anybody = { verify: async () => ({ id: 'somebody' }) };
const nothing = { query: async () => [] };

const routers: Readonly<Record<string, readonly Router[]>> = {
  auth: [authRoutes({ ...absent, config: authConfig })],
  tickets: [ticketRoutes(neverUsed<never>(), absent.identity, absent.keys)],
  orders: [orderRoutes({ ...absent, windowMs: 1 })],
  payments: [
    paymentRoutes({ ...absent, publishableKey: '' }),
    webhook({ ...absent, secrets: [], logger: neverUsed<never>() }),
  ],
  expiration: [],
};

/** `get /api/tickets`, for every route that Express knows. */
function registered(service: string): string[] {
  const found = (routers[service] ?? []).flatMap(({ stack }) =>
    stack.flatMap(({ route }) => {
      const { path, methods } = Registered.parse(route);
      return Object.keys(methods).map((method) => `${method} ${path}`);
    }),
  );
  return found.sort();
}

const Registered = z.object({ path: z.string(), methods: z.record(z.string(), z.literal(true)) });

describe('what is documented', () => {
  it.each(services)('is what $name answers, neither more nor less', ({ name, routes }) => {
    expect(routes.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(registered(name));
  });

  it('names every service', () => {
    expect(services.map(({ name }) => name).sort()).toEqual(Object.keys(routers).sort());
  });

  it.each(health)('is answered by every service: $path', async ({ path }) => {
    const { status } = await request(appOf([Router()])).get(path);
    expect(status).toBe(200);
  });

  it.each([
    ['/api/tickets', TicketsQuery, ticketRoutes(neverUsed(nothing), absent.identity, absent.keys)],
    [
      '/api/orders',
      OrdersQuery,
      orderRoutes({ ...absent, orders: neverUsed(nothing), identity: anybody, windowMs: 1 }),
    ],
  ])('is what may stand in the query of %s', async (path, schema, router) => {
    const app = appOf([router]);
    const id = '0123456789abcdef01234567';
    const queries = [
      {},
      { limit: '1' },
      { limit: '100' },
      { limit: '0' },
      { limit: '101' },
      { limit: 'few' },
      { limit: '1.5' },
    ];
    const others = [
      { cursor: id },
      { cursor: 'x' },
      { q: 'opera' },
      { q: 'x'.repeat(200) },
      { q: 'x'.repeat(201) },
      { page: '2' },
    ];
    for (const query of [...queries, ...others]) {
      const { status } = await request(app).get(path).query(query);
      expect({ query, taken: status === 200 }).toEqual({ query, taken: schema.safeParse(query).success });
    }
  });
});

function appOf(routes: Router[]) {
  const logger = pino({ level: 'silent' });
  return createApp({ name: 'any', logger, metrics: new Registry(), routes, readiness: () => [] });
}
