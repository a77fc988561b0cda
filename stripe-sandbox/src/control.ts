import { createHash, timingSafeEqual } from 'node:crypto';
import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import { z } from 'zod';
import { inWords } from './amounts.ts';
import type { Decision } from './decision.ts';
import type { Desk } from './desk.ts';
import { closeDispute, isOpen, openDispute } from './disputes.ts';
import type { LoggedRequest } from './endpoints.ts';
import type { FaultPlan, Faults } from './faults.ts';
import { authenticate } from './intents.ts';
import type { Journal } from './journal.ts';
import type { Ledger, StripeEvent } from './ledger.ts';
import { settleRefund } from './refunds.ts';
import type { Charge, Dispute, Intent, Refund } from './rows.ts';
import type { Webhooks } from './webhooks.ts';

export interface EventSummary {
  id: string;
  type: string;
  created: number;
  about: string;
}

export interface SandboxState {
  /** The sandbox's clock, ISO. */
  now: string;
  intents: Intent[];
  charges: Charge[];
  refunds: Refund[];
  disputes: Dispute[];
  webhooks: {
    urls: string[];
    events: number;
    delivered: number;
    repeated: number;
    failedTries: number;
    lastFailure: string | null;
    /** Not confirmed by every receiver yet, and still tried. */
    undelivered: EventSummary[];
    /** Never delivered because of a fault; only /sandbox/webhooks/redeliver brings them back. */
    lost: EventSummary[];
  };
  requests: { count: number; last: LoggedRequest[] };
  faults: Faults;
}

/** Controls of the sandbox itself, over HTTP or in the same process. */
export interface Controls {
  faults(settings: unknown): Faults;
  state(): SandboxState;
  /** Advances the clock, and expires what is due. */
  advance(ms: number): Promise<void>;
  /** Sends events again: one, or all that were lost or are not confirmed. Gives their ids. */
  redeliver(eventId?: string): string[];
  receivers(urls: string[]): void;
  /** Decides for the buyer's bank. */
  authenticate(intentId: string, outcome: 'complete' | 'fail'): Promise<Intent>;
  /**
   * The buyer disputes what was taken: `fraudulent`, `product_not_received` and so on, or `inquiry`, which takes no
   * money yet.
   */
  dispute(intentId: string, reason: string): Promise<Dispute>;
  /** Ends a dispute that is open. */
  decideDispute(disputeId: string, outcome: 'won' | 'lost'): Promise<Dispute>;
  /** The bank lets a refund through, or fails it days later. */
  decideRefund(refundId: string, outcome: 'succeeded' | 'failed'): Promise<Refund>;
}

export interface ControlOptions {
  ledger: Ledger;
  journal: () => Journal;
  desk: Desk;
  faults: FaultPlan;
  webhooks: Webhooks;
  requests: { count: number; last: LoggedRequest[] };
}

