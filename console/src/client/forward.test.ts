import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import pino from 'pino';
import { loadConfig } from '../config.ts';
import { type Console, createConsole } from '../console.ts';

/**
 * In the place of kubectl: says what a real one was seen to say, or forwards a port until it is ended. It notes its
 * arguments and its pid.
 */
const standin = `#!${process.execPath}
const { writeFileSync } = require('node:fs');
const { connect, createServer } = require('node:net');
const { NOTE, PORT, SAYS } = process.env;
writeFileSync(NOTE, JSON.stringify({ pid: process.pid, args: process.argv.slice(2) }));
if (SAYS) {
  process.stderr.write(SAYS + '\\n');
  process.exit(1);
}
const server = createServer((caller) => {
  const there = connect(PORT, '127.0.0.1').on('error', () => caller.destroy());
  caller.on('error', () => there.destroy()).pipe(there).pipe(caller);
}).listen(0, '127.0.0.1', () => console.log('Forwarding from 127.0.0.1:' + server.address().port + ' -> 8090'));
`;

describe('the commands and a cluster', () => {
  let dir: string;
  let opened: Console;
  let port: number;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'console-forward-'));
    await writeFile(join(dir, 'kubectl'), standin);
    await chmod(join(dir, 'kubectl'), 0o755);
    opened = createConsole(loadConfig({ NATS_URL: 'nats://127.0.0.1:1' }), pino({ level: 'silent' }), () => dir);
    await new Promise<void>((resolve) => opened.server.listen(0, '127.0.0.1', resolve));
    ({ port } = opened.server.address() as AddressInfo);
  });

  afterAll(async () => {
    await opened.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const note = (name: string) => join(dir, `${name}.json`);

  const run = (name: string, command: string[], env: Record<string, string> = {}) => {
    const [program = '', ...args] = command;
    const path = `${dir}${delimiter}${process.env.PATH}`;
    return execa(process.execPath, [join(import.meta.dirname, `../commands/${program}.ts`), ...args], {
      reject: false,
      env: { PATH: path, NOTE: note(name), PORT: `${port}`, ...env },
    });
  };

  it('asks the console of the cluster as it asks the one of npm start, and forwards no longer than that', async () => {
    const { exitCode, stdout } = await run('streams', ['streams', '--json', '--context', 'kind-box-office']);
    expect([exitCode, JSON.parse(stdout)]).toEqual([0, []]);
    const { pid, args } = JSON.parse(await readFile(note('streams'), 'utf8'));
    expect(args.slice(0, 3)).toEqual(['--context=kind-box-office', '--namespace=box-office', 'port-forward']);
    expect(args.slice(-2)).toEqual(['pod/console-0', ':8090']);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('says where log lines are, which a console of a cluster does not read', async () => {
    const { exitCode, stderr } = await run('logs', ['logs', '--context', 'it', '--namespace', 'box-office-pr-7']);
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/VictoriaLogs.*kubectl --namespace \S+ logs/)]);
    expect(JSON.parse(await readFile(note('logs'), 'utf8')).args).toContain('--namespace=box-office-pr-7');
  });

  it.each([
    ['error: context "it" does not exist', /knows no context "it"/],
    ['Error from server (NotFound): pods "console-0" not found', /no console in the namespace box-office of it/],
    ['Error from server (Forbidden): pods "console-0" is forbidden: User "a" cannot get', /the role console-viewer/],
    ['error: unable to forward port because pod is not running. Current status=Pending', /does not run/],
    ['The connection to the server 10.0.0.1:6443 was refused', /could not reach the console of it: The connection/],
  ])('says what helps when kubectl says: %s', async (said, words) => {
    const { exitCode, stdout, stderr } = await run('refused', ['events', '--context', 'it'], { SAYS: said });
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(words);
    expect(stderr.split('\n')).toHaveLength(1);
  });

  it('says that kubectl is missing, and refuses two places at once', async () => {
    const empty = await run('none', ['traces', '--context', 'it'], { PATH: join(dir, 'nowhere') });
    expect(empty).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('kubectl, which is not on PATH') });
    const both = await run('both', ['traces', '--context', 'it', '--url', 'http://127.0.0.1:1']);
    expect(both).toMatchObject({ exitCode: 2, stderr: 'Either --context, or --url or --state.' });
  });
});
