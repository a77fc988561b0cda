import { setTimeout as delay } from 'node:timers/promises';
import express, { type Request, type Response, Router } from 'express';
import type { z } from 'zod';
import { captureRefusals } from './cards.ts';
import { type Desk, newId } from './desk.ts';
import type { FaultPlan } from './faults.ts';
import { createKeys, fingerprint } from './idempotency.ts';
import * as intents from './intents.ts';
import type { Answer, Collection, Ledger } from './ledger.ts';
import { chosenMethod, typedMethod } from './methods.ts';
import * as params from './params.ts';
import { invalid, missing, noSuch, Refusal, type RefusalBody } from './refusal.ts';
import type { Intent, Row } from './rows.ts';
import { API_VERSION, docUrl, expand, publicView, type View, view } from './views.ts';

export interface LoggedRequest {
  id: string;
  at: string;
  method: string;
  path: string;
  key: string | null;
  status: number | 'dropped' | 'refused connection';
}

export interface ApiOptions {
  ledger: Ledger;
  desk: Desk;
  faults: FaultPlan;
  secretKey: string;
  publishableKey: string;
  onRequest: (request: LoggedRequest) => void;
  /** Ends the waiting of answers that are held back. */
  stopped: AbortSignal;
}

type Audience = 'secret' | 'public';

/** One call on its way through the API. */
interface Call {
  req: Request;
  res: Response;
  id: string;
  path: string;
  version: string;
  audience: Audience;
  /** The parameters, from the body or the query string, without the key. */
  given: Record<string, unknown>;
}

interface Asked<T> {
  given: T;
  id: string;
  call: Call;
  facts: intents.Facts;
}

interface Open {
  /** Also for the publishable key, which a browser holds. */
  publishable?: true;
}

