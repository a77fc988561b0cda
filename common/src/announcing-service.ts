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

/** Everything that a service needs from outside which announces and hears events, and serves signed-in people. */
export interface ServiceParts extends BaseParts {
  readonly bus: Bus;
  readonly identity: Identity;
  readonly stream: StreamSettings;
  readonly writesPerMinute: number;
}

/** A service that owns what others hear of. */
export interface AnnouncingService extends Service, Pick<Participant, 'republish'> {}

/** Something that goes on in the background, such as a sweep. */
export interface Job {
  stop(): Promise<void>;
}

/** What a service is made of, beside what all of them have in common. */
export interface ServiceOptions {
  /** Collections to prepare before anything else. */
  readonly stores: readonly { prepare(): Promise<void> }[];
  readonly listeners: readonly Listener[];
  readonly routes: AppOptions['routes'];
  /** Begun once the service takes part, and stopped before anything else. */
  readonly jobs?: readonly (() => Job)[];
}

/** What a service makes its own parts from. */
export interface Foundation {
  /** For its aggregates and copies: what they write is announced by the service's relay. */
  readonly storeOptions: StoreOptions;
  readonly keys: IdempotencyKeys;
  /** Puts the parts together. Call it once. */
  assemble(options: ServiceOptions): AnnouncingService;
}

/** Of the time to stop, what the jobs get at most. */
const jobsShare = 1 / 8;

/** Wires what all services have in common that own something: relay, listeners, idempotency keys, HTTP and background jobs. */
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
        // Whatever a job has in hand may be dropped at any moment; its next round does it.
        await within(withinMs * jobsShare, Promise.all(running.map((job) => job.stop())));
        await part.stop(left());
      },
    };
  }

  return { storeOptions: { connection, relay, now, newId, logger, metrics }, keys, assemble };
}
