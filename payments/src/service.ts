import { type AnnouncingService, announcingService, type ServiceParts } from '@box-office/common/announcing-service';
import { awaitedCopies } from '@box-office/common/messaging/awaited-copies';
import { aggregates } from '@box-office/common/store/aggregates';
import type Stripe from 'stripe';
import { countingMoney, watchBalance } from './balance.ts';
import { knownEvents } from './known-event.ts';
import { listeners } from './listeners.ts';
import { missedEvents } from './missed-events.ts';
import { createOweEnded } from './owe-ended.ts';
import { payableOrders } from './payable-order.ts';
import { current, Payment, snapshot } from './payment.ts';
import { openIndexes, openPaymentsMetric, reconcile } from './reconcile.ts';
import { api } from './routes.ts';
import { createSettle } from './settle.ts';
import { settleSoon } from './settle-soon.ts';
import { createStripePayments } from './stripe.ts';

export interface PaymentsParts extends ServiceParts {
  readonly stripe: Stripe;
  readonly publishableKey: string;
  /** A webhook must be signed with one of these. */
  readonly webhookSecrets: readonly string[];
  readonly reconcileEveryMs: number;
  readonly reconcileAfterMs: number;
}

/** Payments: the money of each order, kept in step with Stripe and with the order. */
export function createPayments(parts: PaymentsParts): AnnouncingService {
  const { bus, connection, logger, metrics, now, stripe, publishableKey } = parts;
  const { storeOptions, keys, assemble } = announcingService('payments', parts);
  const orders = payableOrders(storeOptions);
  const stored = aggregates(
    {
      collection: 'payments',
      state: Payment,
      snapshot,
      current,
      indexes: [{ keys: { stripeId: 1 } }, ...openIndexes],
    },
    storeOptions,
  );
  const payments = countingMoney(stored, metrics);
  const events = knownEvents(connection, now);
  const atStripe = createStripePayments(stripe);
  openPaymentsMetric(payments, { now, metrics });
  const settle = createSettle({ payments, payableOrders: orders, atStripe, now, logger });
  const soon = settleSoon(settle);
  const { reconcileEveryMs: everyMs, reconcileAfterMs: afterMs } = parts;
  const missed = missedEvents({ stripe, connection, payments, knownEvents: events, settle, now, afterMs, logger });
  return assemble({
    stores: [payments, orders, events],
    listeners: listeners(orders, settle, createOweEnded({ payments, settleSoon: soon.add, now })),
    routes: api({
      payments,
      payableOrders: awaitedCopies({ copies: orders, bus, now }),
      knownEvents: events,
      atStripe,
      settle,
      stripe,
      publishableKey,
      secrets: parts.webhookSecrets,
      keys,
      now,
      logger,
    }).routes,
    jobs: [
      () => reconcile(payments, settle, missed, { now, everyMs, afterMs, logger }),
      watchBalance(payments, orders, { now, metrics, logger, everyMs }),
      () => soon,
    ],
  });
}
