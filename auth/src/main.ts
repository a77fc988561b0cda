import { randomBytes } from 'node:crypto';
import { run, waitFor } from '@box-office/common/lifecycle';
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
    const connection = await waitFor('mongo', () => connectStore(config.MONGO_URL, 'auth'), { logger, signal });
    const service = createAuth({
      connection,
      logger,
      metrics: createMetrics('auth'),
      now: () => new Date(),
      newId: newObjectId,
      passwords: createPasswords({ randomBytes }),
      randomBytes,
      config,
    });
    await waitFor('its indexes', service.start, { logger, signal });
    return { app: service.app, stop: [service.stop, () => connection.close()] };
  },
});
