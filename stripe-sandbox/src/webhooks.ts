import { createHmac } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { aboutOrder, failed, inTask, SpanKind } from '@box-office/common/telemetry/span';
import { currentTraceparent } from '@box-office/common/telemetry/trace';
import type { FaultPlan } from './faults.ts';
import type { StripeEvent } from './ledger.ts';

/** Stripe goes on for three days; so does the last of these, again and again. */
export const defaultRetryDelaysMs = [200, 500, 1_000, 2_000, 5_000, 10_000, 30_000];
const GIVE_UP_AFTER_MS = 3 * 24 * 60 * 60 * 1000;
const ANSWER_WITHIN_MS = 10_000;
const HELD_AT_MOST_MS = 2_000;
const AT_ONCE = 32;

/**
 * The header `stripe-signature` (docs.stripe.com/webhooks/signature): one v1 for each secret, so that a receiver can
 * change its secret without losing any.
 */
export function signature(payload: string, secrets: string[], now: Date): string {
  const time = Math.floor(now.getTime() / 1000);
  const signed = secrets.map((secret) => createHmac('sha256', secret).update(`${time}.${payload}`).digest('hex'));
  return [`t=${time}`, ...signed.map((hex) => `v1=${hex}`)].join(',');
}

interface Delivery {
  event: StripeEvent;
  endpoint: number;
  since: number;
  tries: number;
  /** A further delivery of what the receiver has confirmed already. */
  repeats: number;
  /** Of the call that the event is about; empty if there was none. */
  traceparent: string;
}

export interface WebhookStats {
  delivered: number;
  repeated: number;
  lost: number;
  failedTries: number;
  lastFailure: string | null;
}

export interface Webhooks {
  urls: string[];
  readonly stats: WebhookStats;
  /** Sends new events, subject to the faults that are switched on. */
  announce(events: StripeEvent[]): void;
  /** Sends an event to every receiver, whether it had it before or not, free of faults. */
  send(event: StripeEvent): void;
  /** Takes up what was not confirmed when the sandbox last stopped. */
  resume(events: Iterable<StripeEvent>): void;
  /** Cuts off the deliveries that are under way. Resolves once they have ended. */
  stop(): Promise<void>;
}

export interface WebhookOptions {
  urls: string[];
  secrets: string[];
  retryDelaysMs: number[];
  faults: FaultPlan;
  /** The body to send; called at each try, since the number of receivers still to confirm changes. */
  body: (event: StripeEvent) => string;
  /** The order that an event is about, if that is known. */
  orderOf: (event: StripeEvent) => string | undefined;
  onDelivered: (event: StripeEvent, endpoint: number) => void;
  onLost: (event: StripeEvent) => void;
}

