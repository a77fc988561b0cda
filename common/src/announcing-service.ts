import type { Announcer } from './contracts/event.ts';
import { countdown, within } from './deadline.ts';
import { type AppOptions, createApp } from './http/app.ts';
import { type IdempotencyKeys, idempotencyKeys } from './http/idempotency.ts';
import type { Identity } from './http/identity.ts';
import type { Bus } from './messaging/bus.ts';
import type { Listener } from './messaging/listener.ts';
import { type Participant, participant } from './messaging/participant.ts';
import { createRelay } from './messaging/relay/relay.ts';
import type { StreamSettings } from './messaging/topology.ts';
import type { BaseParts, Service } from './service.ts';
import type { StoreOptions } from './store/aggregates.ts';

/** The dependencies of a service that announces and listens to events and serves signed-in users. */
export interface ServiceParts extends BaseParts {
  readonly bus: Bus;
  readonly identity: Identity;
  readonly stream: StreamSettings;
  readonly writesPerMinute: number;
}

/** A service that announces events. */
export interface AnnouncingService extends Service, Pick<Participant, 'republish'> {}

/** A background job, such as a sweep. */
export interface Job {
  stop(): Promise<void>;
}

/** The parts that are specific to one service. */
export interface ServiceOptions {
  /** Collections to prepare before anything else. */
  readonly stores: readonly { prepare(): Promise<void> }[];
  readonly listeners: readonly Listener[];
  readonly routes: AppOptions['routes'];
  /** Started once the service is running, and stopped before anything else. */
  readonly jobs?: readonly (() => Job)[];
}

/** What a service builds its own parts from. */
export interface Foundation {
  /** For its aggregates and copies; the service's relay announces what they write. */
  readonly storeOptions: StoreOptions;
  readonly keys: IdempotencyKeys;
  /** Puts the parts together. Call it once. */
  assemble(options: ServiceOptions): AnnouncingService;
}

/** The jobs' largest share of the time to stop. */
const jobsShare = 1 / 8;

/** Wires what all announcing services have in common: relay, listeners, idempotency keys, HTTP and background jobs. */
export function announcingService(name: Announcer, parts: ServiceParts): Foundation {
  const { bus, connection, identity, logger, metrics, now, newId, stream, writesPerMinute } = parts;
  const relay = createRelay({ bus, connection, announcer: name, stream, logger, now });
  const keys = idempotencyKeys({ connection, now, newId });

  function assemble({ stores, listeners, routes, jobs = [] }: ServiceOptions): AnnouncingService {
    const part = participant({
      ...{ bus, connection, relay, listeners, stream, logger, metrics, now },
      service: name,
      stores: [...stores, keys],
    });
    const app = createApp({
      ...{ name, logger, metrics, identity, writesPerMinute, routes },
      readiness: part.waitingFor,
    });
    let running: readonly Job[] = [];
    return {
      app,
      waitingFor: part.waitingFor,
      republish: part.republish,
      async start() {
        await part.start();
        running = jobs.map((begin) => begin());
      },
      async stop(withinMs = 8_000) {
        const left = countdown(withinMs);
        // A job may be interrupted at any point; its next round does the rest.
        await within(withinMs * jobsShare, Promise.all(running.map((job) => job.stop())));
        await part.stop(left());
      },
    };
  }

  return { storeOptions: { connection, relay, now, newId, logger, metrics }, keys, assemble };
}
