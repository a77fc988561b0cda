import { run, waitFor } from '@box-office/common/lifecycle';
import { connectBus } from '@box-office/common/messaging/bus';
import { createLogger } from '@box-office/common/telemetry/logger';
import { createMetrics } from '@box-office/common/telemetry/metrics';
import { loadConfig } from './config.ts';
import { createExpiration } from './service.ts';

const config = loadConfig(process.env);
const logger = createLogger({ name: 'expiration', level: config.LOG_LEVEL });

await run({
  name: 'expiration',
  port: config.PORT,
  host: config.HOST,
  logger,
  drainMs: config.DRAIN_MS,
  async start(signal) {
    const { NATS_URL, NATS_SEED: seed, NATS_CA: caFile } = config;
    const connecting = () => connectBus(NATS_URL, 'expiration', { seed, caFile });
    const bus = await waitFor('nats', connecting, { logger, signal });
    const service = createExpiration({
      bus,
      logger,
      metrics: createMetrics('expiration'),
      now: () => new Date(),
      stream: { ackWaitMs: config.ACK_WAIT_MS },
    });
    await waitFor('its stream', service.start, { logger, signal });
    return { app: service.app, stop: [service.stop, bus.close] };
  },
});
