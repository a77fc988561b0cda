import { ConfigError } from '@box-office/common/config';
import { createLogger } from '@box-office/common/telemetry/logger';
import { loadConfig } from './config.ts';
import { createConsole } from './console.ts';
import { pagesFolder } from './pages-folder.ts';

try {
  const config = loadConfig(process.env);
  const logger = createLogger({ name: 'console', level: 'info' });
  const folder = pagesFolder(config.PAGES_DIR, (error) => logger.error({ err: error }, 'could not build the pages'));
  const { server, receiver, stop } = createConsole(config, logger, folder);
  server.listen(config.PORT, config.HOST);
  if (config.SPANS_PORT !== undefined) receiver.listen(config.SPANS_PORT);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void stop().finally(() => process.exit()));
  }
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
