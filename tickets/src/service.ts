import { createApp } from '@box-office/common/http/app';
import { idempotencyKeys } from '@box-office/common/http/idempotency';
import { participant } from '@box-office/common/messaging/participant';
import { createRelay } from '@box-office/common/messaging/relay/relay';
import type { AnnouncingService, ServiceParts } from '@box-office/common/messaging/service';
import { aggregates } from '@box-office/common/store/aggregates';
import { listeners } from './listeners.ts';
import { lookup, lookupIndexes, sweepLookups } from './lookup.ts';
import { api } from './routes.ts';
import { current, snapshot, Ticket } from './ticket.ts';

/** How often to look for tickets of what has begun. The list leaves them out anyway; the sweep keeps them few. */
const sweepEveryMs = 5_000;

/** Tickets: what sellers list, edit and withdraw, and who holds each ticket as far as orders have told. */
export function createTickets({
  bus,
  connection,
  identity,
  logger,
  metrics,
  now,
  newId,
  stream,
  writesPerMinute,
}: ServiceParts): AnnouncingService {
  const relay = createRelay({ bus, connection, announcer: 'tickets', stream, logger, now });
  const tickets = aggregates(
    {
      collection: 'tickets',
      state: Ticket,
      snapshot,
      current,
      lookup,
      indexes: [{ keys: { userId: 1, _id: -1 } }, ...lookupIndexes],
    },
    { connection, relay, now, newId, logger, metrics },
  );
  const keys = idempotencyKeys({ connection, now, newId });
  const part = participant({
    service: 'tickets',
    bus,
    connection,
    relay,
    stores: [tickets, keys],
    listeners: listeners(tickets),
    stream,
    logger,
    metrics,
    now,
  });
  const app = createApp({
    name: 'tickets',
    logger,
    metrics,
    writesPerMinute,
    identity,
    routes: api({ tickets, keys, now }).routes,
    readiness: part.waitingFor,
  });
  let sweep: { stop(): Promise<void> } | undefined;
  return {
    app,
    ...part,
    async start() {
      await part.start();
      sweep ??= sweepLookups({ connection, now, everyMs: sweepEveryMs, logger });
    },
    async stop() {
      await sweep?.stop();
      await part.stop();
    },
  };
}
