import { type AnnouncingService, announcingService, type ServiceParts } from '@box-office/common/announcing-service';
import { awaitedCopies } from '@box-office/common/messaging/awaited-copies';
import { type AggregateKind, type Aggregates, aggregates } from '@box-office/common/store/aggregates';
import type { Logger } from 'pino';
import { fillInSold } from './fill-in-sold.ts';
import { knownTickets } from './known-ticket.ts';
import { listeners } from './listeners.ts';
import { lookup } from './lookup.ts';
import { countingEnds, overdueOrdersMetric } from './metrics.ts';
import { current, Order, snapshot } from './order.ts';
import { ordering } from './ordering.ts';
import type { Limits } from './places.ts';
import { attemptsIn } from './resale/attempts.ts';
import { type Resales, resales } from './resale/resales.ts';
import { api } from './routes.ts';
import { cancelledShowStore } from './shows/cancelled-show-store.ts';
import { cancelledShows } from './shows/cancelled-shows.ts';
import { type FreeUnits, freeUnits } from './shows/free-units.ts';
import { holdingOf, holdingsIn } from './shows/holdings.ts';
import { knownShows, rememberedShows } from './shows/known-show.ts';
import { sweepExpired, sweepUnsettled } from './sweep.ts';
import { createWaiting, type WaitingSettings } from './waiting/waiting.ts';

export interface OrdersParts extends ServiceParts {
  readonly windowMs: number;
  readonly sweepEveryMs: number;
  readonly limits: Limits;
  readonly waiting: WaitingSettings;
}

/** Orders: who holds which ticket, until when, and how it ended. */
export function createOrders(parts: OrdersParts): AnnouncingService {
  const { bus, connection, now, logger, metrics, windowMs, sweepEveryMs, limits } = parts;
  const { storeOptions, keys, assemble } = announcingService('orders', parts);
  const [tickets, shows] = [knownTickets(storeOptions), knownShows(storeOptions)];
  const units = freeUnits({ holdings: holdingsIn(connection), now });
  const waiting = createWaiting({ storeOptions, freeUnits: units, ...parts.waiting });
  const counted = countingEnds(aggregates(kind, storeOptions), metrics);
  overdueOrdersMetric(counted, { now, metrics });
  const noted = noting(counted, units, waiting.freed);
  const resale = resales(noted, attemptsIn(connection));
  const settle = settler(resale, logger);
  const orders = settling(noted, settle);
  const remembered = rememberedShows(awaitedCopies({ copies: shows, bus, now }), connection);
  const { turns } = waiting;
  const waitingWindowMs = parts.waiting.windowMs;
  const order = ordering({ orders, freeUnits: units, limits, now, windowMs, waitingWindowMs, turns });
  const cancelled = cancelledShows({
    store: cancelledShowStore(connection, now),
    ...{ orders, now, everyMs: sweepEveryMs, logger },
  });
  return assemble({
    stores: [orders, tickets, shows, waiting.store, cancelled],
    listeners: listeners(orders, tickets, shows, cancelled, remembered, now),
    routes: api({
      orders,
      ordering: order,
      knownTickets: awaitedCopies({ copies: tickets, bus, now }),
      knownShows: remembered,
      resale,
      keys,
      waiting: waiting.actions(orders),
      now,
    }).routes,
    jobs: [
      () => sweepExpired(orders, { now, everyMs: sweepEveryMs, logger }),
      () => sweepUnsettled(noted, settle, { now, everyMs: sweepEveryMs, logger }),
      () => fillInSold({ connection, logger }),
      ...waiting.jobs({ orders, ordering: order, shows: remembered }),
      cancelled.start,
    ],
  });
}

const kind: AggregateKind<Order> = {
  collection: 'orders',
  state: Order,
  snapshot,
  current,
  lookup,
  indexes: [
    // One holder: of two orders with the same attempt at a ticket, this index refuses one. Sparse, because orders of
    // earlier releases have no claims.
    { keys: { claims: 1 }, unique: true, sparse: true },
    // The same for the first ticket, which is the only one in orders of earlier releases.
    { keys: { ticketId: 1, attempt: 1 }, unique: true },
    // Limits of one person, which also hold for concurrent requests.
    { keys: { slots: 1 }, unique: true, sparse: true },
    { keys: { shelf: 1 }, sparse: true },
    { keys: { unsettled: 1 }, sparse: true },
    { keys: { userId: 1, _id: -1 } },
    { keys: { status: 1, expiresAt: 1 } },
    { keys: { sold: 1 }, sparse: true },
  ],
};

/** Keeps the list of free tickets up to date with what this process writes. */
function noting(orders: Aggregates<Order>, units: FreeUnits, freed: (showId: string) => void): Aggregates<Order> {
  const note = (order: Order): Order => {
    if (order.showId === null) return order;
    const holding = holdingOf(order);
    units.learn(order.showId, holding);
    if (holding.tickets.some(({ isHeld }) => !isHeld)) freed(order.showId);
    return order;
  };
  return {
    ...orders,
    add: async (change) => note(await orders.add(change)),
    change: async (...how) => note(await orders.change(...how)),
  };
}

/** Settles what has ended with those who had the tickets before: see `Resales`. */
function settling(orders: Aggregates<Order>, settle: (order: Order) => Promise<void>): Aggregates<Order> {
  const after = async (order: Order): Promise<Order> => {
    await settle(order);
    return order;
  };
  return {
    ...orders,
    add: async (change) => after(await orders.add(change)),
    change: async (...how) => after(await orders.change(...how)),
  };
}

/** What has been written stays so if settling fails, and the sweep repeats it. */
const settler =
  (resale: Resales, logger: Logger) =>
  async (order: Order): Promise<void> => {
    try {
      await resale.settle(order);
    } catch (error) {
      logger.error({ err: error, orderId: order.id }, 'could not settle an order with earlier holders; will try again');
    }
  };
