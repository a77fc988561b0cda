import { z } from 'zod';
import { defineConfig } from '../config.ts';
import { createApp } from '../http/app.ts';
import { run, waitFor } from '../lifecycle.ts';
import { connectBus } from '../messaging/bus.ts';
import { keepTopology } from '../messaging/keeper.ts';
import { BusUser, keeperName } from '../messaging/permissions.ts';
import { serviceSettings } from '../settings.ts';
import { createLogger } from '../telemetry/logger.ts';
import { createMetrics } from '../telemetry/metrics.ts';

const { PORT, HOST, LOG_LEVEL, NATS_URL, NATS_SEED, NATS_CA } = serviceSettings;

const config = defineConfig({
  PORT,
  HOST,
  LOG_LEVEL,
  NATS_URL,
  NATS_SEED,
  NATS_CA,
  NATS_REPLICAS: z.coerce.number().int().min(1).max(5).default(1).describe('How many NATS servers store each stream'),
  SERVICES: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(z.array(BusUser))
    .describe('Who announces and who listens to whom, as in services.ts'),
})(process.env);
const logger = createLogger({ name: keeperName, level: config.LOG_LEVEL });

/** The keeper of a cluster. `npm start` has one within its own process. */
await run({
  name: keeperName,
  port: config.PORT,
  host: config.HOST,
  logger,
  async start(signal) {
    const { NATS_URL: url, NATS_SEED: seed, NATS_CA: caFile } = config;
    const connecting = () => connectBus(url, keeperName, { seed, caFile, asksKeeper: false });
    const bus = await waitFor('nats', connecting, { logger, signal });
    keepTopology({ bus, users: config.SERVICES, stream: { replicas: config.NATS_REPLICAS }, logger });
    const app = createApp({
      name: keeperName,
      logger,
      metrics: createMetrics(keeperName),
      routes: [],
      readiness: () => (bus.connectedSince() === null ? ['NATS'] : []),
    });
    return { app, stop: [bus.close] };
  },
});
