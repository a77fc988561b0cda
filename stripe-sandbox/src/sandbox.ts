import { inRequest } from '@box-office/common/telemetry/server-request';
import express, { type ErrorRequestHandler, type Express } from 'express';
import { ZodError } from 'zod';
import { createApi } from './api.ts';
import { type Controls, controlRoutes, createControls, NotThere } from './control.ts';
import { createDesk } from './desk.ts';
import type { LoggedRequest } from './endpoints.ts';
import { createFaultPlan } from './faults.ts';
import { memoryJournal, openJournal } from './journal.ts';
import { createLedger } from './ledger.ts';
import { orderOf } from './order-of.ts';
import { Refusal } from './refusal.ts';
import { createWebhooks, defaultRetryDelaysMs } from './webhooks.ts';

export interface SandboxOptions {
  /** Where events go, in the order of Stripe's endpoints. None: nothing is sent. */
  webhookUrl?: string | string[] | undefined;
  /** Two while a secret is being changed: each webhook is then signed with both. */
  webhookSecret?: string | string[] | undefined;
  secretKey?: string | undefined;
  publishableKey?: string | undefined;
  /** Where the journal is kept; without it everything is forgotten with the process. */
  dataDir?: string | undefined;
  /** How long to wait after each failed try; the last one repeats for three days. */
  retryDelaysMs?: number[] | undefined;
  /** Milliseconds since 1970. */
  clock?: (() => number) | undefined;
  /**
   * The journal could not be written. It no longer answers and should be restarted.
   */
  onFailure?: ((error: unknown) => void) | undefined;
  /** A call ended in an unexpected 500. */
  onError?: ((error: unknown) => void) | undefined;
}

export interface Sandbox extends Controls {
  app: Express;
  /** Where the browser reaches the sandbox; known once the server listens. */
  publicUrl: string;
  /** Ends what holds answers back on purpose. */
  hurry(): void;
  /** Takes up the webhooks that were not confirmed before the last stop. */
  resume(): void;
  stop(): Promise<void>;
}

const EXPIRY_CHECK_MS = 1_000;
const REQUESTS_KEPT = 500;

export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const {
    secretKey = 'sk_test_sandbox',
    publishableKey = 'pk_test_sandbox',
    retryDelaysMs = defaultRetryDelaysMs,
    clock = Date.now,
    onFailure = () => {},
    onError = console.error,
  } = options;
  const urls = [options.webhookUrl ?? []].flat();
  const secrets = [options.webhookSecret ?? 'whsec_sandbox'].flat();

  const faults = createFaultPlan();
  const stopping = new AbortController();
  const requests: { count: number; last: LoggedRequest[] } = { count: 0, last: [] };
  let journal = memoryJournal();
  const ledger = createLedger(() => journal);
  const desk = createDesk({
    ledger,
    journal: () => journal,
    webhooks: () => webhooks,
    clock,
    publicUrl: () => sandbox.publicUrl,
  });
  const webhooks = createWebhooks({
    urls,
    secrets,
    retryDelaysMs,
    faults,
    // Formatted as Stripe does, so that a receiver that verifies JSON.stringify(JSON.parse(body)) instead of the body
    // fails here too.
    body: (event) => JSON.stringify(desk.eventView(event), null, 2),
    orderOf: (event) => orderOf(event.row, ledger.find),
    onDelivered: (event, endpoint) => ledger.commit({ delivered: event.id, endpoint }),
    onLost: (event) => ledger.commit({ lost: event.id }),
  });
  if (options.dataDir !== undefined) journal = await openJournal(options.dataDir, ledger.replay, onFailure);

  const controls = createControls({ ledger, journal: () => journal, desk, faults, webhooks, requests });
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.set('query parser', 'extended').set('case sensitive routing', true).set('strict routing', true);
  app.get('/healthz/live', (_req, res) => void res.json({ live: true }));
  app.get('/healthz/ready', (_req, res) => void res.json({ ready: true }));
  app.use(controlRoutes(controls, faults, ledger, secretKey));
  app.use((req, res, next) => {
    // What payments looks up every few seconds by itself is in no trace.
    if (req.method === 'GET' && !req.headers.traceparent) return next();
    const route = () => (typeof req.route?.path === 'string' ? req.route.path : undefined);
    inRequest(req, res, { path: req.path, route }, () => next());
  });
  app.use(
    createApi({
      ledger,
      desk,
      faults,
      secretKey,
      publishableKey,
      stopped: stopping.signal,
      onRequest(request) {
        requests.count += 1;
        requests.last.push(request);
        if (requests.last.length > REQUESTS_KEPT) requests.last.shift();
      },
    }),
  );
  app.use(answerErrors(onError));

  const expiry = setInterval(desk.expireDue, EXPIRY_CHECK_MS);
  expiry.unref();

  const sandbox: Sandbox = {
    ...controls,
    app,
    publicUrl: 'http://127.0.0.1',
    hurry: () => stopping.abort(),
    resume: () => webhooks.resume([...ledger.events.newestFirst()].reverse()),
    async stop() {
      clearInterval(expiry);
      await webhooks.stop();
      await journal.close();
    },
  };
  return sandbox;
}

function answerErrors(onError: (error: unknown) => void): ErrorRequestHandler {
  return (error, _req, res, _next) => {
    if (res.headersSent || res.destroyed) return;
    if (error instanceof ZodError) {
      const errors = error.issues.map(({ path, message }) => ({ field: path.join('.'), message }));
      res.status(400).json({ code: 'invalid-request', errors });
    } else if (error instanceof NotThere) {
      res.status(404).json({ code: 'not-found', detail: error.message });
    } else if (error instanceof Refusal) {
      res.status(error.status).json({ error: error.body });
    } else if (isClientError(error)) {
      res.status(error.status).json({ error: { type: 'invalid_request_error', message: error.message } });
    } else {
      onError(error);
      res.status(500).json({ error: { type: 'api_error', message: 'The sandbox failed: see its log.' } });
    }
  };
}

/** What Express's body parsers throw for a body they cannot read. */
function isClientError(error: unknown): error is Error & { status: number } {
  return Error.isError(error) && 'status' in error && typeof error.status === 'number' && error.status < 500;
}
