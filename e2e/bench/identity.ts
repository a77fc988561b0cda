import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startTraefik } from '@box-office/local/engines';
import { keep } from '@box-office/local/part';
import { planNode, smallHeap } from '@box-office/local/plans';
import { freePort } from '@box-office/local/ports';
import { openShop } from '../support/shop.ts';
import { measure, type Path, type Sample, spread, timed } from './measure.ts';
import { printTable, printWanted } from './table.ts';

const atOnce = 16;
/** What auth may add to a forwardAuth that answers a constant. */
const wantedShare = 1.1;

/**
 * What the exchange of a session for an identity costs a request: through the gateway to a service that does nothing,
 * with auth, and with the same HTTP stack that answers a constant in its place.
 */
export async function benchIdentity(samples: number): Promise<void> {
  const shop = await openShop({ client: false });
  const ends: (() => Promise<unknown>)[] = [() => shop.end()];
  try {
    const { token } = await shop.person();
    const auth = shop.platform.addresses.auth ?? '';
    const [service, constant] = [await listening((_req, res) => void res.end('{}')), await startConstant()];
    ends.unshift(service.end, constant.end);

    const behind = async (name: string, identity: string): Promise<Path> => {
      const services = { auth: [identity], tickets: [service.url], orders: [service.url], payments: [service.url] };
      const gateway = await startTraefik({
        dir: join(shop.dir, name),
        services: { ...services, client: [service.url] },
      });
      ends.unshift(() => gateway.stop());
      const ask = async () => {
        const answer = await fetch(`${gateway.url}/api/orders`, { headers: { authorization: `Bearer ${token}` } });
        if (answer.status !== 200) throw new Error(`the gateway answered ${answer.status}`);
        await answer.text();
      };
      return () => timed(ask);
    };
    const paths = [await behind('with-auth', auth), await behind('with-constant', constant.url)] as const;

    const [alone, aloneConstant] = await measure(samples, [...paths]);
    const [busy, busyConstant] = await measure(Math.ceil(samples / 4), [together(paths[0]), together(paths[1])]);
    const rows: [string, Sample[], Sample[]][] = [
      ['one at a time', alone, aloneConstant],
      [`${atOnce} at once, until all are answered`, busy, busyConstant],
    ];
    printTable(
      `A request through forwardAuth, p50 in ms, ${samples} in turn`,
      ['', 'auth', 'constant', '×'],
      rows.map(([what, times, floor]) => [
        what,
        ...[times, floor].map((it) => spread(it).p50.toFixed(2)),
        (spread(times).p50 / spread(floor).p50).toFixed(2),
      ]),
    );
    for (const [what, times, floor] of rows) {
      const share = spread(times).p50 / spread(floor).p50;
      printWanted(`≤ ${wantedShare} × a constant, ${what}`, `${share.toFixed(2)} ×`, share <= wantedShare);
    }
  } finally {
    for (const end of ends) await end();
  }
}

/** A process of its own, started as auth is and with the same heap, whose log goes the same way. */
async function startConstant(): Promise<{ url: string; end(): Promise<void> }> {
  const url = `http://127.0.0.1:${await freePort()}`;
  const at = { name: 'constant', url, logs: () => {} };
  const args = [...smallHeap, join(import.meta.dirname, 'constant-identity.ts')];
  const plan = planNode(at, { args, env: { PORT: new URL(url).port }, readyPath: '/healthz/ready' });
  const part = keep(plan, { keepAlive: false, print: console.error });
  await part.start();
  await part.ready();
  return { url, end: part.stop };
}

const together =
  (path: Path): Path =>
  () =>
    timed(() => Promise.all(Array.from({ length: atOnce }, path)));

async function listening(handler: RequestListener): Promise<{ url: string; end(): Promise<void> }> {
  const server: Server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async end() {
      server.closeAllConnections();
      server.close();
    },
  };
}
