import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startGuarded } from '@box-office/local/guarded';
import { type Engine, startOnPort } from '@box-office/local/starting';
import { parse } from 'yaml';
import { z } from 'zod';

/** What a process printed, with its name. */
export interface Printed {
  readonly name: string;
  readonly line: string;
}

export async function startVictoriaLogs(program: string, dir: string): Promise<Engine> {
  return startOnPort('VictoriaLogs', undefined, async (port) => {
    const url = `http://127.0.0.1:${port}`;
    const running = startGuarded({
      name: 'VictoriaLogs',
      program,
      args: [`-storageDataPath=${dir}`, `-httpListenAddr=127.0.0.1:${port}`, '-loggerLevel=ERROR'],
    });
    return { running, url, why: program, isReady: async () => (await fetch(`${url}/health`)).ok };
  });
}

const Settings = z.object({
  pipeline: z.object({ outputs: z.tuple([z.object({ uri: z.string(), json_date_key: z.string() })]) }),
});

/** A line of a service, if it is JSON. */
function fieldsOf(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

/**
 * Sends the lines to the address that fluent-bit is told to use, in the form that it is told to send, and looks for one
 * order. fluent-bit itself is not run.
 *
 * @returns what is wrong, a sentence each
 */
export async function logFaults(url: string, root: string, printed: readonly Printed[]): Promise<string[]> {
  const file = join(root, 'infra/k8s-setup/observability/logs/fluent-bit.yaml');
  const [{ uri, json_date_key }] = Settings.parse(parse(await readFile(file, 'utf8'))).pipeline.outputs;
  const records = printed.map(({ name, line }) => ({
    [json_date_key]: new Date().toISOString(),
    kubernetes: { namespace_name: 'box-office', container_name: name, pod_name: `${name}-0` },
    ...(fieldsOf(line) ?? { log: line }),
  }));
  const body = records.map((it) => JSON.stringify(it)).join('\n');
  const taken = await fetch(`${url}${uri}`, { method: 'POST', body });
  if (!taken.ok) return [`VictoriaLogs answers ${taken.status} to what fluent-bit would send: ${await taken.text()}`];

  const orders = printed.flatMap(({ name, line }) => {
    const id = fieldsOf(line)?.orderId;
    return typeof id === 'string' ? [{ id, name }] : [];
  });
  const [first] = orders;
  if (!first) return ['no service has logged anything with the id of an order'];
  const said = orders.filter(({ id }) => id === first.id);
  const found = await linesAbout(url, `orderId:=${first.id}`);
  if (found.length !== said.length)
    return [`of ${said.length} lines about an order, ${found.length} are found by its id`];
  const unsaid = found.filter((it) => it._msg === undefined || it._msg.startsWith('missing _msg'));
  return unsaid.length > 0 ? [`${unsaid.length} lines about an order have lost their message`] : [];
}

const Found = z.looseObject({ _msg: z.string().optional() });

async function linesAbout(url: string, query: string): Promise<z.infer<typeof Found>[]> {
  // Lines can be found a moment after they were taken.
  await fetch(`${url}/internal/force_flush`);
  const answer = await fetch(`${url}/select/logsql/query?query=${encodeURIComponent(query)}`);
  const lines = (await answer.text()).split('\n').filter((line) => line !== '');
  return lines.map((line) => Found.parse(JSON.parse(line)));
}
