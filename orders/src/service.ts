import { countdown, within } from '@box-office/common/deadline';
import { createApp } from '@box-office/common/http/app';
import { idempotencyKeys } from '@box-office/common/http/idempotency';
import { news } from '@box-office/common/messaging/news';
import { participant } from '@box-office/common/messaging/participant';
import { createRelay } from '@box-office/common/messaging/relay/relay';
import type { AnnouncingService, ServiceParts } from '@box-office/common/messaging/service';
import { aggregates } from '@box-office/common/store/aggregates';
import { knownTickets } from './known-ticket.ts';
import { listeners } from './listeners.ts';
import { current, Order, snapshot } from './order.ts';
import { api } from './routes.ts';
import { sweepExpired } from './sweep.ts';

export interface OrdersParts extends ServiceParts {
  readonly windowMs: number;
  readonly sweepEveryMs: number;
}

/** Orders: who holds which ticket, until when, and how it ended. */
export function createOrders(parts: OrdersParts): AnnouncingService {
  const { bus, connection, identity, logger, metrics, now, newId, stream, writesPerMinute, windowMs, sweepEveryMs } =
    parts;
  const relay = createRelay({ bus, connection, announcer: 'orders', stream, logger, now });
  const known = knownTickets({ connection, logger, metrics });
  const orders = aggregates(
    {
      collection: 'orders',
      state: Order,
      snapshot,
      current,
      indexes: [
        // One holder: of two orders that make the same attempt at a ticket, one is refused here.
        { keys: { ticketId: 1, attempt: 1 }, unique: true },
        { keys: { userId: 1, _id: -1 } },
        { keys: { status: 1, expiresAt: 1 } },
      ],
    },
    { connection, relay, now, newId, logger, metrics },
  );
  const keys = idempotencyKeys({ connection, now, newId });
  const part = participant({
    service: 'orders',
    bus,
    connection,
    relay,
    stores: [orders, known, keys],
    listeners: listeners(orders, known, now),
    stream,
    logger,
    metrics,
    now,
  });
  const app = createApp({
    name: 'orders',
    logger,
    metrics,
    writesPerMinute,
    identity,
    routes: api({ orders, knownTickets: news({ copies: known, bus, now }), now, keys, windowMs }).routes,
    readiness: part.waitingFor,
  });

  let sweep: { stop(): Promise<void> } | undefined;
  return {
    app,
    waitingFor: part.waitingFor,
    republish: part.republish,
    async start() {
      await part.start();
      sweep = sweepExpired(orders, { now, everyMs: sweepEveryMs, logger });
    },
    async stop(withinMs = 8_000) {
      const left = countdown(withinMs);
      // Whatever it has in hand may be dropped at any moment; the next round does it.
      await within(withinMs / 8, sweep?.stop());
      await part.stop(left());
    },
  };
}