/** Delivers events at least once and in no promised order, as Stripe does. */
export function createWebhooks(options: WebhookOptions): Webhooks {
  const { faults, secrets, retryDelaysMs, body, orderOf, onDelivered, onLost } = options;
  const agents = {
    'http:': new http.Agent({ keepAlive: true, maxSockets: AT_ONCE }),
    'https:': new https.Agent({ keepAlive: true, maxSockets: AT_ONCE }),
  };
  const timers = new Set<NodeJS.Timeout>();
  const ready: Delivery[] = [];
  const held = new Set<Delivery>();
  const stats: WebhookStats = { delivered: 0, repeated: 0, lost: 0, failedTries: 0, lastFailure: null };
  let urls = options.urls;
  const underWay = new Set<Promise<void>>();
  let waiting = false;
  let stopped = false;

  function after(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, ms);
    timers.add(timer);
  }

  function queue(delivery: Delivery, ms = 0): void {
    if (ms > 0) {
      after(ms, () => queue(delivery));
      return;
    }
    ready.push(delivery);
    pump();
  }

  function pump(): void {
    while (!stopped && underWay.size < AT_ONCE) {
      if (faults.current.down) {
        lookAgain();
        return;
      }
      const delivery = ready.shift();
      if (delivery === undefined) return;
      const trying = attempt(delivery)
        .catch((error: unknown) => {
          stats.lastFailure = String(error);
        })
        .finally(() => {
          underWay.delete(trying);
          pump();
        });
      underWay.add(trying);
    }
  }

  function lookAgain(): void {
    if (waiting || ready.length === 0) return;
    waiting = true;
    after(100, () => {
      waiting = false;
      pump();
    });
  }

  async function attempt(delivery: Delivery): Promise<void> {
    const url = urls[delivery.endpoint];
    // The receiver was taken away.
    if (url === undefined) return;
    delivery.tries += 1;
    const failure = await sent(delivery, url);
    if (stopped) return;
    if (failure !== undefined) {
      stats.failedTries += 1;
      stats.lastFailure = `${url}: ${failure}`;
      const delay = retryDelaysMs[Math.min(delivery.tries, retryDelaysMs.length) - 1];
      if (delay !== undefined && Date.now() - delivery.since < GIVE_UP_AFTER_MS) queue(delivery, delay);
      return;
    }
    confirmed(delivery);
  }

  function confirmed(delivery: Delivery): void {
    if (delivery.event.open.has(delivery.endpoint)) {
      stats.delivered += 1;
      onDelivered(delivery.event, delivery.endpoint);
    } else {
      stats.repeated += 1;
    }
    if (delivery.repeats > 0) queue({ ...delivery, repeats: delivery.repeats - 1, tries: 0 });
    for (const earlier of held) letGo(earlier);
  }

  function letGo(delivery: Delivery): void {
    if (held.delete(delivery)) queue(delivery);
  }

  function sent({ event, traceparent }: Delivery, url: string): Promise<string | undefined> {
    return inTask(`send ${event.type}`, { kind: SpanKind.INTERNAL, traceparent }, async (span) => {
      aboutOrder(orderOf(event));
      const failure = await post(url, body(event));
      if (failure !== undefined) failed(span, 'not confirmed');
      span.end();
      return failure;
    });
  }

  function post(url: string, payload: string): Promise<string | undefined> {
    const target = new URL(url);
    const secure = target.protocol === 'https:';
    return new Promise((resolve) => {
      const request = (secure ? https : http).request(
        target,
        {
          method: 'POST',
          agent: agents[secure ? 'https:' : 'http:'],
          timeout: ANSWER_WITHIN_MS,
          headers: {
            'content-type': 'application/json; charset=utf-8',
            'content-length': Buffer.byteLength(payload),
            'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
            // The receiver compares with its own clock, so this is the time of day even when the sandbox's clock was
            // advanced.
            'stripe-signature': signature(payload, secrets, new Date()),
          },
        },
        (response) => {
          response.resume();
          const status = response.statusCode ?? 0;
          response.on('error', (error) => resolve(error.message));
          response.on('end', () => resolve(status >= 200 && status < 300 ? undefined : `answered ${status}`));
        },
      );
      request.on('timeout', () => request.destroy(new Error(`no answer within ${ANSWER_WITHIN_MS} ms`)));
      request.on('error', (error) => resolve(error.message));
      request.end(payload);
    });
  }

  function deliveriesOf(event: StripeEvent, endpoints: Iterable<number>, repeats = 0): Delivery[] {
    const traceparent = currentTraceparent();
    return [...endpoints].map((endpoint) => ({ event, endpoint, since: Date.now(), tries: 0, repeats, traceparent }));
  }

  return {
    get urls() {
      return urls;
    },
    set urls(next) {
      urls = next;
    },
    stats,
    announce(events) {
      for (const event of events) {
        if (event.open.size === 0) continue;
        if (faults.strikes(faults.current.loseWebhooks)) {
          stats.lost += 1;
          onLost(event);
          continue;
        }
        const { repeatWebhooks, reorderWebhooks } = faults.current;
        const repeats = faults.strikes(repeatWebhooks) ? repeatWebhooks.times : 0;
        for (const delivery of deliveriesOf(event, event.open, repeats)) {
          if (faults.strikes(reorderWebhooks)) {
            held.add(delivery);
            after(HELD_AT_MOST_MS, () => letGo(delivery));
          } else {
            queue(delivery, faults.webhookDelayMs());
          }
        }
      }
    },
    send(event) {
      for (const delivery of deliveriesOf(event, urls.keys())) queue(delivery);
    },
    resume(events) {
      for (const event of events) {
        if (event.lost) continue;
        for (const delivery of deliveriesOf(event, event.open)) queue(delivery);
      }
    },
    async stop() {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
      agents['http:'].destroy();
      agents['https:'].destroy();
      await Promise.all(underWay);
    },
  };
}
