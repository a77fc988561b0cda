/**
 * The whole system in one file. Every other list of services is derived from it or checked against it by
 * new-service/places.test.ts. `npm run new-service NAME` adds an entry and everything that belongs to it elsewhere.
 */
export interface ServiceEntry {
  /** The name of its folder, package, process, database, stream and Kubernetes Service. */
  readonly name: string;
  /** Its purpose, in one sentence. */
  readonly does: string;
  /** Whether it has a database, which no other service may read. */
  readonly stores: boolean;
  /** Whether it announces events, on a stream of the same name. They are defined in common/src/contracts. */
  readonly announces: boolean;
  /** The services whose events it listens to. */
  readonly hears: readonly string[];
  /** The path under which the gateway serves it; null if it is not reachable from outside. */
  readonly serves: `/api/${string}` | null;
  /** The local port for a debugger after `task debug`. */
  readonly debugPort: number;
}

export const services = [
  {
    name: 'auth',
    does: 'Accounts and sessions; signs the identities that the others trust',
    stores: true,
    announces: false,
    hears: [],
    serves: '/api/auth',
    debugPort: 9230,
  },
  {
    name: 'tickets',
    does: 'What sellers list, edit and withdraw',
    stores: true,
    announces: true,
    hears: ['orders'],
    serves: '/api/tickets',
    debugPort: 9231,
  },
  {
    name: 'orders',
    does: 'Who holds which ticket, and until when',
    stores: true,
    announces: true,
    hears: ['tickets', 'payments', 'expiration'],
    serves: '/api/orders',
    debugPort: 9232,
  },
  {
    name: 'payments',
    does: 'The money, with Stripe or with the sandbox',
    stores: true,
    announces: true,
    hears: ['orders'],
    serves: '/api/payments',
    debugPort: 9233,
  },
  {
    name: 'expiration',
    does: 'Timers, which JetStream keeps',
    stores: false,
    announces: true,
    hears: ['orders'],
    serves: null,
    debugPort: 9234,
  },
] as const satisfies readonly ServiceEntry[];

type Entry = (typeof services)[number];

export type ServiceName = Entry['name'];
/** A service that owns a stream. */
export type Announcer = Extract<Entry, { announces: true }>['name'];
/** A service with a database. */
export type Storing = Extract<Entry, { stores: true }>['name'];
/** A service that people reach through the gateway. */
export type Served = Extract<Entry, { serves: string }>['name'];

export const serviceNames: readonly ServiceName[] = services.map(({ name }) => name);
export const storing: readonly Storing[] = services.flatMap((it) => (it.stores ? [it.name] : []));
export const announcers: readonly Announcer[] = services.flatMap((it) => (it.announces ? [it.name] : []));
export const served: readonly Served[] = services.flatMap((it) => (it.serves ? [it.name] : []));
/** The services that use NATS. */
export const onTheBus: readonly ServiceName[] = services.flatMap((it) =>
  it.announces || it.hears.length > 0 ? [it.name] : [],
);

/** What runs beside the services: the shop, and a stand-in for Stripe in development. */
export const companions = ['client', 'stripe-sandbox'] as const;
