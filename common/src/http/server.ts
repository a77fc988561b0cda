import { createServer, type RequestListener, type Server } from 'node:http';

/**
 * A server with limits against slow clients: 10 s and 16 kB for the headers (431 beyond), and 20 s for the whole
 * request (408). The rest of a refused body is read and discarded within that time, so that the caller receives the
 * answer.
 */
export function newServer(listener: RequestListener): Server {
  return createServer(
    {
      maxHeaderSize: 16_384,
      headersTimeout: 10_000,
      requestTimeout: 20_000,
      connectionsCheckingInterval: 2_000,
      // Longer than the gateway keeps an idle connection (90 s), so that the gateway closes it. If the server did, a
      // request sent at that moment would fail, and the gateway does not retry a POST.
      keepAliveTimeout: 120_000,
      // How much of a body is buffered before the caller's permission has been checked.
      highWaterMark: 16_384,
    },
    listener,
  );
}
