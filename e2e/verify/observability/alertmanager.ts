import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { startGuarded } from '@box-office/local/guarded';
import { freePort } from '@box-office/local/ports';
import { type Engine, startOnPort } from '@box-office/local/starting';

/** The routes and receivers that are deployed. */
export const alertmanagerConfig = 'infra/k8s-setup/observability/2-monitoring/alertmanager.yaml';

/** In place of Discord and of the bridge to Matrix. */
export interface Receiver {
  /** What each was sent, as text. */
  readonly received: Readonly<Record<'discord' | 'matrix', readonly string[]>>;
  readonly url: string;
  stop(): void;
}

export async function startReceiver(): Promise<Receiver> {
  const received = { discord: [] as string[], matrix: [] as string[] };
  const server = createServer(async (request, answer) => {
    const body = await text(request);
    received[request.url === '/matrix' ? 'matrix' : 'discord'].push(body);
    answer.writeHead(204).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    received,
    url,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** With the deployed routes, which lead to `receiver`; it does not wait for more of the same. */
export async function startAlertmanager(
  program: string,
  { root, dir, receiver }: { root: string; dir: string; receiver: string },
): Promise<Engine> {
  await mkdir(dir, { recursive: true });
  for (const name of ['discord', 'matrix']) await writeFile(join(dir, name), `${receiver}/${name}`);
  const config = (await readFile(join(root, alertmanagerConfig), 'utf8'))
    .replaceAll('/etc/alertmanager/secrets/alert-receivers', dir)
    .replaceAll('group_wait: 30s', 'group_wait: 1s');
  const file = join(dir, 'alertmanager.yml');
  await writeFile(file, config);
  const cluster = await freePort();
  return startOnPort('Alertmanager', undefined, async (port) => {
    const url = `http://127.0.0.1:${port}`;
    const running = startGuarded({
      name: 'Alertmanager',
      program,
      args: [
        `--config.file=${file}`,
        `--storage.path=${join(dir, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        `--cluster.listen-address=127.0.0.1:${cluster}`,
        '--cluster.advertise-address=127.0.0.1:0',
        '--log.level=warn',
      ],
    });
    return { running, url, why: program, isReady: async () => (await fetch(`${url}/-/ready`)).ok };
  });
}