/** The part of Stripe's API that payments uses: docs.stripe.com/api. */
export function createApi(options: ApiOptions): Router {
  const { ledger, desk, faults, onRequest } = options;
  const keys = createKeys(ledger);
  const router = Router({ caseSensitive: true, strict: true });

  // Before the body is read: a connection that is cut tells the caller nothing.
  router.use((req, res, next) => {
    res.set('request-id', newId('req'));
    if (faults.current.down || faults.strikes(faults.current.dropRequests, req.path)) {
      log(req, res, 'refused connection');
      req.socket.destroy();
      return;
    }
    next();
  });
  router.use((req, res, next) => {
    res.set('access-control-allow-origin', '*');
    res.set('access-control-expose-headers', 'Request-Id, Stripe-Manage-Version, Stripe-Should-Retry');
    if (req.method !== 'OPTIONS') return next();
    res.set('access-control-allow-methods', 'GET, HEAD, POST, DELETE, OPTIONS');
    res.set('access-control-allow-headers', req.get('access-control-request-headers') ?? '*');
    if (req.get('access-control-request-private-network') === 'true') {
      res.set('access-control-allow-private-network', 'true');
    }
    res.set('access-control-max-age', '300');
    res.status(204).end();
  });
  router.use(express.urlencoded({ extended: true, limit: '1mb' }));

  query(
    '/v1/payment_intents/:id',
    params.RetrieveParams,
    ({ id, given, call }) => {
      const intent = intentOf(id);
      checkSecret(intent, given.client_secret, call);
      return shown(intent, given.expand ?? [], call.audience);
    },
    { publishable: true },
  );
  query('/v1/charges/:id', params.RetrieveParams, ({ id, given }) => {
    return shown(ledger.charges.get(id) ?? absent('charge', id), given.expand ?? [], 'secret');
  });
  query('/v1/refunds/:id', params.RetrieveParams, ({ id, given }) => {
    return shown(ledger.refunds.get(id) ?? absent('refund', id), given.expand ?? [], 'secret');
  });
  query('/v1/payment_methods/:id', params.RetrieveParams, ({ id }) => {
    return shown(ledger.methods.get(id) ?? absent('PaymentMethod', id), [], 'secret');
  });
  query('/v1/events/:id', params.RetrieveParams, ({ id }) => {
    return desk.eventView(ledger.events.get(id) ?? absent('event', id));
  });

  query('/v1/payment_intents', params.ListParams, ({ given, call }) => {
    return page(ledger.intents, given, call, () => true, plain);
  });
  query('/v1/charges', params.ChargeListParams, ({ given, call }) => {
    const { payment_intent: of } = given;
    return page(ledger.charges, given, call, (charge) => of === undefined || charge.intentId === of, plain);
  });
  query('/v1/refunds', params.RefundListParams, ({ given, call }) => {
    const { payment_intent: of, charge } = given;
    const wanted = (refund: { intentId: string; chargeId: string }) =>
      (of === undefined || refund.intentId === of) && (charge === undefined || refund.chargeId === charge);
    return page(ledger.refunds, given, call, wanted, plain);
  });
  query('/v1/events', params.EventListParams, ({ given, call }) => {
    const types = given.types ?? (given.type === undefined ? [] : [given.type]);
    const delivered = given.delivery_success;
    return page(
      ledger.events,
      given,
      call,
      (event) =>
        (types.length === 0 || types.some((type) => isType(event.type, type))) &&
        (delivered === undefined || (event.open.size === 0) === delivered),
      desk.eventView,
    );
  });

  command('/v1/payment_intents', params.CreateParams, ({ given, facts }) => {
    params.checkAmount(given.amount, given.currency);
    if (!given.confirm) {
      const early = (['return_url', 'off_session', 'error_on_requires_action'] as const).find(
        (name) => given[name] !== undefined,
      );
      if (early)
        throw invalid(`You can only pass in the parameter \`${early}\` when confirming a PaymentIntent.`, early);
    }
    const method = chosenMethod(given, facts);
    const intent = newIntent(given);
    checkType(intent.allowedTypes, method?.type);
    return intents.create(intent, method, given.confirm ? confirmationOf(given) : null, facts);
  });
  command('/v1/payment_intents/:id', params.UpdateParams, ({ id, given, facts }) => {
    const intent = intentOf(id);
    const edit = editOf(intent, given);
    const method = chosenMethod(given, facts);
    if (given.amount !== undefined || given.currency !== undefined) {
      params.checkAmount(given.amount ?? intent.amount, given.currency ?? intent.currency);
    }
    checkType(edit.allowedTypes ?? intent.allowedTypes, method?.type);
    return intents.update(intent, method === null ? edit : { ...edit, method });
  });
  command(
    '/v1/payment_intents/:id/confirm',
    params.ConfirmParams,
    ({ id, given, call, facts }) => {
      const intent = intentOf(id);
      checkSecret(intent, given.client_secret, call);
      if (call.audience === 'public') refuseCaptureChoice(given);
      const method = chosenMethod(given, facts);
      const edit = editOf(intent, given);
      checkType(edit.allowedTypes ?? intent.allowedTypes, method?.type);
      return intents.confirm({ ...intent, ...edit }, { ...confirmationOf(given), method }, facts);
    },
    { publishable: true },
  );
  command('/v1/payment_intents/:id/capture', params.CaptureParams, ({ id, given, facts }) => {
    const intent = intentOf(id);
    const { refuseCaptures } = faults.current;
    const refused =
      intent.status === 'requires_capture' &&
      (refuseCaptures.intents.includes(id) || faults.strikes(refuseCaptures)) &&
      captureRefusals[refuseCaptures.code];
    return intents.capture(withMetadata(intent, given.metadata), given.amount_to_capture, refused || undefined, facts);
  });
  command('/v1/payment_intents/:id/cancel', params.CancelParams, ({ id, given, facts }) => {
    return intents.cancel(intentOf(id), given.cancellation_reason ?? null, facts);
  });
  command('/v1/refunds', params.RefundParams, ({ given, facts }) => {
    const { amount, reason, metadata } = given;
    return intents.refund(paidIntent(given), { amount, reason: reason ?? null, metadata: metadata ?? {} }, facts);
  });
  command(
    '/v1/payment_methods',
    params.MethodParams,
    ({ given, facts }) => {
      const method = typedMethod(given, facts);
      return { shows: method, puts: [method], events: [] };
    },
    { publishable: true },
  );

  router.all('/v1/{*rest}', (req, res) => {
    const message = `Unrecognized request URL (${req.method}: ${req.path}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`;
    send(req, res, 404, errorView({ type: 'invalid_request_error', message }));
  });

  function query<T>(path: string, schema: z.ZodType<T>, answer: (asked: Asked<T>) => View, open: Open = {}): void {
    router.get(path, async (req, res) => {
      await guarded(req, res, open, async (call) => {
        const given = params.parse(schema, call.given);
        desk.expireDue();
        const body = answer({ given, id: idIn(req), call, facts: desk.facts() });
        await reply(call, 200, body);
      });
    });
  }

  function command<T extends { expand?: string[] | undefined }>(
    path: string,
    schema: z.ZodType<T>,
    decide: (asked: Asked<T>) => intents.Decision,
    open: Open = {},
  ): void {
    router.post(path, async (req, res) => {
      await guarded(req, res, open, async (call) => {
        const given = params.parse(schema, call.given);
        refuseRemovedParams(call);
        desk.expireDue();
        const key = req.get('idempotency-key') || null;
        if (key === null) {
          const { status, body } = run(call, null, given.expand ?? [], () =>
            decide({ given, id: idIn(req), call, facts: desk.facts() }),
          );
          return reply(call, status, body);
        }
        res.set('idempotency-key', key);
        const keyed = { key, path: call.path, fingerprint: fingerprint(call.given) };
        const kept = keys.take(keyed, desk.facts().now);
        if (kept) {
          res.set('idempotent-replayed', 'true').set('original-request', kept.requestId);
          return reply(call, kept.status, render(kept, kept.rows));
        }
        try {
          const { status, body } = run(call, keyed, given.expand ?? [], () =>
            decide({ given, id: idIn(req), call, facts: desk.facts() }),
          );
          await reply(call, status, body, () => keys.release(key));
        } finally {
          keys.release(key);
        }
      });
    });
  }

  /** Decides, keeps what was decided together with the answer, and renders the answer. */
  function run(
    call: Call,
    keyed: { key: string; path: string; fingerprint: string } | null,
    expanded: string[],
    decide: () => intents.Decision,
  ): { status: number; body: View } {
    const base = { at: desk.facts().now, requestId: call.id, audience: call.audience, expand: expanded };
    const keep = (
      decision: Pick<intents.Decision, 'puts' | 'events'>,
      answer: Omit<Answer, 'key' | 'path' | 'fingerprint'>,
    ) => {
      const cause = { requestId: call.id, key: keyed?.key ?? null, answer: keyed && { ...answer, ...keyed } };
      if (decision.puts.length > 0 || keyed) desk.commit(decision.puts, decision.events, cause);
      return { status: answer.status, body: render(answer, decision.puts) };
    };
    try {
      if (keyed) failOnPurpose(call.res, call.path, true);
      const decision = decide();
      if (decision.refusal) return keep(decision, { ...base, ...refusalAnswer(decision.refusal) });
      // Rendered before it is kept, so that an `expand` that cannot be followed is refused without an effect.
      const answer = { ...base, status: 200, shows: decision.shows.id, method: null, refusal: null };
      render(answer, decision.puts);
      return keep(decision, answer);
    } catch (error) {
      if (!(error instanceof Refusal) || !error.remembered) throw error;
      // Kept with the intent as it is now, so that a replay shows the same.
      return keep({ puts: error.intent ? [error.intent] : [], events: [] }, { ...base, ...refusalAnswer(error) });
    }
  }

  function refusalAnswer(refusal: Refusal) {
    const { status, body, intent, method } = refusal;
    return { status, shows: intent?.id ?? null, method: method?.id ?? null, refusal: body };
  }

  function render(answer: Omit<Answer, 'key' | 'path' | 'fingerprint'>, rows: Row[]): View {
    const viewer = {
      publicUrl: desk.viewer.publicUrl,
      find: (id: string) => rows.findLast((row) => row.id === id) ?? ledger.find(id),
    };
    const row = answer.shows === null ? undefined : viewer.find(answer.shows);
    const visible = row && rendered(row, answer.audience);
    if (answer.refusal === null) return expand(visible ?? {}, answer.expand, viewer);
    const method = answer.method === null ? undefined : viewer.find(answer.method);
    return errorView(answer.refusal, {
      ...(visible && { payment_intent: visible }),
      ...(method && { payment_method: view(method, viewer) }),
    });

    function rendered(it: Row, audience: Audience): View {
      return audience === 'public' && it.kind === 'intent' ? publicView(view(it, viewer)) : view(it, viewer);
    }
  }

  function shown(row: Row, paths: string[], audience: Audience): View {
    const whole = view(row, desk.viewer);
    return audience === 'public' ? publicView(whole) : expand(whole, paths, desk.viewer);
  }

  function plain(row: Row): View {
    return view(row, desk.viewer);
  }

  function page<T extends { id: string; created: number }>(
    rows: Collection<T>,
    given: params.ListParams,
    call: Call,
    wanted: (row: T) => boolean,
    show: (row: T) => View,
  ): View {
    const { limit, starting_after: after, created } = given;
    if (after !== undefined && rows.get(after) === undefined) throw noSuch('object', after, 'starting_after');
    const range = typeof created === 'number' ? { gte: created, lte: created } : (created ?? {});
    const { gt = -1, gte = 0, lt = Infinity, lte = Infinity } = range;
    const found: T[] = [];
    for (const row of rows.newestFirst(after)) {
      // The clock never goes back, so the first one that is too old ends the search.
      if (row.created <= gt || row.created < gte) break;
      if (row.created >= lt || row.created > lte || !wanted(row)) continue;
      found.push(row);
      if (found.length > limit) break;
    }
    const list = {
      object: 'list',
      data: found.slice(0, limit).map(show),
      has_more: found.length > limit,
      url: call.path,
    };
    return expand(list, given.expand ?? [], desk.viewer);
  }

  /** What every call goes through: faults, the key, errors in Stripe's form. */
  async function guarded(req: Request, res: Response, open: Open, act: (call: Call) => Promise<void>): Promise<void> {
    const path = req.path;
    try {
      failOnPurpose(res, path, false);
      await act(callOf(req, res, open));
    } catch (error) {
      if (res.destroyed) return;
      if (error instanceof Refusal) return send(req, res, error.status, errorView(error.body));
      throw error;
    }
  }

  function failOnPurpose(res: Response, path: string, remembered: boolean): void {
    const { failRequests } = faults.current;
    if (failRequests.remembered !== remembered || !faults.strikes(failRequests, path)) return;
    const { status } = failRequests;
    if (status === 429 || status === 503) res.set('retry-after', '1');
    const message = 'An error occurred on our side, on purpose: the sandbox was told to fail this request.';
    throw new Refusal(status, { type: 'api_error', message }, { remembered });
  }

  function callOf(req: Request, res: Response, open: Open): Call {
    if (req.method === 'POST' && req.is('application/json')) {
      throw invalid(
        'Invalid request (check that your POST content type is application/x-www-form-urlencoded). If you have any questions, we can help at https://support.stripe.com/.',
      );
    }
    const source: unknown = req.method === 'POST' ? (req.body ?? {}) : req.query;
    const { key, _stripe_version, ...given } = Object.fromEntries(Object.entries(source ?? {}));
    const version = req.get('stripe-version') ?? (typeof _stripe_version === 'string' ? _stripe_version : API_VERSION);
    if (!/^\d{4}-\d{2}-\d{2}(\.[a-z]+)?$/.test(version)) throw invalid(`Invalid Stripe API version: ${version}`);
    res.set('stripe-version', version);
    const audience = audienceOf(req.get('authorization'), key, open);
    return { req, res, id: String(res.get('request-id')), path: req.path, version, audience, given };
  }

  function audienceOf(authorization: string | undefined, sent: unknown, open: Open): Audience {
    const key = keyIn(authorization) ?? (typeof sent === 'string' ? sent : undefined);
    if (key === undefined) {
      throw unauthorized(
        "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
      );
    }
    if (key === options.secretKey) return 'secret';
    if (key !== options.publishableKey) {
      throw unauthorized(`Invalid API Key provided: ${key.slice(0, 8)}****${key.slice(-4)}`);
    }
    if (open.publishable) return 'public';
    throw unauthorized(
      'This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of your API keys at https://dashboard.stripe.com/account/apikeys.',
      'secret_key_required',
    );
  }

  /** Answers once everything seen so far is on the disk; the switched-on faults come after the effect. */
  async function reply(call: Call, status: number, body: View, beforeSending: () => void = () => {}): Promise<void> {
    await desk.flushed();
    if (faults.current.delayRepliesMs > 0) {
      await delay(faults.current.delayRepliesMs, undefined, { signal: options.stopped }).catch(() => {});
    }
    beforeSending();
    if (faults.strikes(faults.current.dropReplies, call.path)) {
      log(call.req, call.res, 'dropped');
      call.req.socket.destroy();
      return;
    }
    send(call.req, call.res, status, body);
  }

  function send(req: Request, res: Response, status: number, body: View): void {
    log(req, res, status);
    res.status(status).json(body);
  }

  function log(req: Request, res: Response, status: LoggedRequest['status']): void {
    onRequest({
      id: String(res.get('request-id')),
      at: new Date().toISOString(),
      method: req.method,
      path: req.path,
      key: req.get('idempotency-key') ?? null,
      status,
    });
  }

  function intentOf(id: string): Intent {
    return ledger.intents.get(id) ?? absent('payment_intent', id, 'intent');
  }

  function paidIntent({ payment_intent: id, charge: chargeId }: params.RefundParams): Intent {
    if (id !== undefined) return ledger.intents.get(id) ?? absent('payment_intent', id, 'payment_intent');
    if (chargeId === undefined) {
      throw invalid('One of the following params should be provided for this request: payment_intent or charge.');
    }
    const charge = ledger.charges.get(chargeId) ?? absent('charge', chargeId, 'charge');
    return intentOf(charge.intentId);
  }

  return router;
}

