import { type Cluster, type Forwarded, forward, KubectlFailed } from '@box-office/ops/cluster/kubectl';
import { CannotTell } from './cannot-tell.ts';

const pod = 'console-0';
const consolePort = 8090;

/**
 * Forwards a port of this machine's loopback to the console of a cluster, which listens nowhere else than on the
 * loopback of its pod.
 *
 * @throws CannotTell
 */
export async function forwardTo(cluster: Cluster): Promise<Forwarded> {
  return forward(cluster, `pod/${pod}`, consolePort).catch((error: unknown) => {
    throw error instanceof KubectlFailed ? new CannotTell(reason(error, cluster)) : error;
  });
}

function reason({ said, message }: KubectlFailed, { context, namespace }: Cluster): string {
  if (/forbidden/i.test(said))
    return `You may not reach the console of ${context}: that needs the role console-viewer (infra/k8s/components/console).`;
  if (/pods .* not found/i.test(said))
    return `There is no console in the namespace ${namespace} of ${context}. How to turn it on: infra/k8s/components/console.`;
  if (/not running|timed out waiting/i.test(said)) return `The console of ${context} does not run: its pod is ${pod}.`;
  return message;
}
