/**
 * The whole system in one file. Everything that lists services is derived from it, or held against it by new-service/places.test.ts.
 * `npm run new-service NAME` adds an entry, and what goes with it everywhere else.
 */
export interface ServiceEntry {
  /** Its folder, its package, its process, its database, its stream and its Kubernetes Service. */
  readonly name: string;
  /** What it is there for, in one sentence. */
  readonly does: string;
  /** Whether it has a database of its own, which nobody else may read. */
  readonly stores: boolean;
  /** Whether it announces events, on a stream that bears its name. What they are stands in common/src/contracts. */
  readonly announces: boolean;
  /** The services whose events it listens to. */
  readonly hears: readonly string[];
  /** Where the gateway leads people to it; null where nobody calls it. */
  readonly serves: `/api/${string}` | null;
  /** Where a debugger of this machine finds it after `task debug`. */
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
/** Those that talk to NATS at all. */
export const onTheBus: readonly ServiceName[] = services.flatMap((it) =>
  it.announces || it.hears.length > 0 ? [it.name] : [],
);

/** What runs beside the services: the shop, and a Stripe to develop against. */
export const companions = ['client', 'stripe-sandbox'] as const;
