import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { eventually } from '@box-office/common/testing/eventually';
import { startGuarded } from './guarded.ts';

describe('a guarded program', () => {
  /** A shell that starts another program and prints both pids. */
  const family = 'sleep 1000 & echo $$ $!; wait';

  function start(script: string) {
    const lines: string[] = [];
    const running = startGuarded({
      name: 'it',
      program: '/bin/sh',
      args: ['-c', script],
      onLine: (line) => lines.push(line),
    });
    return { running, lines };
  }

  it('is the process whose pid is reported', async () => {
    const { running, lines } = start('echo $$; sleep 1000');
    await eventually(() => expect(lines).toEqual([`${running.pid}`]));

    await running.stop();
  });

  it('may finish its work when it is asked to end', async () => {
    const { running, lines } = start('trap "echo finished; exit 3" TERM; echo up; while :; do sleep 0.05; done');
    await eventually(() => expect(lines).toContain('up'));

    await running.stop();
    expect(lines).toContain('finished');
    await expect(running.ended).resolves.toBe('it ended with code 3');
  });

  it('is killed with its children when it does not end in time', async () => {
    const { running, lines } = start(`trap "" TERM; ${family}`);
    const pids = await eventually(() => pidsIn(lines[0]));

    await running.stop(100);
    await expect(running.ended).resolves.toBe('it was ended by SIGKILL');
    await eventually(() => expect(pids.filter(isAlive)).toEqual([]));
  });

  it('leaves nothing behind when it ends by itself', async () => {
    const { running, lines } = start('sleep 1000 & echo $$ $!; echo "something is wrong" >&2; exit 7');

    await expect(running.ended).resolves.toBe('it ended with code 7');
    expect(running.lastLines()).toContain('something is wrong');
    const pids = pidsIn(lines[0]);
    await eventually(() => expect(pids.filter(isAlive)).toEqual([]));
  });

  it('ends with its children when we are killed with -9', async () => {
    const guarded = JSON.stringify(join(import.meta.dirname, 'guarded.ts'));
    const script = `
      const { startGuarded } = await import(${guarded});
      startGuarded({ name: 'it', program: '/bin/sh', args: ['-c', ${JSON.stringify(family)}], onLine: console.log });`;
    const parent = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(createInterface({ input: parent.stdout }), 'line');
    const pids = pidsIn(String(line));
    expect(pids.filter(isAlive)).toHaveLength(2);

    parent.kill('SIGKILL');
    await eventually(() => expect(pids.filter(isAlive)).toEqual([]));
  });

  it('reports a missing program', async () => {
    const running = startGuarded({ name: 'it', program: '/nowhere/program', args: [] });

    await expect(running.ended).resolves.toBe('it ended with code 127');
    expect(running.lastLines()).toContain('/nowhere/program');
  });
});

function pidsIn(line: string | undefined): number[] {
  const pids = line?.split(' ').map(Number) ?? [];
  if (pids.length !== 2) throw new Error(`no two pids in ${line}`);
  return pids;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