function absent(what: string, id: string, param = 'id'): never {
  throw noSuch(what, id, param);
}

function idIn(req: Request): string {
  const { id } = req.params;
  return typeof id === 'string' ? id : '';
}

/** `Bearer sk_…`, or the user name of basic authentication, as curl -u sends it. */
function keyIn(authorization: string | undefined): string | undefined {
  const [scheme, value] = authorization?.split(' ') ?? [];
  if (value === undefined) return undefined;
  if (scheme?.toLowerCase() === 'bearer') return value;
  return Buffer.from(value, 'base64').toString().split(':')[0];
}

function unauthorized(message: string, code?: string): Refusal {
  return new Refusal(401, { type: 'invalid_request_error', message, ...(code === undefined ? {} : { code }) });
}

function errorView(body: RefusalBody, more: View = {}): View {
  return { error: { ...body, ...(body.code === undefined ? {} : { doc_url: docUrl(body.code) }), ...more } };
}

function checkSecret(intent: Intent, secret: string | undefined, call: Call): void {
  if (secret === undefined && call.audience === 'public') throw missing('client_secret');
  if (secret !== undefined && secret !== intent.secret) {
    throw invalid(
      'The client_secret provided does not match the client_secret associated with this PaymentIntent.',
      'client_secret',
      'payment_intent_invalid_parameter',
    );
  }
}

