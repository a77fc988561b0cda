import { randomBytes } from 'node:crypto';
import { run, waitFor } from '@box-office/common/lifecycle';
import { connectBus } from '@box-office/common/messaging/bus';
import { newObjectId } from '@box-office/common/object-id';
import { connectStore } from '@box-office/common/store/mongo';
import { createLogger } from '@box-office/common/telemetry/logger';
import { createMetrics } from '@box-office/common/telemetry/metrics';
import { loadConfig } from './config.ts';
import { createPasswords } from './password.ts';
import { createAuth } from './service.ts';

const config = loadConfig(process.env);
const logger = createLogger({ name: 'auth', level: config.LOG_LEVEL });

await run({
  name: 'auth',
  port: config.PORT,
  host: config.HOST,
  logger,
  drainMs: config.DRAIN_MS,
  async start(signal) {
    const [bus, connection] = await Promise.all([
      waitFor('nats', () => connectBus(config.NATS_URL, 'auth', { seed: config.NATS_SEED, caFile: config.NATS_CA }), {
        logger,
        signal,
      }),
      waitFor('mongo', () => connectStore(config.MONGO_URL, 'auth'), { logger, signal }),
    ]);
    const service = createAuth({
      bus,
      stream: {},
      connection,
      logger,
      metrics: createMetrics('auth'),
      now: () => new Date(),
      newId: newObjectId,
      passwords: createPasswords({ randomBytes }),
      randomBytes,
      config,
    });
    await waitFor('its store and stream', service.start, { logger, signal });
    return { app: service.app, stop: [service.stop, bus.close, () => connection.close()] };
  },
});
