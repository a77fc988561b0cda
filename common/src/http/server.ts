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
      // Longer than the gateway keeps a connection that idles (90 s): closed from here, a request might meet the
      // closing, and a POST is not sent twice.
      keepAliveTimeout: 120_000,
      // How much of a body waits unread, while it is found out whether the caller may send it at all.
      highWaterMark: 16_384,
    },
    listener,
  );
}
