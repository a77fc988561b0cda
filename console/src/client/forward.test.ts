import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@box-office/common/testing/eventually';
import { type KubectlStandIn, kubectlStandIn } from '@box-office/ops/cluster/kubectl-under-test';
import { execa } from 'execa';
import type { Console } from '../console.ts';
import { openConsole } from '../console-under-test.ts';

describe('the commands and a cluster', () => {
  let dir: string;
  let opened: Console;
  let port: number;
  let kubectl: KubectlStandIn;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'console-forward-'));
    kubectl = await kubectlStandIn();
    const it = await openConsole(dir);
    opened = it.opened;
    port = Number(new URL(it.origin).port);
  });

  afterAll(async () => {
    await opened.stop();
    await kubectl.remove();
    await rm(dir, { recursive: true, force: true });
  });

  const run = (command: string[], { says = '', PATH = '' } = {}) => {
    const [program = '', ...args] = command;
    const env = kubectl.env({ says, ports: { 'pod/console-0': port } });
    return execa(process.execPath, [join(import.meta.dirname, `../commands/${program}.ts`), ...args], {
      reject: false,
      env: { ...env, ...(PATH ? { PATH } : {}) },
    });
  };

  it('asks the console of the cluster as it asks the one of npm start, and forwards no longer than that', async () => {
    const { exitCode, stdout } = await run(['streams', '--json', '--context', 'kind-box-office']);
    expect([exitCode, JSON.parse(stdout)]).toEqual([0, []]);
    const { pid, args } = await kubectl.noted();
    expect(args.slice(0, 3)).toEqual(['--context=kind-box-office', '--namespace=box-office', 'port-forward']);
    expect(args.slice(-2)).toEqual(['pod/console-0', ':8090']);
    await eventually(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'));
  });

  it('says where log lines are, which a console of a cluster does not read', async () => {
    const { exitCode, stderr } = await run(['logs', '--context', 'it', '--namespace', 'box-office-pr-7']);
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/VictoriaLogs.*kubectl --namespace \S+ logs/)]);
    expect((await kubectl.noted()).args).toContain('--namespace=box-office-pr-7');
  });

  it.each([
    ['error: context "it" does not exist', /knows no context "it"/],
    ['Error from server (NotFound): pods "console-0" not found', /no console in the namespace box-office of it/],
    ['Error from server (Forbidden): pods "console-0" is forbidden: User "a" cannot get', /the role console-viewer/],
    ['error: unable to forward port because pod is not running. Current status=Pending', /does not run/],
    ['The connection to the server 10.0.0.1:6443 was refused', /could not reach pod\/console-0 of it: The connection/],
  ])('says what helps when kubectl says: %s', async (said, words) => {
    const { exitCode, stdout, stderr } = await run(['events', '--context', 'it'], { says: said });
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(words);
    expect(stderr.split('\n')).toHaveLength(1);
  });

  it('says that kubectl is missing, and refuses two places at once', async () => {
    const empty = await run(['traces', '--context', 'it'], { PATH: join(dir, 'nowhere') });
    expect(empty).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('kubectl, which is not on PATH') });
    const both = await run(['traces', '--context', 'it', '--url', 'http://127.0.0.1:1']);
    expect(both).toMatchObject({ exitCode: 2, stderr: 'Either --context, or --url or --state.' });
  });
});
