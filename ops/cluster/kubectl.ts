import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { cannotRun } from '@box-office/common/command';
import { execa } from 'execa';

/** A namespace of a cluster. */
export interface Cluster {
  /** A context of kubectl. */
  readonly context: string;
  readonly namespace: string;
}

/** The options that say which cluster a command is about. */
export const clusterOptions = {
  context: { value: 'NAME', does: 'a cluster, by its kubectl context' },
  namespace: { value: 'NAME', does: 'its namespace, box-office by default' },
} as const;

/**
 * The cluster that the options name, or undefined if they name none.
 *
 * @throws KubectlFailed when only a half of them was given
 */
export function clusterOf(given: {
  readonly context: string | undefined;
  readonly namespace: string | undefined;
}): Cluster | undefined {
  const { context, namespace = 'box-office' } = given;
  if (context === undefined && given.namespace === undefined) return undefined;
  // kubectl takes an empty one as not given, and uses the one that was used last.
  if (!context || !namespace) throw new KubectlFailed('--namespace needs --context, and neither may be empty.', '');
  return { context, namespace };
}

/** kubectl could not do it; the message says why and what helps, as a sentence. */
export class KubectlFailed extends Error {
  /** What it wrote to stderr. */
  readonly said: string;

  constructor(message: string, said: string) {
    super(message);
    this.said = said;
  }
}

export interface Forwarded {
  /** On this machine's loopback. */
  readonly port: number;
  readonly end: () => void;
}

/** kubectl itself waits for minutes where nobody answers. */
const withinMs = 20_000;

const options = ({ context, namespace }: Cluster) => [`--context=${context}`, `--namespace=${namespace}`];

/**
 * Forwards a port of this machine's loopback to a port of `target`, such as `pod/console-0` or `statefulset/nats`,
 * until it is ended, at the latest with this process.
 *
 * @throws KubectlFailed
 */
export async function forward(cluster: Cluster, target: string, port: number): Promise<Forwarded> {
  const to = ['port-forward', '--address=127.0.0.1', '--pod-running-timeout=10s', target, `:${port}`];
  const kubectl = spawn('kubectl', [...options(cluster), ...to], {
    // Which a test may have changed.
    env: process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = () => void kubectl.kill();
  process.once('exit', end);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  try {
    const at = await portOf(kubectl);
    kubectl.once('close', () => {
      if (kubectl.killed) return;
      // What is asked through it would wait for ever.
      process.stderr.write(`kubectl no longer forwards to ${target} of ${cluster.context}.\n`);
      process.exit(cannotRun);
    });
    return { port: at, end };
  } catch (error) {
    end();
    throw failed(error, cluster, target);
  }
}

/** The port that it forwards. @throws with what it said, when it ends or takes too long */
function portOf(kubectl: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let said = '';
    let complaint = '';
    const late = setTimeout(() => reject(new Error(`${complaint}\nno answer within ${withinMs / 1_000} s`)), withinMs);
    kubectl.stdout?.on('data', (chunk) => {
      said += chunk;
      const [, port] = /^Forwarding from 127\.0\.0\.1:(\d+)/m.exec(said) ?? [];
      if (!port) return;
      clearTimeout(late);
      resolve(Number(port));
    });
    kubectl.stderr?.on('data', (chunk) => {
      complaint += chunk;
    });
    kubectl.once('error', (error) => {
      clearTimeout(late);
      reject(error);
    });
    kubectl.once('close', () => {
      clearTimeout(late);
      reject(new Error(complaint));
    });
  });
}

/** An object as the API server has it, such as `secret/tickets`. @throws KubectlFailed */
export async function objectOf(cluster: Cluster, name: string): Promise<unknown> {
  const args = [...options(cluster), 'get', name, '--output=json', `--request-timeout=${withinMs / 1_000}s`];
  const {
    stdout,
    stderr,
    failed: isFailed,
    code,
  } = await execa('kubectl', args, { timeout: 2 * withinMs, reject: false });
  // Not the error's message, which has what was printed: that may be a Secret.
  if (isFailed) throw failed(Object.assign(new Error(stderr), { code }), cluster, name);
  return JSON.parse(stdout);
}

function failed(error: unknown, { context }: Cluster, what: string): KubectlFailed {
  if (!Error.isError(error)) return new KubectlFailed(String(error), '');
  if ('code' in error && error.code === 'ENOENT')
    return new KubectlFailed('--context needs kubectl, which is not on PATH.', '');
  const said = error.message.trim();
  if (/context "?.*"? does not exist|context was not found/i.test(said)) {
    const words = `kubectl knows no context "${context}"; kubectl config get-contexts lists those that it knows.`;
    return new KubectlFailed(words, said);
  }
  const last = said.split('\n').at(-1) || 'it said nothing';
  return new KubectlFailed(`kubectl could not reach ${what} of ${context}: ${last}`, said);
}
