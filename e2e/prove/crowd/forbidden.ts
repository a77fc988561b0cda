import type { Route } from '@box-office/common/http/route';
import type { Person } from '../../support/shop.ts';

/**
 * The caller: without a session, with a forged token, or signed in, with their role in the sale. The guest is one who
 * has nothing to do with it.
 */
export const roles = ['nobody', 'forger', 'stranger', 'guest', 'seller', 'buyer'] as const;
export type Role = (typeof roles)[number];

/** A ticket, who sells it, an order for it, and a show of the same seller. */
export interface Deal {
  readonly ticketId: string;
  readonly showId: string;
  readonly seller: Person;
  readonly orderId: string;
  readonly buyer: Person;
  /** The buyer's place in a waiting list, where it is about those. */
  readonly entryId?: string;
}

/**
 * Who owns what a route acts on. Every route with an id in its path or body is listed here or among the public ones.
 */
const owners: Readonly<Record<string, 'seller' | 'buyer'>> = {
  'PUT /api/tickets/:id': 'seller',
  'DELETE /api/tickets/:id': 'seller',
  'PUT /api/shows/:id': 'seller',
  'POST /api/shows/:id/pause': 'seller',
  'POST /api/shows/:id/resume': 'seller',
  'POST /api/shows/:id/cancel': 'seller',
  'GET /api/shows/:id/sales': 'seller',
  'GET /api/shows/:id/sales.csv': 'seller',
  'GET /api/orders/sold/:id': 'seller',
  'GET /api/orders/:id': 'buyer',
  'DELETE /api/orders/:id': 'buyer',
  'PUT /api/orders/:id/resale': 'buyer',
  'GET /api/waiting-list/:id': 'buyer',
  'DELETE /api/waiting-list/:id': 'buyer',
  'POST /api/payments': 'buyer',
  'POST /api/payments/:orderId/refund': 'seller',
  'DELETE /api/auth/sessions/:id': 'buyer',
  'DELETE /api/auth/passkeys/:id': 'buyer',
};

/** Routes that every signed-in user may call, with any id. */
const openToAll = new Set(['POST /api/orders']);

/** A valid body, so that the sender is the only reason to refuse. */
const bodies: Readonly<Record<string, (deal: Deal) => unknown>> = {
  'POST /api/tickets': () => ({ title: 'Nothing that anybody sells', price: 1_000 }),
  'PUT /api/tickets/:id': () => ({ title: 'Nothing that anybody sells', price: 1_000 }),
  'POST /api/shows': () => ({
    title: 'Nothing that anybody sells',
    venue: { name: 'Nowhere' },
    timeZone: 'Europe/Berlin',
    startsAt: '9000-01-01T20:00:00.000Z',
    kinds: [{ name: 'Standing', price: 1_000, quantity: 1 }],
  }),
  'PUT /api/shows/:id': () => ({ title: 'Nothing that anybody sells' }),
  'POST /api/orders': ({ ticketId }) => ({ ticketId }),
  'PUT /api/orders/:id/resale': ({ ticketId }) => ({ tickets: [ticketId] }),
  'POST /api/waiting-list': ({ showId }) => ({ showId, kindId: showId, quantity: 1 }),
  'POST /api/payments': ({ orderId }) => ({ orderId }),
  'POST /api/payments/:orderId/refund': () => ({ amount: 1 }),
  'POST /api/auth/account': () => ({ password: 'a password of nobody' }),
  'PUT /api/auth/password': () => ({ password: 'a password of nobody' }),
  'DELETE /api/auth/account': () => ({}),
  'POST /api/auth/passkeys/options': () => ({}),
  'DELETE /api/auth/passkeys/:id': () => ({}),
  'POST /api/auth/passkeys': () => ({
    response: {
      ...{ id: 'AA', rawId: 'AA', type: 'public-key', clientExtensionResults: {} },
      response: { clientDataJSON: 'AA', attestationObject: 'AA' },
    },
  }),
};

/** One route as one role that may not use it. */
export interface Cell {
  /** `PUT /api/tickets/:id as stranger` */
  readonly name: string;
  readonly route: string;
  readonly role: Role;
  readonly refusals: readonly number[];
  request(deal: Deal): { readonly method: string; readonly path: string; readonly body?: unknown };
}

const nameOf = ({ method, path }: Pick<Route, 'method' | 'path'>) => `${method} ${path}`;

/**
 * Every route as every role that may not use it, derived from the routes' declarations.
 *
 * @throws when a declared route has an id and no owner here: it would go untried
 */
export function forbidden(routes: readonly Route[]): Cell[] {
  return routes
    .filter(({ who }) => who === 'signedIn')
    .flatMap((route) => {
      const name = nameOf(route);
      const owner = owners[name];
      if (!owner && !openToAll.has(name) && route.path.includes(':')) {
        throw new Error(`${name} has no owner: add it to owners`);
      }
      if (route.body && !bodies[name]) throw new Error(`${name} needs a valid body in bodies`);
      const cell = (role: Role, refusals: readonly number[]): Cell => ({
        name: `${name} as ${role}`,
        route: name,
        role,
        refusals,
        request: (deal) => ({
          method: route.method,
          path: pathFor(route.path, deal),
          ...(bodies[name] ? { body: bodies[name](deal) } : {}),
        }),
      });
      const signedIn = owner ? roles.slice(2).filter((role) => role !== owner) : [];
      return [...roles.slice(0, 2).map((role) => cell(role, [401])), ...signedIn.map((role) => cell(role, [403, 404]))];
    });
}

/** The body that the crowd sends, exported for the test that it is valid. */
export const bodyFor = (route: Route, deal: Deal): unknown => bodies[nameOf(route)]?.(deal);

function pathFor(path: string, { ticketId, showId, orderId, entryId = orderId }: Deal): string {
  const ids: Readonly<Record<string, string>> = { tickets: ticketId, shows: showId, 'waiting-list': entryId };
  return path.replace(/:\w+/, ids[path.split('/')[2] ?? ''] ?? orderId);
}
