/**
 * The whole system in one file. Every other list of services is derived from it or checked against it by
 * new-service/places.test.ts. `npm run new-service NAME` adds an entry and everything that belongs to it elsewhere.
 */
export interface ServiceEntry {
  /** The name of its folder, package, process, database, stream and Kubernetes Service. */
  readonly name: string;
  /** Its purpose, in one sentence. */
  readonly purpose: string;
  /** Whether it has a database, which no other service may read. */
  readonly hasDatabase: boolean;
  /** Whether it announces events, on a stream of the same name. They are defined in common/src/contracts. */
  readonly announces: boolean;
  /** The services whose events it listens to. */
  readonly listensTo: readonly string[];
  /** The paths under which the gateway serves it; none if it is not reachable from outside. */
  readonly serves: readonly `/api/${string}`[];
  /** The local port for a debugger after `task debug`. */
  readonly debugPort: number;
}

export const services = [
  {
    name: 'auth',
    purpose: 'Accounts and sessions; signs the identities that the others trust',
    hasDatabase: true,
    announces: true,
    listensTo: [],
    serves: ['/api/auth'],
    debugPort: 9230,
  },
  {
    name: 'tickets',
    purpose: 'What people sell: single tickets and shows',
    hasDatabase: true,
    announces: true,
    listensTo: ['orders'],
    serves: ['/api/tickets', '/api/shows'],
    debugPort: 9231,
  },
  {
    name: 'orders',
    purpose: 'Who holds which ticket, and until when',
    hasDatabase: true,
    announces: true,
    listensTo: ['tickets', 'payments', 'expiration'],
    serves: ['/api/orders', '/api/waiting-list'],
    debugPort: 9232,
  },
  {
    name: 'payments',
    purpose: 'The money, with Stripe or with the sandbox',
    hasDatabase: true,
    announces: true,
    listensTo: ['orders'],
    serves: ['/api/payments'],
    debugPort: 9233,
  },
  {
    name: 'expiration',
    purpose: 'Timers, which JetStream keeps',
    hasDatabase: false,
    announces: true,
    listensTo: ['orders'],
    serves: [],
    debugPort: 9234,
  },
  {
    name: 'mail',
    purpose: 'What people are told by mail, once for each fact',
    hasDatabase: true,
    announces: false,
    listensTo: ['auth', 'orders', 'tickets'],
    serves: ['/api/mail'],
    debugPort: 9235,
  },
] as const satisfies readonly ServiceEntry[];

type Entry = (typeof services)[number];

export type ServiceName = Entry['name'];
/** A service that owns a stream. */
export type Announcer = Extract<Entry, { announces: true }>['name'];
/** A service with a database. */
export type Storing = Extract<Entry, { hasDatabase: true }>['name'];
/** A service that people reach through the gateway. */
type ServedEntry = Exclude<Entry, { serves: readonly [] }>;
export type Served = ServedEntry['name'];
const isServed = (it: Entry): it is ServedEntry => it.serves.length > 0;

export const serviceNames: readonly ServiceName[] = services.map(({ name }) => name);
export const storing: readonly Storing[] = services.flatMap((it) => (it.hasDatabase ? [it.name] : []));
export const announcers: readonly Announcer[] = services.flatMap((it) => (it.announces ? [it.name] : []));
export const served: readonly Served[] = services.filter(isServed).map(({ name }) => name);
/** The services that use NATS. */
export const onTheBus: readonly ServiceName[] = services.flatMap((it) =>
  it.announces || it.listensTo.length > 0 ? [it.name] : [],
);
