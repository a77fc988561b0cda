import { type AnnouncingService, announcingService, type ServiceParts } from '@box-office/common/announcing-service';
import { awaitedCopies } from '@box-office/common/messaging/awaited-copies';
import { aggregates } from '@box-office/common/store/aggregates';
import { knownTickets } from './known-ticket.ts';
import { listeners } from './listeners.ts';
import { current, lookup, Order, snapshot } from './order.ts';
import { api } from './routes.ts';
import { sweepExpired } from './sweep.ts';

export interface OrdersParts extends ServiceParts {
  readonly windowMs: number;
  readonly sweepEveryMs: number;
}

/** Orders: who holds which ticket, until when, and how it ended. */
export function createOrders(parts: OrdersParts): AnnouncingService {
  const { bus, now, logger, windowMs, sweepEveryMs } = parts;
  const { storeOptions, keys, assemble } = announcingService('orders', parts);
  const known = knownTickets(storeOptions);
  const orders = aggregates(
    {
      collection: 'orders',
      state: Order,
      snapshot,
      current,
      lookup,
      indexes: [
        // One holder: of two orders with the same attempt at a ticket, this index refuses one. Sparse, because orders
        // of earlier releases have no claims.
        { keys: { claims: 1 }, unique: true, sparse: true },
        // The same for the first ticket, which is the only one in orders of earlier releases.
        { keys: { ticketId: 1, attempt: 1 }, unique: true },
        { keys: { userId: 1, _id: -1 } },
        { keys: { status: 1, expiresAt: 1 } },
      ],
    },
    storeOptions,
  );
  return assemble({
    stores: [orders, known],
    listeners: listeners(orders, known, now),
    routes: api({ orders, knownTickets: awaitedCopies({ copies: known, bus, now }), now, keys, windowMs }).routes,
    jobs: [() => sweepExpired(orders, { now, everyMs: sweepEveryMs, logger })],
  });
}
