import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A proxy to an engine that a test can cut, so that the engine is unavailable for one service only. */
export interface Cable {
  /** The engine's address through the cable. */
  readonly url: string;
  /** Breaks every connection and refuses new ones. */
  pull(): void;
  /** Keeps connections open but passes nothing through, like an engine that hangs. */
  hold(): void;
  /** Restores normal operation. */
  plug(): void;
  close(): Promise<void>;
}

export async function cable(to: string): Promise<Cable> {
  const engine = new URL(to);
  const open = new Set<Socket>();
  let state: 'plugged' | 'pulled' | 'held' = 'plugged';

  const server = createServer((near) => {
    if (state === 'pulled') {
      near.destroy();
      return;
    }
    const far = connect(Number(engine.port), engine.hostname);
    for (const [from, into] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from);
      from.pipe(into);
      from.on('error', () => {});
      from.on('close', () => {
        open.delete(from);
        into.destroy();
      });
      if (state === 'held') from.pause();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the cable has no port');
  const url = new URL(to);
  url.host = `127.0.0.1:${address.port}`;

  return {
    url: url.href.replace(/\/$/, ''),
    pull() {
      state = 'pulled';
      for (const socket of open) socket.destroy();
    },
    hold() {
      state = 'held';
      for (const socket of open) socket.pause();
    },
    plug() {
      state = 'plugged';
      for (const socket of open) socket.resume();
    },
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
