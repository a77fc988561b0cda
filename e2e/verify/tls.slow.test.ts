import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { findTraefik } from '@box-office/local/engines';
import { startGuarded } from '@box-office/local/guarded';
import { freePort } from '@box-office/local/ports';
import { type Engine, startOnPort } from '@box-office/local/starting';
import { type Manifest, readManifests } from '@box-office/ops/cluster/manifests';
import { execa } from 'execa';
import { parse, stringify } from 'yaml';
import { type ApiServer, startApiServer } from './api-server.ts';
import { findGround, type Ground } from './ground.ts';
import { applyStage, kindsAreKnown, silenceWebhooks } from './staged.ts';
import { build, copyManifests, stages } from './tree.ts';

const root = resolve(import.meta.dirname, '../..');
const ground = await findGround(root, process.env.KUBEBUILDER_ASSETS);
if (typeof ground === 'string') console.warn(`SKIPPED  TLS of the production gateway is not tested: ${ground}`);

const host = 'tickets.example.com';

/** Traefik with the whole production configuration, read from a real API server, without services behind it. */
(typeof ground === 'string' ? describe.skip : describe)('the gateway of production', () => {
  let dir: string;
  let server: ApiServer;
  let traefik: Engine;
  const ports = { web: 0, websecure: 0, internal: 0 };

  beforeAll(async () => {
    if (typeof ground === 'string') return;
    dir = await mkdtemp(join(tmpdir(), 'box-office-tls-'));
    await copyManifests(root, dir, ground.fetchText);
    server = await startApiServer(ground.assets, dir);
    const manifests = await applyEverything(ground);
    await showCertificate();
    traefik = await startTraefik(manifests);
    // Long enough for a loaded machine.
  });

  afterAll(async () => {
    await traefik?.stop();
    await server?.stop();
    if (dir) await rm(dir, { recursive: true, force: true });
  });

  async function applyEverything({ assets }: Ground): Promise<Manifest[]> {
    const all: Manifest[] = [];
    for (const folder of stages.prod) {
      const text = await build(join(assets, 'kubectl'), join(dir, folder));
      const manifests = readManifests(text);
      expect([folder, await applyStage(server, text)]).toEqual([folder, []]);
      await kindsAreKnown(server, manifests);
      await silenceWebhooks(server, manifests);
      all.push(...manifests);
    }
    return all;
  }

  /** In place of cert-manager. */
  async function showCertificate(): Promise<void> {
    const [key, cert] = [join(dir, 'shop.key'), join(dir, 'shop.crt')];
    const subject = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    await execa('openssl', ['req', '-x509', '-days', '1', ...curve, ...subject, '-keyout', key, '-out', cert]);
    const { ok, stderr } = await server.kubectl([
      'create',
      'secret',
      'tls',
      'shop-tls',
      '--namespace=traefik',
      `--key=${key}`,
      `--cert=${cert}`,
    ]);
    expect([ok, stderr]).toEqual([true, '']);
  }

  async function startTraefik(manifests: readonly Manifest[]): Promise<Engine> {
    const found = await findTraefik();
    if (found.kind === 'address') throw new Error('Traefik is started here');
    // With the rights it has in the cluster.
    const { stdout: token } = await server.kubectl(['create', 'token', 'traefik', '--namespace=traefik']);
    for (const name of ['web', 'websecure', 'internal'] as const) ports[name] = await freePort();
    return startOnPort('Traefik', undefined, async (adminPort) => {
      const settingsFile = join(dir, 'traefik.yml');
      await writeFile(settingsFile, settings(manifests, token.trim(), adminPort));
      const running = startGuarded({
        name: 'Traefik',
        program: found.path,
        args: [`--configFile=${settingsFile}`],
      });
      const url = `http://127.0.0.1:${adminPort}`;
      const isReady = async () => {
        const routers = await (await fetch(`${url}/api/rawdata`)).text();
        return routers.includes('box-office-client') && routers.includes('traefik-to-https');
      };
      return { running, url, why: found.why, isReady };
    });
  }

  /** As in the cluster, except for its listeners and the API server's address. */
  function settings(manifests: readonly Manifest[], token: string, adminPort: number): string {
    const map = manifests.find(
      ({ kind, metadata }) =>
        kind === 'ConfigMap' && metadata.namespace === 'traefik' && metadata.name.startsWith('traefik'),
    );
    const { data } = map as unknown as { data: { 'traefik.yml': string } };
    const own = parse(data['traefik.yml'], { merge: true });
    for (const [name, port] of Object.entries({ ...ports, traefik: adminPort }))
      own.entryPoints[name].address = `127.0.0.1:${port}`;
    return stringify({
      ...own,
      accessLog: undefined,
      providers: {
        kubernetesCRD: {
          ...own.providers.kubernetesCRD,
          endpoint: server.url,
          token,
          certAuthFilePath: join(dir, 'certificates/apiserver.crt'),
          // There are no pods, but the routes are to be loaded all the same.
          allowEmptyServices: true,
        },
      },
    });
  }

  function handshake(options: ConnectionOptions = {}): Promise<TLSSocket> {
    return new Promise((resolve, reject) => {
      const socket = connect(
        { host: '127.0.0.1', port: ports.websecure, servername: host, rejectUnauthorized: false, ...options },
        () => {
          resolve(socket);
          socket.end();
        },
      );
      socket.once('error', reject);
    });
  }

  interface Answer {
    readonly status: number | undefined;
    readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  }

  function ask(door: keyof typeof ports, method: string, path: string): Promise<Answer> {
    const request = door === 'websecure' ? tlsRequest : plainRequest;
    const options = { host: '127.0.0.1', port: ports[door], servername: host, rejectUnauthorized: false };
    return new Promise((resolve, reject) => {
      const asking = request({ ...options, method, path, headers: { Host: host } }, (answer) => {
        answer.resume();
        resolve({ status: answer.statusCode, headers: answer.headers });
      });
      asking.once('error', reject);
      asking.end();
    });
  }

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('speaks %s, with forward secrecy', async (version) => {
    const socket = await handshake({ minVersion: version, maxVersion: version });
    expect(socket.getProtocol()).toBe(version);
    // Without forward secrecy the certificate's key would decrypt everything.
    expect(socket.getEphemeralKeyInfo()).toHaveProperty('type');
  });

  it.each(['TLSv1', 'TLSv1.1'] as const)('does not speak %s', async (version) => {
    // Without this OpenSSL would not even try.
    const old = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    await expect(handshake(old)).rejects.toMatchObject({ code: expect.stringMatching(/ALERT_PROTOCOL_VERSION$/) });
  });

  it.each(['ECDHE-ECDSA-AES128-SHA', 'ECDHE-ECDSA-AES256-SHA'])('does not take %s', async (ciphers) => {
    const weak = { maxVersion: 'TLSv1.2', ciphers } as const;
    await expect(handshake(weak)).rejects.toMatchObject({ code: expect.stringMatching(/ALERT_HANDSHAKE_FAILURE$/) });
  });

  it.each([host, ''])('shows the shop’s certificate to a client that asks for "%s"', async (servername) => {
    const socket = await handshake({ servername });
    expect(socket.getPeerCertificate().subjectaltname).toBe(`DNS:${host}`);
  });

  it.each([
    ['GET', '/orders?sort=new', 301],
    ['GET', '/api/auth/currentuser', 301],
    ['POST', '/api/payments/webhook', 308],
    ['PUT', '/api/tickets/66f0c0ffee66f0c0ffee66f0', 308],
  ])('leads %s %s from http to https', async (method, path, status) => {
    const answer = await ask('web', method, path);
    expect(answer.status).toBe(status);
    expect(answer.headers.location).toBe(`https://${host}${path}`);
    expect(answer.headers['strict-transport-security']).toBeUndefined();
  });

  it.each(['/', '/api/tickets', '/api/orders', '/somewhere'])('has browsers come back to %s with TLS', async (path) => {
    const { headers } = await ask('websecure', 'GET', path);
    expect(headers['strict-transport-security']).toBe('max-age=63072000; includeSubDomains');
  });

  it('refuses over TLS what it refuses without', async () => {
    expect((await ask('websecure', 'GET', '/api/tickets%2Fmine')).status).toBe(400);
  });

  it('answers the shop’s pods in plain text, and only them', async () => {
    const { status, headers } = await ask('internal', 'GET', '/api/tickets');
    expect(status).toBe(503);
    expect(headers.location).toBeUndefined();
  });
});
