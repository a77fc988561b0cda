import type { RequestListener } from 'node:http';
import type { Connection } from 'mongoose';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Identity } from '../http/identity.ts';
import type { Bus } from './bus.ts';
import type { Participant } from './participant.ts';
import type { StreamSettings } from './topology.ts';

/** Everything a service needs from outside; nothing else in it reads the time, the environment or a connection. */
export interface ServiceParts {
  readonly bus: Bus;
  readonly connection: Connection;
  readonly identity: Identity;
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly now: () => Date;
  /** A new id: 24 hexadecimal digits that nobody else gets. */
  readonly newId: () => string;
  readonly stream: StreamSettings;
  readonly writesPerMinute: number;
}

/** A service, wired and not yet started: used by its `main.ts` and by its tests alike. */
export interface Service extends Omit<Participant, 'republish'> {
  readonly app: RequestListener;
}

/** A service that owns what others hear of. */
export interface AnnouncingService extends Service, Pick<Participant, 'republish'> {}
