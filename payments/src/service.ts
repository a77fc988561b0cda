import { countdown, within } from '@box-office/common/deadline';
import { createApp } from '@box-office/common/http/app';
import { idempotencyKeys } from '@box-office/common/http/idempotency';
import { news } from '@box-office/common/messaging/news';
import { participant } from '@box-office/common/messaging/participant';
import { createRelay } from '@box-office/common/messaging/relay/relay';
import type { AnnouncingService, ServiceParts } from '@box-office/common/messaging/service';
import { aggregates } from '@box-office/common/store/aggregates';
import type Stripe from 'stripe';
import { knownEvents } from './known-event.ts';
import { listeners } from './listeners.ts';
import { missedEvents } from './missed-events.ts';
import { payableOrders } from './payable-order.ts';
import { current, Payment, snapshot } from './payment.ts';
import { openPaymentsMetric, reconcile } from './reconcile.ts';
import { api } from './routes.ts';
import { createSettle } from './settle.ts';
import { createTill } from './stripe.ts';

export interface PaymentsParts extends ServiceParts {
  readonly stripe: Stripe;
  readonly publishableKey: string;
  /** A webhook signed with any of these is Stripe's. */
  readonly webhookSecrets: readonly string[];
  readonly reconcileEveryMs: number;
  readonly reconcileAfterMs: number;
}

/** Payments: the money of each order, in step with Stripe and with what became of the order. */
export function createPayments(parts: PaymentsParts): AnnouncingService {
  const { bus, connection, identity, logger, metrics, now, newId, stream, writesPerMinute, stripe, publishableKey } =
    parts;
  const relay = createRelay({ bus, connection, announcer: 'payments', stream, logger, now });
  const orders = payableOrders({ connection, logger, metrics });
  const payments = aggregates(
    {
      collection: 'payments',
      state: Payment,
      snapshot,
      current,
      indexes: [{ keys: { stripeId: 1 } }, { keys: { status: 1, since: 1 } }],
    },
    { connection, relay, now, newId, logger, metrics },
  );
  const events = knownEvents(connection, now);
  const till = createTill(stripe);
  openPaymentsMetric(payments, { now, metrics });
  const settle = createSettle({ payments, payableOrders: orders, till, now, logger });
  const keys = idempotencyKeys({ connection, now, newId });
  const part = participant({
    service: 'payments',
    bus,
    connection,
    relay,
    stores: [payments, orders, events, keys],
    listeners: listeners(orders, settle),
    stream,
    logger,
    metrics,
    now,
  });
  const app = createApp({
    name: 'payments',
    logger,
    metrics,
    writesPerMinute,
    identity,
    routes: api({
      payments,
      payableOrders: news({ copies: orders, bus, now }),
      knownEvents: events,
      till,
      settle,
      stripe,
      publishableKey,
      secrets: parts.webhookSecrets,
      keys,
      now,
      logger,
    }).routes,
    readiness: part.waitingFor,
  });

  let reconciler: { stop(): Promise<void> } | undefined;
  return {
    app,
    waitingFor: part.waitingFor,
    republish: part.republish,
    async start() {
      await part.start();
      const { reconcileEveryMs: everyMs, reconcileAfterMs: afterMs } = parts;
      const missed = missedEvents({ stripe, connection, payments, knownEvents: events, settle, now, afterMs, logger });
      reconciler = reconcile(payments, settle, missed, { now, everyMs, afterMs, logger });
    },
    async stop(withinMs = 8_000) {
      const left = countdown(withinMs);
      // Whatever it has in hand may be dropped at any moment; the next round does it.
      await within(withinMs / 8, reconciler?.stop());
      await part.stop(left());
    },
  };
}
