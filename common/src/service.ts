import type { RequestListener } from 'node:http';
import type { Connection } from 'mongoose';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';

/** What every service with a database needs from outside; nothing else in it reads the time, the environment or a connection. */
export interface BaseParts {
  readonly connection: Connection;
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly now: () => Date;
  /** A new id: 24 hexadecimal digits that nobody else gets. */
  readonly newId: () => string;
}

/** A service, wired and not yet started: used by its `main.ts` and by its tests alike. */
export interface Service {
  readonly app: RequestListener;
  /** Prepares its store and whatever else it needs. May be called again after it threw. */
  start(): Promise<void>;
  /** What it cannot do yet and why, for `/healthz/ready`; empty when all is well. */
  waitingFor(): string[];
  /** Finishes what it has in hand, within `withinMs` (default 8 s). */
  stop(withinMs?: number): Promise<void>;
}
