import { Registry } from 'prom-client';
import { z } from 'zod';
import { createApp } from '../http/app.ts';
import { etag, ifMatch, ifMatches } from '../http/etag.ts';
import type { Identity } from '../http/identity.ts';
import { limitRate } from '../http/rate-limit.ts';
import { type Route, rawBody, route } from '../http/route.ts';
import { notSignedIn, problem } from '../problem.ts';
import { unchanged } from '../store/change.ts';
import { createLogger } from '../telemetry/logger.ts';
import { currentTraceparent } from '../telemetry/trace.ts';

/** A token in the form of a signed one. */
export const bearer = (name: string) =>
  `Bearer header.${Buffer.from(JSON.stringify({ sub: name })).toString('base64url')}.signature`;

/** Accepts any token in this form, whatever its signature. */
const trusting: Identity = {
  async verify(authorization) {
    const payload = /^Bearer header\.([\w-]+)\.signature$/.exec(authorization ?? '')?.[1];
    if (!payload) throw notSignedIn();
    return { id: String(JSON.parse(Buffer.from(payload, 'base64url').toString()).sub) };
  },
};

const Body = z.strictObject({ title: z.string(), seats: z.array(z.strictObject({ row: z.int() })).optional() });

const done = { 200: { description: 'Done', body: z.unknown() } };
const plain = { who: 'anyone', summary: 'Something to ask', answers: done } as const;
const mine = { ...plain, who: 'signedIn' } as const;

const routes: readonly Route[] = [
  route('POST /things', {
    ...plain,
    body: Body,
    answers: { 201: { description: 'Made', body: Body } },
    handle: async ({ body }) => ({ status: 201, body }),
  }),
  route('GET /things', {
    ...plain,
    query: z.object({ last: z.string().optional() }),
    handle: async ({ query }) => ({ status: 200, body: [], next: query.last }),
  }),
  route('GET /things/:id', { ...plain, handle: async ({ params }) => ({ status: 200, body: params }) }),
  route('PUT /version', {
    ...plain,
    headers: { ifMatch },
    answers: { 200: { description: 'Done', body: z.unknown(), headers: { ETag: 'The version' } } },
    async handle({ headers }) {
      const change = ifMatches(headers.ifMatch, () => unchanged({ id: 'it', version: 8 }));
      return { status: 200, headers: { ETag: etag(8) }, body: change({ id: 'it', version: 7 }) };
    },
  }),
  route('GET /conflict', {
    ...plain,
    async handle() {
      throw problem('ticket-reserved', 'Somebody was faster.');
    },
  }),
  route('GET /later', {
    ...plain,
    async handle() {
      throw problem('unavailable', 'Not now.', { retryAfterSeconds: 1.2, cause: new Error('the cause') });
    },
  }),
  route('GET /bug', {
    ...plain,
    async handle() {
      throw new Error('the password of the database');
    },
  }),
  route('GET /unreadable', { ...plain, handle: async () => ({ status: 200, body: Body.parse({ title: 7 }) }) }),
  route('GET /half', {
    ...plain,
    limits: [
      (_req, res) => {
        res.write('half of ');
        throw new Error('the other half');
      },
    ],
    handle: async () => ({ status: 200, body: {} }),
  }),
  route('GET /trace', { ...plain, handle: async () => ({ status: 200, body: { traceparent: currentTraceparent() } }) }),
  route('GET /address', { ...plain, handle: async ({ req }) => ({ status: 200, body: { address: req.ip } }) }),
  route('POST /limited', {
    ...plain,
    limits: [limitRate({ windowMs: 60_000, limit: 2 })],
    handle: async () => ({ status: 200, body: {} }),
  }),
  route('GET /mine', { ...mine, handle: async ({ user }) => ({ status: 200, body: user }) }),
  route('POST /mine', { ...mine, handle: async ({ user }) => ({ status: 200, body: user }) }),
  route('PUT /mine', { ...mine, handle: async ({ user }) => ({ status: 200, body: user }) }),
  route('POST /raw', {
    ...plain,
    who: 'signature',
    body: rawBody(1_000),
    handle: async ({ body }) => ({ status: 200, body: { came: body.toString() } }),
  }),
];

/** An app with a route of every kind, and its log. */
export function setUp({
  waitingFor = [],
  writesPerMinute = 1000,
}: {
  waitingFor?: string[];
  writesPerMinute?: number;
} = {}) {
  const logged: Record<string, unknown>[] = [];
  const app = createApp({
    name: 'kit',
    logger: createLogger({ name: 'kit', level: 'info' }, (line) => void logged.push(JSON.parse(line))),
    metrics: new Registry(),
    routes,
    identity: trusting,
    readiness: () => waitingFor,
    writesPerMinute,
  });
  return { app, logged };
}
