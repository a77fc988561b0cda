import type { Server } from 'node:http';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { hub } from './hub.ts';
import { apiRoutes } from './routes.ts';
import { liveUpdates } from './server/live.ts';
import { serveLabGuide, servePage } from './server/pages.ts';
import { receiveTraces } from './server/receive-traces.ts';
import { router } from './server/router.ts';
import { consoleServer, spanReceiver } from './server/server.ts';
import { broker } from './sources/broker.ts';
import { deadLetterSource } from './sources/dead-letters.ts';
import { events } from './sources/events.ts';
import { labSource } from './sources/lab.ts';
import { logs } from './sources/logs.ts';
import { members } from './sources/members.ts';
import { metrics } from './sources/metrics.ts';
import { processes } from './sources/processes.ts';
import { countSale } from './sources/sales.ts';
import { sandboxSource } from './sources/sandbox.ts';
import { traces } from './sources/traces.ts';
import { databases } from './story/databases.ts';
import { watchAll } from './watching.ts';

export interface Console {
  readonly server: Server;
  /** For spans alone, from wherever it is reached. */
  readonly receiver: Server;
  readonly stop: () => Promise<void>;
}

/** The console: what it looks at, and the servers that show it and receive spans. They do not listen yet. */
export function createConsole(config: Config, logger: Logger, pagesFolder: () => string | undefined): Console {
  const everybody = hub();
  const bus = broker(config.NATS_URL, { seed: config.NATS_SEED, caFile: config.NATS_CA });
  const measured = metrics();
  const stored = databases(config.MONGO_URLS);
  const failed = (what: string, error: unknown) => logger.warn({ err: error }, `could not look at ${what}`);
  const kept = traces(config.DATA_DIR && join(config.DATA_DIR, 'traces'), everybody, failed);
  const looked = members(config.PROCESSES);
  const sources = {
    traces: kept,
    broker: bus,
    databases: stored,
    events: events(bus, everybody, (event, data) => countSale(measured, event, data)),
    lab: labSource(config.LAB, config.LAB_STATE, everybody),
    letters: deadLetterSource(bus, everybody),
    logs: logs(config.LOGS_DIR, everybody),
    metrics: measured,
    processes: processes(looked, everybody),
    sandbox: sandboxSource(config.SANDBOX_URL, config.SANDBOX_KEY),
  };
  const watching = watchAll({ ...sources, members: looked, hub: everybody, failed });
  const unanswered = (error: unknown) => logger.error({ err: error }, 'could not answer a request');
  const taking = receiveTraces(kept);
  const server = consoleServer({
    api: router(apiRoutes({ ...sources, watching, shop: config.SHOP_URL, mailbox: config.MAILBOX_URL })),
    live: liveUpdates(everybody),
    traces: taking,
    page: (_request, response, { pathname }) =>
      pathname === '/docs/lab.md' ? serveLabGuide(response) : servePage(pagesFolder(), pathname, response),
    failed: unanswered,
  });
  const receiver = spanReceiver(taking, unanswered);
  return {
    server,
    receiver,
    async stop() {
      for (const it of [server, receiver]) {
        it.closeAllConnections();
        it.close();
      }
      await sources.lab.stop();
      await watching.stop();
      await bus.close();
      await stored.close();
      await kept.stop();
    },
  };
}
