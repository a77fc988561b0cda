import type { RequestListener } from 'node:http';
import type { Connection } from 'mongoose';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';

/** The dependencies of a service with a database. It gets the time, its settings and connections from nowhere else. */
export interface BaseParts {
  readonly connection: Connection;
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly now: () => Date;
  /** A new unique id: 24 hexadecimal digits. */
  readonly newId: () => string;
}

/** A service, wired but not started; used by its `main.ts` and its tests. */
export interface Service {
  readonly app: RequestListener;
  /** Prepares its store and everything else it needs. May be called again after it threw. */
  start(): Promise<void>;
  /** What it is still waiting for, for `/healthz/ready`; empty when it is ready. */
  waitingFor(): string[];
  /** Finishes its current work within `withinMs` (default 8 s). */
  stop(withinMs?: number): Promise<void>;
}
