import { setTimeout as delay } from 'node:timers/promises';
import { aboutOrder } from '@box-office/common/telemetry/span';
import express, { type Request, type Response, Router } from 'express';
import type { z } from 'zod';
import { type ApiKeys, type Audience, type Call, callOf, refuseRemovedParams } from './calls.ts';
import type { Decision, Facts } from './decision.ts';
import { type Desk, newId } from './desk.ts';
import type { FaultPlan } from './faults.ts';
import { createKeys, fingerprint, type Keyed } from './idempotency.ts';
import type { Answer, Ledger } from './ledger.ts';
import { orderOf } from './order-of.ts';
import { parse } from './params.ts';
import { Refusal, type RefusalBody } from './refusal.ts';
import type { Row } from './rows.ts';
import { docUrl, expand, publicView, type View, view } from './views.ts';

export interface LoggedRequest {
  id: string;
  at: string;
  method: string;
  path: string;
  key: string | null;
  status: number | 'dropped' | 'refused connection';
}

export interface EndpointOptions extends ApiKeys {
  ledger: Ledger;
  desk: Desk;
  faults: FaultPlan;
  onRequest: (request: LoggedRequest) => void;
  /** Releases delayed answers. */
  stopped: AbortSignal;
}

export interface Asked<T> {
  given: T;
  id: string;
  call: Call;
  facts: Facts;
}

export interface Open {
  /** Also for the publishable key, which a browser holds. */
  publishable?: true;
}

/** A failure of ours on purpose: before the effect, kept under the key or not, or after the effect. */
type FailureKind = 'forgotten' | 'remembered' | 'after';

/** What is still to be rendered: an answer without the key it is kept under. */
type Unkeyed = Omit<Answer, keyof Keyed>;

export interface Endpoints {
  router: Router;
  /** A GET: answers from what is there. */
  query<T>(path: string, schema: z.ZodType<T>, answer: (asked: Asked<T>) => View, open?: Open): void;
  /** A POST: decides, keeps, answers; once for each idempotency key. */
  command<T extends { expand?: string[] | undefined }>(
    path: string,
    schema: z.ZodType<T>,
    decide: (asked: Asked<T>) => Decision,
    open?: Open,
  ): void;
  /** Everything else is not part of the API. */
  refuseTheRest(): void;
}

/**
 * What every call has in common: the keys, parameters, idempotency, errors in Stripe's form, and the faults that are
 * switched on.
 */
export function createEndpoints(options: EndpointOptions): Endpoints {
  const { ledger, desk, faults, onRequest } = options;
  const keys = createKeys(ledger);
  const router = Router({ caseSensitive: true, strict: true });

  // Before the body is read: the caller gets no answer at all.
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

  return { router, query, command, refuseTheRest };

  function query<T>(path: string, schema: z.ZodType<T>, answer: (asked: Asked<T>) => View, open: Open = {}): void {
    router.get(path, async (req, res) => {
      await guarded(req, res, open, async (call) => {
        const given = parse(schema, call.given);
        desk.expireDue();
        const body = answer({ given, id: idIn(req), call, facts: desk.facts() });
        await reply(call, 200, body);
      });
    });
  }

  function command<T extends { expand?: string[] | undefined }>(
    path: string,
    schema: z.ZodType<T>,
    decide: (asked: Asked<T>) => Decision,
    open: Open = {},
  ): void {
    router.post(path, async (req, res) => {
      await guarded(req, res, open, async (call) => {
        const given = parse(schema, call.given);
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
    keyed: Keyed | null,
    expanded: string[],
    decide: () => Decision,
  ): { status: number; body: View } {
    const base = { at: desk.facts().now, requestId: call.id, audience: call.audience, expand: expanded };
    const keep = (decision: Pick<Decision, 'puts' | 'events'>, answer: Unkeyed) => {
      const cause = { requestId: call.id, key: keyed?.key ?? null, answer: keyed && { ...answer, ...keyed } };
      if (decision.puts.length > 0 || keyed) desk.commit(decision.puts, decision.events, cause);
      return { status: answer.status, body: render(answer, decision.puts) };
    };
    try {
      if (keyed) failOnPurpose(call.res, call.path, 'remembered');
      const decision = decide();
      const failure = keyed && failureOnPurpose(call.res, call.path, 'after');
      if (failure) return keep(decision, { ...base, ...refusalAnswer(failure) });
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

  function render(answer: Unkeyed, rows: Row[]): View {
    const viewer = {
      publicUrl: desk.viewer.publicUrl,
      find: (id: string) => rows.findLast((row) => row.id === id) ?? ledger.find(id),
    };
    const row = answer.shows === null ? undefined : viewer.find(answer.shows);
    aboutOrder(orderOf(row, viewer.find));
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

  /** What every call goes through: faults, the key, errors in Stripe's form. */
  async function guarded(req: Request, res: Response, open: Open, act: (call: Call) => Promise<void>): Promise<void> {
    const path = req.path;
    aboutOrder(orderOf(ledger.find(idIn(req)), ledger.find));
    try {
      failOnPurpose(res, path, 'forgotten');
      await act(callOf(req, res, options, open.publishable ?? false));
    } catch (error) {
      if (res.destroyed) return;
      if (error instanceof Refusal) return send(req, res, error.status, errorView(error.body));
      throw error;
    }
  }

  function failOnPurpose(res: Response, path: string, kind: FailureKind): void {
    const failure = failureOnPurpose(res, path, kind);
    if (failure) throw failure;
  }

  function failureOnPurpose(res: Response, path: string, kind: FailureKind): Refusal | undefined {
    const { failRequests } = faults.current;
    const { status, remembered, afterEffect } = failRequests;
    const switchedOn = afterEffect ? 'after' : remembered ? 'remembered' : 'forgotten';
    if (kind !== switchedOn || !faults.strikes(failRequests, path)) return undefined;
    if (status === 429 || status === 503) res.set('retry-after', '1');
    const message = 'An error occurred on our side, on purpose: the sandbox is configured to fail this request.';
    return new Refusal(status, { type: 'api_error', message }, { remembered: kind !== 'forgotten' });
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

  function refuseTheRest(): void {
    router.all('/v1/{*rest}', (req, res) => {
      const message = `Unrecognized request URL (${req.method}: ${req.path}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`;
      send(req, res, 404, errorView({ type: 'invalid_request_error', message }));
    });
  }
}

function idIn(req: Request): string {
  const { id } = req.params;
  return typeof id === 'string' ? id : '';
}

function errorView(body: RefusalBody, more: View = {}): View {
  return { error: { ...body, ...(body.code === undefined ? {} : { doc_url: docUrl(body.code) }), ...more } };
}