export function createControls({ ledger, journal, desk, faults, webhooks, requests }: ControlOptions): Controls {
  async function keep({ puts, events }: Pick<Decision, 'puts' | 'events'>): Promise<void> {
    desk.commit(puts, events, { requestId: null, key: null, answer: null });
    await journal().flushed();
  }

  return {
    faults: (settings) => structuredClone(faults.set(settings)),
    state() {
      const waiting = [...ledger.events.newestFirst()].filter((event) => event.open.size > 0).reverse();
      const { delivered, repeated, failedTries, lastFailure } = webhooks.stats;
      return {
        now: new Date(desk.facts().now * 1000).toISOString(),
        intents: [...ledger.intents.newestFirst()].reverse(),
        charges: [...ledger.charges.newestFirst()].reverse(),
        refunds: [...ledger.refunds.newestFirst()].reverse(),
        disputes: [...ledger.disputes.newestFirst()].reverse(),
        webhooks: {
          urls: webhooks.urls,
          events: ledger.events.size,
          delivered,
          repeated,
          failedTries,
          lastFailure,
          undelivered: waiting.filter((event) => !event.lost).map(summary),
          lost: waiting.filter((event) => event.lost).map(summary),
        },
        requests: structuredClone(requests),
        faults: structuredClone(faults.current),
      };
    },
    async advance(ms) {
      ledger.commit({ advancedMs: ledger.advancedMs + ms });
      desk.expireDue();
      await journal().flushed();
    },
    redeliver(eventId) {
      const chosen =
        eventId === undefined
          ? [...ledger.events.newestFirst()].filter((event) => event.open.size > 0).reverse()
          : [ledger.events.get(eventId)].filter((event) => event !== undefined);
      for (const event of chosen) webhooks.send(event);
      return chosen.map((event) => event.id);
    },
    receivers(urls) {
      webhooks.urls = urls;
    },
    async authenticate(intentId, outcome) {
      const intent = ledger.intents.get(intentId);
      if (intent === undefined) throw new NotThere(`There is no ${intentId}`);
      const decision = authenticate(intent, outcome === 'complete', desk.facts());
      await keep(decision);
      return decision.shows.kind === 'intent' ? decision.shows : intent;
    },
    async dispute(intentId, reason) {
      const charge = ledger.charges.get(ledger.intents.get(intentId)?.chargeId ?? '');
      if (!charge?.captured) throw new NotThere(`Nothing was taken for ${intentId}`);
      const decision = openDispute(charge, reason, desk.facts());
      await keep(decision);
      return decision.dispute;
    },
    async decideDispute(disputeId, outcome) {
      const dispute = ledger.disputes.get(disputeId);
      if (!dispute || !isOpen(dispute)) throw new NotThere(`There is no open dispute ${disputeId}`);
      const decision = closeDispute(dispute, outcome);
      await keep(decision);
      return decision.dispute;
    },
    async decideRefund(refundId, outcome) {
      const refund = ledger.refunds.get(refundId);
      if (!refund || refund.released || refund.status === 'failed') throw new NotThere(`There is no such ${refundId}`);
      const decision = settleRefund(refund, outcome, desk.facts());
      await keep(decision);
      return decision.refund;
    },
  };
}

function summary(event: StripeEvent): EventSummary {
  return { id: event.id, type: event.type, created: event.created, about: event.row.id };
}

export class NotThere extends Error {}

const Outcome = z.strictObject({ outcome: z.enum(['complete', 'fail']) });

/** Compared by their digests, so that the time does not tell how much of a key is right. */
function isSame(given: string, wanted: string): boolean {
  const [one, other] = [given, wanted].map((it) => createHash('sha256').update(it).digest());
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}

/** With the secret key, as `Authorization: Bearer sk_…`. */
const hasKey = (req: Request, secretKey: string) => isSame(req.get('authorization') ?? '', `Bearer ${secretKey}`);

/**
 * The controls are for whoever has the secret key: they can take back and give out money. The page of the buyer's bank
 * is also for the buyer, whose browser has the payment's client secret from the link.
 */
function guard(secretKey: string, ledger: Ledger): RequestHandler {
  return (req, res, next) => {
    const [, intentId = ''] = /^\/authenticate\/([^/]+)$/.exec(req.path) ?? [];
    const { secret } = ledger.intents.get(intentId) ?? {};
    const { client_secret: given } = req.query;
    if (hasKey(req, secretKey) || (secret && typeof given === 'string' && isSame(given, secret))) return next();
    res
      .status(401)
      .json({ code: 'key-needed', detail: 'The controls need the secret key: Authorization: Bearer sk_…' });
  };
}