/** When the money is taken is the seller's choice, not the browser's. */
function refuseCaptureChoice(given: params.ConfirmParams): void {
  const chosen = given.capture_method !== undefined ? 'capture_method' : 'payment_method_options[card][capture_method]';
  if (given.capture_method === undefined && given.payment_method_options?.card?.capture_method === undefined) return;
  throw invalid(`The parameter ${chosen} needs a secret API key.`, chosen, 'secret_key_required');
}

function checkType(allowed: string[] | null, type: string | undefined): void {
  if (type === undefined || allowed === null || allowed.includes(type)) return;
  throw invalid(
    `The PaymentMethod provided (${type}) is not allowed for this PaymentIntent.`,
    'payment_method',
    'payment_intent_incompatible_payment_method',
  );
}

/** API version 2026-10-28 has no payment_method_types in requests any more. */
function refuseRemovedParams(call: Call): void {
  if (call.version < '2026-10-28' || !('payment_method_types' in call.given)) return;
  throw invalid('Received unknown parameter: payment_method_types', 'payment_method_types', 'parameter_unknown');
}

function isType(type: string, wanted: string): boolean {
  return wanted.endsWith('*') ? type.startsWith(wanted.slice(0, -1)) : type === wanted;
}

function newIntent(given: params.CreateParams): intents.NewIntent {
  const types = given.allowed_payment_method_types ?? given.payment_method_types ?? null;
  const automatic = given.automatic_payment_methods ?? { enabled: types === null, allow_redirects: 'always' };
  return {
    amount: given.amount,
    currency: given.currency,
    captureMethod: given.capture_method ?? 'automatic_async',
    cardCaptureMethod: given.payment_method_options?.card?.capture_method === 'manual' ? 'manual' : null,
    automaticMethods: automatic.enabled ? { allowRedirects: automatic.allow_redirects } : null,
    allowedTypes: types,
    metadata: given.metadata ?? {},
    description: given.description ?? null,
    receiptEmail: given.receipt_email ?? null,
    statementDescriptor: given.statement_descriptor ?? null,
    statementDescriptorSuffix: given.statement_descriptor_suffix ?? null,
  };
}

