import { type AnnouncingService, announcingService, type ServiceParts } from '@box-office/common/announcing-service';
import { aggregates } from '@box-office/common/store/aggregates';
import { listeners } from './listeners.ts';
import { lookup, lookupIndexes, sweepLookups } from './lookup.ts';
import { api } from './routes.ts';
import { current, snapshot, Ticket } from './ticket.ts';

/** How often to mark tickets whose event has begun. The list excludes the rest itself; the sweep keeps them few. */
const sweepEveryMs = 5_000;

/** Tickets: what sellers list, edit and withdraw, and which order holds each ticket, as announced by orders. */
export function createTickets(parts: ServiceParts): AnnouncingService {
  const { connection, logger, now } = parts;
  const { storeOptions, keys, assemble } = announcingService('tickets', parts);
  const tickets = aggregates(
    {
      collection: 'tickets',
      state: Ticket,
      snapshot,
      current,
      lookup,
      indexes: [{ keys: { userId: 1, _id: -1 } }, ...lookupIndexes],
    },
    storeOptions,
  );
  return assemble({
    stores: [tickets],
    listeners: listeners(tickets),
    routes: api({ tickets, keys, now }).routes,
    jobs: [() => sweepLookups({ connection, now, everyMs: sweepEveryMs, logger })],
  });
}
