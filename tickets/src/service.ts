import { createApp } from '@box-office/common/http/app';
import { idempotencyKeys } from '@box-office/common/http/idempotency';
import { participant } from '@box-office/common/messaging/participant';
import { createRelay } from '@box-office/common/messaging/relay/relay';
import type { AnnouncingService, ServiceParts } from '@box-office/common/messaging/service';
import { aggregates } from '@box-office/common/store/aggregates';
import { listeners } from './listeners.ts';
import { api } from './routes.ts';
import { current, snapshot, Ticket } from './ticket.ts';

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
      indexes: [{ keys: { userId: 1, _id: -1 } }, { keys: { withdrawn: 1, 'hold.status': 1, _id: -1 } }],
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
  return { app, ...part };
}
