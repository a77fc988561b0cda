import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Controls, SandboxState } from './control.ts';
import type { FaultSettings, Faults } from './faults.ts';
import type { Intent } from './rows.ts';
import { createSandbox, type SandboxOptions } from './sandbox.ts';

export interface ServerOptions extends SandboxOptions {
  /** 0, the default, takes a free one. */
  port?: number | undefined;
  host?: string | undefined;
  /** Where a browser reaches the sandbox, when that is not where it listens. */
  publicUrl?: string | undefined;
}

/** A sandbox that answers: give `host` and `port` to stripe-node, with `protocol: 'http'`. */
export interface RunningSandbox extends Omit<Controls, 'faults'> {
  url: string;
  host: string;
  port: number;
  /** Replaces what is switched on; `{}` switches everything off. */
  faults(settings: FaultSettings): Faults;
  state(): SandboxState;
  authenticate(intentId: string, outcome: 'complete' | 'fail'): Promise<Intent>;
  stop(): Promise<void>;
}

export async function startSandbox(options: ServerOptions = {}): Promise<RunningSandbox> {
  const { host = '127.0.0.1', port = 0 } = options;
  const sandbox = await createSandbox(options);
  const server = createServer(sandbox.app);
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    await sandbox.stop();
    throw error;
  }
  const address = addressOf(server.address());
  const url = `http://${host === '0.0.0.0' ? 'localhost' : host}:${address.port}`;
  sandbox.publicUrl = options.publicUrl ?? url;
  sandbox.resume();

  let stopped: Promise<void> | undefined;
  return {
    url,
    host,
    port: address.port,
    faults: sandbox.faults,
    state: sandbox.state,
    advance: sandbox.advance,
    redeliver: sandbox.redeliver,
    receivers: sandbox.receivers,
    authenticate: sandbox.authenticate,
    dispute: sandbox.dispute,
    decideDispute: sandbox.decideDispute,
    decideRefund: sandbox.decideRefund,
    stop: () => (stopped ??= stop()),
  };

  async function stop(): Promise<void> {
    const closed = once(server, 'close');
    server.close();
    sandbox.hurry();
    server.closeIdleConnections();
    // What still runs has its answer by then; a browser's open connection needs none.
    const patience = setTimeout(() => server.closeAllConnections(), 500);
    await closed;
    clearTimeout(patience);
    await sandbox.stop();
  }
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('The server does not listen on a port');
  return address;
}
