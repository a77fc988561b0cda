import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { execa } from 'execa';
import type { ApiServer } from './api-server.ts';
import { restOf } from './cluster-standin.ts';

/** As source-controller does: an archive over HTTP, described in the status of its GitRepository. */
export async function serveArchives(api: ApiServer) {
  const rest = restOf(api);
  const archives = new Map<string, Buffer>();
  const artifacts = new Map<string, { digest: string; revision: string; url: string; path: string }>();
  const server: Server = createServer((request, response) => {
    const archive = archives.get(request.url ?? '');
    if (archive) response.end(archive);
    else response.writeHead(404).end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const offer = async ({ metadata, status }: Source): Promise<void> => {
    const artifact = artifacts.get(metadata.name);
    if (!artifact || status?.artifact?.digest === artifact.digest) return;
    const now = new Date().toISOString();
    await rest.patch(`${sources}/${metadata.name}/status`, {
      status: {
        observedGeneration: metadata.generation,
        artifact: { ...artifact, lastUpdateTime: now },
        conditions: [
          { type: 'Ready', status: 'True', reason: 'Succeeded', message: 'stored', lastTransitionTime: now },
        ],
      },
    });
  };
  // A source is made after its archive was published.
  const stopWatching = api.watch(sources, (it) => offer(it as Source).catch(() => {}));
  return {
    async publish(source: string, folder: string): Promise<string> {
      const { stdout } = await execa('tar', ['-C', folder, '-czf', '-', 'infra'], { encoding: 'buffer' });
      const archive = Buffer.from(stdout);
      const digest = `sha256:${createHash('sha256').update(archive).digest('hex')}`;
      const revision = `main@sha1:${createHash('sha1').update(archive).digest('hex')}`;
      const path = `/${source}/${digest.slice(7, 19)}.tar.gz`;
      archives.set(path, archive);
      artifacts.set(source, { digest, revision, url: `${origin}${path}`, path: path.slice(1) });
      const known = await rest.get<Source>(`${sources}/${source}`);
      if (known) await offer(known);
      return revision;
    },
    async stop() {
      stopWatching();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

export const fluxPath = (group: string, kind: string) =>
  `/apis/${group}.toolkit.fluxcd.io/v1/namespaces/flux-system/${kind}`;

const sources = fluxPath('source', 'gitrepositories');

interface Source {
  readonly metadata: { readonly name: string; readonly generation: number };
  readonly status?: { readonly artifact?: { readonly digest: string } };
}
