import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { CannotTell } from './cannot-tell.ts';

/** A console of a cluster. */
export interface InCluster {
  /** A context of kubectl. */
  readonly context: string;
  readonly namespace: string;
}

export interface Forwarded {
  readonly url: string;
  readonly end: () => void;
}

const pod = 'console-0';
const consolePort = 8090;
/** kubectl itself waits for minutes where nobody answers. */
const withinMs = 20_000;

/**
 * Forwards a port of this machine's loopback to the console of a cluster, which listens nowhere else than on the
 * loopback of its pod. It ends with this process.
 *
 * @throws CannotTell
 */
export async function forwardTo({ context, namespace }: InCluster): Promise<Forwarded> {
  const to = ['port-forward', '--address=127.0.0.1', '--pod-running-timeout=10s', `pod/${pod}`, `:${consolePort}`];
  const kubectl = spawn('kubectl', [`--context=${context}`, `--namespace=${namespace}`, ...to], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = () => void kubectl.kill();
  process.once('exit', end);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  try {
    return { url: `http://127.0.0.1:${await portOf(kubectl)}`, end };
  } catch (error) {
    end();
    throw new CannotTell(reason(error, { context, namespace }));
  }
}

/** The port that it forwards. @throws with what it said, when it ends or takes too long */
function portOf(kubectl: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    let complaint = '';
    const late = setTimeout(() => reject(new Error(`${complaint}\nno answer within ${withinMs / 1_000} s`)), withinMs);
    kubectl.stdout?.on('data', (chunk) => {
      said += chunk;
      const [, port] = /^Forwarding from 127\.0\.0\.1:(\d+)/m.exec(said) ?? [];
      if (!port) return;
      clearTimeout(late);
      resolve(port);
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

function reason(error: unknown, { context, namespace }: InCluster): string {
  if (!Error.isError(error)) return String(error);
  if ('code' in error && error.code === 'ENOENT') return '--context needs kubectl, which is not on PATH.';
  const said = error.message.trim();
  if (/context "?.*"? does not exist|context was not found/i.test(said))
    return `kubectl knows no context "${context}"; kubectl config get-contexts lists those that it knows.`;
  if (/forbidden/i.test(said))
    return `You may not reach the console of ${context}: that needs the role console-viewer (infra/k8s/components/console).`;
  if (/not found/i.test(said))
    return `There is no console in the namespace ${namespace} of ${context}. How to turn it on: infra/k8s/components/console.`;
  if (/not running|timed out waiting/i.test(said)) return `The console of ${context} does not run: its pod is ${pod}.`;
  return `kubectl could not reach the console of ${context}: ${said.split('\n').at(-1) || 'it said nothing'}`;
}