/** `/sandbox/…`: the switches, the state, and the page of the buyer's bank. */
export function controlRoutes(controls: Controls, faults: FaultPlan, ledger: Ledger, secretKey: string): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.use('/sandbox', guard(secretKey, ledger));
  router.use('/sandbox', express.json(), express.urlencoded({ extended: false }));

  router.get('/sandbox/faults', (_req, res) => {
    res.json(faults.current);
  });
  // PUT replaces all of it, PATCH changes a part; both restart the seeded choices.
  router.put('/sandbox/faults', (req, res) => {
    res.json(controls.faults(req.body ?? {}));
  });
  router.patch('/sandbox/faults', (req, res) => {
    res.json(controls.faults({ ...faults.current, ...req.body }));
  });
  router.delete('/sandbox/faults', (_req, res) => {
    res.json(controls.faults({}));
  });
  router.get('/sandbox/state', (_req, res) => {
    res.json(controls.state());
  });
  router.post('/sandbox/clock', async (req, res) => {
    const { advanceMs } = z.strictObject({ advanceMs: z.int().nonnegative() }).parse(req.body ?? {});
    await controls.advance(advanceMs);
    res.json({ now: controls.state().now });
  });
  router.put('/sandbox/webhooks', (req, res) => {
    const { urls } = z.strictObject({ urls: z.array(z.url()) }).parse(req.body ?? {});
    controls.receivers(urls);
    res.json({ urls });
  });
  router.post('/sandbox/webhooks/redeliver', (req, res) => {
    const { eventId } = z.strictObject({ eventId: z.string().optional() }).parse(req.body ?? {});
    const redelivered = controls.redeliver(eventId);
    if (eventId !== undefined && redelivered.length === 0) throw new NotThere(`There is no ${eventId}`);
    res.json({ redelivered });
  });

  const OpenDispute = z.strictObject({ payment_intent: z.string(), reason: z.string().default('fraudulent') });
  router.post('/sandbox/disputes', async (req, res) => {
    const { payment_intent: intent, reason } = OpenDispute.parse(req.body ?? {});
    res.status(201).json(await controls.dispute(intent, reason));
  });
  router.post('/sandbox/disputes/:dispute', async (req, res) => {
    const { outcome } = z.strictObject({ outcome: z.enum(['won', 'lost']) }).parse(req.body ?? {});
    res.json(await controls.decideDispute(req.params.dispute, outcome));
  });
  router.post('/sandbox/refunds/:refund', async (req, res) => {
    const { outcome } = z.strictObject({ outcome: z.enum(['succeeded', 'failed']) }).parse(req.body ?? {});
    res.json(await controls.decideRefund(req.params.refund, outcome));
  });

  router.get('/sandbox/authenticate/:intent', (req, res) => {
    const intent = ledger.intents.get(req.params.intent);
    if (intent === undefined) throw new NotThere(`There is no ${req.params.intent}`);
    page(
      res,
      intent.status === 'requires_action'
        ? `<h1>Your bank asks: is it you?</h1>
           <p>A payment of ${escapeHtml(inWords(intent))} waits for you. This page stands for the bank of a test card.</p>
           <form method="post"><button name="outcome" value="complete" autofocus>Complete authentication</button>
           <button name="outcome" value="fail">Fail authentication</button></form>`
        : `<h1>Nothing to do</h1><p>This payment does not wait for an authentication (${intent.status}).</p>`,
    );
  });
  router.post('/sandbox/authenticate/:intent', async (req, res) => {
    const { outcome } = Outcome.parse(req.body ?? {});
    const returnUrl = ledger.intents.get(req.params.intent)?.nextAction?.returnUrl ?? null;
    const intent = await controls.authenticate(req.params.intent, outcome);
    if (req.is('application/json')) return void res.json({ id: intent.id, status: intent.status });
    if (returnUrl === null) return page(res, '<h1>Done</h1><p>You may close this window.</p>');
    const back = new URL(returnUrl);
    back.searchParams.set('payment_intent', intent.id);
    back.searchParams.set('payment_intent_client_secret', intent.secret);
    back.searchParams.set('redirect_status', intent.lastError === null ? 'succeeded' : 'failed');
    res.redirect(303, back.href);
  });
  return router;
}

function page(res: Response, body: string): void {
  res.type('html').send(`<!doctype html><html lang="en"><meta charset="utf-8"><title>Stripe sandbox</title>
<meta name="viewport" content="width=device-width"><style>body{font:1rem/1.5 system-ui;max-width:30rem;margin:4rem auto;padding:0 1rem}
button{font:inherit;padding:.5rem 1rem;margin-right:.5rem}</style><body>${body}</body></html>`);
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
