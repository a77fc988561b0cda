import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/**
 * In the place of kubectl: says what a real one was seen to say, prints an object, or forwards a port until it is
 * ended. It notes its arguments and its pid.
 */
const program = `#!${process.execPath}
const { writeFileSync } = require('node:fs');
const { connect, createServer } = require('node:net');
const { KUBECTL_NOTE, KUBECTL_SAYS, KUBECTL_OBJECTS = '{}', KUBECTL_PORTS = '{}' } = process.env;
const args = process.argv.slice(2);
const [verb, ...rest] = args.filter((it) => !it.startsWith('--'));
writeFileSync(KUBECTL_NOTE, JSON.stringify({ pid: process.pid, args }));
const fail = (words) => {
  process.stderr.write(words + '\\n');
  process.exit(1);
};
if (KUBECTL_SAYS) fail(KUBECTL_SAYS);
if (verb === 'get') {
  const object = JSON.parse(KUBECTL_OBJECTS)[rest[0]];
  if (!object) fail('Error from server (NotFound): ' + rest[0] + ' not found');
  console.log(JSON.stringify(object));
} else {
  const [target, port] = rest;
  const to = JSON.parse(KUBECTL_PORTS)[target];
  if (!to) fail('Error from server (NotFound): ' + target + ' not found');
  const server = createServer((caller) => {
    const there = connect(to, '127.0.0.1').on('error', () => caller.destroy());
    caller.on('error', () => there.destroy()).pipe(there).pipe(caller);
  }).listen(0, '127.0.0.1', () => console.log('Forwarding from 127.0.0.1:' + server.address().port + ' -> ' + port.slice(1)));
}
`;

export interface KubectlStandIn {
  /** For a process that is to use it. */
  env(what?: {
    /** What it says, and fails. */
    says?: string;
    /** What there is in the cluster, as `secret/tickets`. */
    objects?: Readonly<Record<string, object>>;
    /** Where the ports of pods and workloads lead to on this machine, whichever is asked for. */
    ports?: Readonly<Record<string, number>>;
  }): Record<string, string>;
  /** Its last call. */
  noted(): Promise<{ readonly pid: number; readonly args: readonly string[] }>;
  remove(): Promise<void>;
}

export async function kubectlStandIn(): Promise<KubectlStandIn> {
  const dir = await mkdtemp(join(tmpdir(), 'kubectl-'));
  const note = join(dir, 'note.json');
  await writeFile(join(dir, 'kubectl'), program);
  await chmod(join(dir, 'kubectl'), 0o755);
  return {
    env: ({ says = '', objects = {}, ports = {} } = {}) => ({
      PATH: `${dir}${delimiter}${process.env.PATH}`,
      KUBECTL_NOTE: note,
      KUBECTL_SAYS: says,
      KUBECTL_OBJECTS: JSON.stringify(objects),
      KUBECTL_PORTS: JSON.stringify(ports),
    }),
    noted: async () => JSON.parse(await readFile(note, 'utf8')),
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}

/** A Deployment or StatefulSet that takes its settings from these. */
export const workloadWith = (container: object, volumes: object[] = []) => ({
  spec: { template: { spec: { containers: [container], volumes } } },
});

export const secretWith = (data: Readonly<Record<string, string>>) => ({
  data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
});
