import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Hub } from '../hub.ts';

/** How many of a name are sent each second. */
const mostEachSecond = 10;
const mostListeners = 30;
/** Comments keep proxies from ending a connection on which nothing happens. */
const heartbeatMs = 15_000;

/** Answers `GET /api/live` with server-sent events: see api/live.ts. */
export function liveUpdates({ listen }: Hub) {
  let listeners = 0;
  return (request: IncomingMessage, response: ServerResponse, url: URL): void => {
    if (listeners >= mostListeners) {
      response.writeHead(503, { 'retry-after': '5' }).end();
      return;
    }
    listeners++;
    const only = url.searchParams.get('only')?.split(',');
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write('retry: 1000\n\n');
    const sent = new Map<string, number>();
    const skipped = new Map<string, number>();
    const write = (name: string, data: unknown) => {
      // A page that does not read is not written to.
      if (response.writableNeedDrain) return false;
      response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
      return true;
    };
    const stopListening = listen((name, data) => {
      if (only && !only.includes(name)) return;
      const count = sent.get(name) ?? 0;
      if (count < mostEachSecond && write(name, data)) sent.set(name, count + 1);
      else skipped.set(name, (skipped.get(name) ?? 0) + 1);
    });
    const eachSecond = setInterval(() => {
      sent.clear();
      if (skipped.size > 0 && write('skipped', Object.fromEntries(skipped))) skipped.clear();
    }, 1_000);
    const heartbeat = setInterval(() => response.write(':\n\n'), heartbeatMs);
    request.once('close', () => {
      listeners--;
      stopListening();
      clearInterval(eachSecond);
      clearInterval(heartbeat);
      response.end();
    });
  };
}
