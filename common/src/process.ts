import type { ServiceParts } from './announcing-service.ts';
import { jwksIdentity } from './http/identity.ts';
import { run, waitFor } from './lifecycle.ts';
import { connectBus } from './messaging/bus.ts';
import { newObjectId } from './object-id.ts';
import type { Service } from './service.ts';
import { connectStore } from './store/mongo.ts';
import { createLogger } from './telemetry/logger.ts';
import { createMetrics } from './telemetry/metrics.ts';

/** The settings in `participantSettings`, loaded. */
export interface ParticipantConfig {
  readonly PORT: number;
  readonly HOST?: string | undefined;
  readonly LOG_LEVEL: string;
  readonly DRAIN_MS: number;
  readonly NATS_URL: string;
  readonly NATS_SEED?: string | undefined;
  readonly NATS_CA?: string | undefined;
  readonly ACK_WAIT_MS: number;
  readonly MONGO_URL: string;
  readonly JWKS_URL: string;
  readonly JWT_ISSUER: string;
  readonly JWT_AUDIENCE: string;
  readonly WRITES_PER_MINUTE: number;
}

/**
 * Runs a service with a database, events and signed-in users: connects its parts, creates it, and stops it in the end.
 */
export function runParticipant(
  name: string,
  config: ParticipantConfig,
  create: (parts: ServiceParts) => Service,
): Promise<void> {
  const logger = createLogger({ name, level: config.LOG_LEVEL });
  const now = () => new Date();
  return run({
    name,
    port: config.PORT,
    host: config.HOST,
    logger,
    drainMs: config.DRAIN_MS,
    async start(signal) {
      const [bus, connection] = await Promise.all([
        waitFor('nats', () => connectBus(config.NATS_URL, name, { seed: config.NATS_SEED, caFile: config.NATS_CA }), {
          logger,
          signal,
        }),
        waitFor('mongo', () => connectStore(config.MONGO_URL, name), { logger, signal }),
      ]);
      const service = create({
        bus,
        connection,
        identity: jwksIdentity({
          jwksUrl: config.JWKS_URL,
          issuer: config.JWT_ISSUER,
          audience: config.JWT_AUDIENCE,
          now,
        }),
        logger,
        metrics: createMetrics(name),
        now,
        newId: newObjectId,
        stream: { ackWaitMs: config.ACK_WAIT_MS },
        writesPerMinute: config.WRITES_PER_MINUTE,
      });
      await waitFor('its store and stream', service.start, { logger, signal });
      return { app: service.app, stop: [service.stop, bus.close, () => connection.close()] };
    },
  });
}
