import { type AnnouncingService, announcingService, type ServiceParts } from '@box-office/common/announcing-service';
import { aggregates } from '@box-office/common/store/aggregates';
import { listeners } from './listeners.ts';
import { lookup, lookupIndexes, prepareLookups, sweepLookups } from './lookup.ts';
import { api } from './routes.ts';
import { listsInTurn } from './search.ts';
import { createShows } from './shows/shows.ts';
import { current, snapshot, Ticket } from './ticket.ts';
import { createWindows } from './windows.ts';

/** How often to mark tickets whose event has begun. The list excludes the rest itself; the sweep keeps them few. */
const sweepEveryMs = 5_000;

/** Tickets: what people sell, single tickets and shows, and which order holds each of them, as announced by orders. */
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
  const shows = createShows(storeOptions);
  return assemble({
    stores: [tickets, { prepare: () => prepareLookups({ connection, now }) }, ...shows.stores],
    listeners: listeners(tickets, shows.parts.units),
    routes: api({ tickets, windows: createWindows(), keys, now, readInTurn: listsInTurn(), ...shows.parts }).routes,
    jobs: [() => sweepLookups({ connection, now, everyMs: sweepEveryMs, logger }), ...shows.jobs],
  });
}
