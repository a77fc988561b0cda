import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { startGuarded } from '@box-office/local/guarded';
import { freePort } from '@box-office/local/ports';
import { type Engine, startOnPort } from '@box-office/local/starting';
import { execa } from 'execa';
import { z } from 'zod';

/** kubectl's output, and whether it succeeded. */
interface Said {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the API server answers to a request, whatever its status. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

interface Asking {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly body?: object;
  /** Of the body; JSON by default. */
  readonly contentType?: string;
}

/**
 * A Kubernetes API server with its admission plugins and nothing behind it: without nodes and controllers, applied
 * objects stay as they were applied.
 */
export interface ApiServer {
  readonly url: string;
  /** A kubeconfig with administrator rights. */
  readonly kubeconfig: string;
  /** Runs kubectl against it as administrator. Does not throw when kubectl fails. */
  kubectl(args: readonly string[], input?: string): Promise<Said>;
  /** One request as administrator, without the cost of starting kubectl. */
  ask(path: string, asking?: Asking): Promise<Answer>;
  /**
   * Follows the objects of a kind as administrator: each as it is now and again after each change, until the returned
   * function is called. A watch that breaks off begins anew, and so it may repeat objects.
   */
  watch(path: string, seen: (object: unknown) => void): () => void;
  /** The objects that it has been given, by name, each as the text that was applied last (see `applyStage`). */
  readonly applied: Map<string, string>;
  stop(): Promise<void>;
}

/** Starts an empty one that keeps its state in `dir`. @throws CannotStart */
export async function startApiServer(assets: string, dir: string): Promise<ApiServer> {
  const etcd = await startEtcd(assets, dir);
  try {
    const token = randomBytes(16).toString('hex');
    await writeFile(join(dir, 'tokens.csv'), `${token},admin,admin,"system:masters"\n`, { mode: 0o600 });
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = join(dir, 'service-account.key');
    await writeFile(key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });

    const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
    const server = await startOnPort('kube-apiserver', undefined, async (port) => {
      const url = `https://127.0.0.1:${port}`;
      const running = startGuarded({
        name: 'kube-apiserver',
        program: join(assets, 'kube-apiserver'),
        args: [
          `--etcd-servers=${etcd.url}`,
          '--bind-address=127.0.0.1',
          `--secure-port=${port}`,
          `--cert-dir=${join(dir, 'certificates')}`,
          `--token-auth-file=${join(dir, 'tokens.csv')}`,
          '--authorization-mode=RBAC',
          '--service-account-issuer=https://kubernetes.default.svc',
          `--service-account-key-file=${key}`,
          `--service-account-signing-key-file=${key}`,
          '--service-cluster-ip-range=10.96.0.0/16',
        ],
        env: { ...process.env, ...rareCollections },
      });
      const ask = askWith(agent, url, token);
      const isReady = async () => (await ask('/readyz')).status === 200;
      return { running, url, why: assets, isReady };
    });
    const kubeconfig = join(dir, 'kubeconfig.json');
    await writeFile(kubeconfig, kubeconfigOf(server.url, token), { mode: 0o600 });
    return {
      url: server.url,
      kubeconfig,
      kubectl: kubectlWith(join(assets, 'kubectl'), server.url, token, join(dir, 'kubectl')),
      ask: askWith(agent, server.url, token),
      watch: watchWith(server.url, token),
      applied: new Map(),
      async stop() {
        agent.destroy();
        await server.stop();
        await etcd.stop();
      },
    };
  } catch (error) {
    await etcd.stop();
    throw error;
  }
}

async function startEtcd(assets: string, dir: string): Promise<Engine> {
  const peers = await freePort();
  return startOnPort('etcd', undefined, async (port) => {
    const url = `http://127.0.0.1:${port}`;
    const running = startGuarded({
      name: 'etcd',
      program: join(assets, 'etcd'),
      args: [
        `--data-dir=${join(dir, 'etcd')}`,
        // Its data does not outlive the run.
        '--unsafe-no-fsync',
        `--listen-client-urls=${url}`,
        `--advertise-client-urls=${url}`,
        `--listen-peer-urls=http://127.0.0.1:${peers}`,
        '--log-level=error',
      ],
    });
    const isReady = () =>
      fetch(`${url}/health`).then(
        ({ ok }) => ok,
        () => false,
      );
    return { running, url, why: assets, isReady };
  });
}

const kubeconfigOf = (server: string, token: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'it', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'it', context: { cluster: 'it', user: 'admin' } }],
    'current-context': 'it',
  });

/** It lives for a minute: collecting its garbage less often saves processor time, within a limit of memory. */
const rareCollections = { GOGC: '400', GOMEMLIMIT: '600MiB' };

const askWith =
  (agent: Agent, url: string, token: string): ApiServer['ask'] =>
  (path, { method = 'GET', body, contentType = 'application/json' } = {}) =>
    new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': contentType };
      const asking = request(`${url}${path}`, { agent, method, headers }, (answer) => {
        text(answer).then((said) => resolve({ status: answer.statusCode ?? 0, body: readable(said) }), reject);
      });
      asking.once('error', reject);
      asking.end(body && JSON.stringify(body));
    });

const Event = z.object({ type: z.string(), object: z.unknown() });
const watchAgainAfterMs = 100;

const watchWith =
  (url: string, token: string): ApiServer['watch'] =>
  (path, seen) => {
    let isOver = false;
    let stop = () => {};
    const begin = () => {
      if (isOver) return;
      const options = { rejectUnauthorized: false, headers: { authorization: `Bearer ${token}` } };
      const watching = request(`${url}${path}?watch=true`, options, (answer) => {
        const lines = createInterface({ input: answer });
        lines.on('line', (line) => {
          const event = Event.safeParse(readable(line)).data;
          if (event?.type === 'ADDED' || event?.type === 'MODIFIED') seen(event.object);
        });
        for (const it of [answer, lines]) it.on('error', () => {});
      });
      watching.on('error', () => {});
      watching.once('close', () => setTimeout(begin, watchAgainAfterMs));
      watching.end();
      stop = () => watching.destroy();
    };
    begin();
    return () => {
      isOver = true;
      stop();
    };
  };

/** JSON as what it says, and anything else (as of /readyz) as it is. */
function readable(said: string): unknown {
  try {
    return JSON.parse(said);
  } catch {
    return said;
  }
}

function kubectlWith(kubectl: string, url: string, token: string, cache: string): ApiServer['kubectl'] {
  const to = [
    `--server=${url}`,
    `--token=${token}`,
    // Its certificate is self-signed, and it listens on loopback only.
    '--insecure-skip-tls-verify=true',
    // In the home folder it would find what an earlier server at the same port knew.
    `--cache-dir=${cache}`,
  ];
  return async (args, input) => {
    const { exitCode, stdout, stderr } = await execa(kubectl, [...to, ...args], {
      reject: false,
      env: { KUBECONFIG: '/dev/null' },
      ...(input === undefined ? {} : { input }),
    });
    return { ok: exitCode === 0, stdout: String(stdout), stderr: String(stderr) };
  };
}