/** Only what the call names. An empty string unsets, an empty piece of metadata removes its key. */
function editOf(intent: Intent, given: params.UpdateParams | params.ConfirmParams): intents.Edit {
  const edit: intents.Edit = {};
  const types = given.allowed_payment_method_types ?? given.payment_method_types;
  const cardCapture = given.payment_method_options?.card?.capture_method;
  if (types !== undefined) edit.allowedTypes = types;
  if (cardCapture !== undefined) edit.cardCaptureMethod = cardCapture === 'manual' ? 'manual' : null;
  if (given.capture_method !== undefined) edit.captureMethod = given.capture_method;
  if (given.receipt_email !== undefined) edit.receiptEmail = given.receipt_email;
  if ('amount' in given && given.amount !== undefined) edit.amount = given.amount;
  if ('currency' in given && given.currency !== undefined) edit.currency = given.currency;
  if ('description' in given && given.description !== undefined) edit.description = given.description;
  if ('statement_descriptor_suffix' in given && given.statement_descriptor_suffix !== undefined) {
    edit.statementDescriptorSuffix = given.statement_descriptor_suffix;
  }
  if ('metadata' in given && given.metadata !== undefined)
    edit.metadata = withMetadata(intent, given.metadata).metadata;
  return edit;
}

function withMetadata(intent: Intent, changes: Record<string, string> | null | undefined): Intent {
  if (changes === undefined) return intent;
  if (changes === null) return { ...intent, metadata: {} };
  const merged = Object.entries({ ...intent.metadata, ...changes }).filter(([, value]) => value !== '');
  return { ...intent, metadata: Object.fromEntries(merged) };
}

function confirmationOf(given: params.CreateParams | params.ConfirmParams): Omit<intents.Confirmation, 'method'> {
  return {
    returnUrl: given.return_url ?? null,
    cannotAuthenticate: given.off_session === true || given.error_on_requires_action === true,
  };
}
