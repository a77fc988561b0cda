import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { eventually } from '@box-office/common/testing/eventually';
import { freePort } from '@box-office/local/ports';
import { localProcesses } from './local-processes.ts';
import { members } from './members.ts';
import { processes } from './processes.ts';

const listens = `require('node:http').createServer().listen(Number(process.argv[1]), '127.0.0.1', function () {
  console.log(this.address().port);
});`;

async function start(port: number) {
  const child = spawn(process.execPath, ['-e', listens, `${port}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return { pid: child.pid, url: `http://127.0.0.1:${line}`, kill: () => child.kill('SIGKILL') };
}

// Other systems have no /proc.
(process.platform === 'linux' ? describe : describe.skip)('the processes of this machine', () => {
  it('are found by their address, also after a restart', async () => {
    const local = localProcesses();
    // Used twice, so outside the range that outgoing connections take theirs from.
    const first = await start(await freePort());
    const found = await local.at(first.url);
    expect(found?.pid).toBe(first.pid);
    expect(found?.rssBytes).toBeGreaterThan(10_000_000);
    expect(Math.abs(Date.now() / 1000 - (found?.startedAt ?? 0))).toBeLessThan(30);
    const { hostname, port } = new URL(first.url);
    expect((await local.at(`http://localhost:${port}`))?.pid).toBe(first.pid);
    expect(await local.at(`http://${hostname.replace('127', '126')}:${port}`)).toBeUndefined();

    first.kill();
    await eventually(async () => expect(await local.at(first.url)).toBeUndefined());
    const second = await start(Number(port));
    expect((await local.at(second.url))?.pid).toBe(second.pid);
    second.kill();
  });

  it('are counted as restarted by their pid, and by their start where there is none', async () => {
    const url = 'http://127.0.0.1:1';
    const seen = processes(members(['nats', 'orders', 'mongo'].map((name) => ({ name, kind: 'engine', url }))), {
      tell: () => undefined,
    });
    seen.take('nats', { pid: 1, startedAt: 100 });
    seen.take('nats', { pid: 1, startedAt: 100.01 });
    seen.take('orders', { startedAt: 100 });
    seen.take('orders', { startedAt: 200 });
    seen.take('mongo', { pid: 2 });
    seen.take('mongo', {});
    seen.take('mongo', { pid: 3 });
    await seen.look();
    expect(seen.list()).toMatchObject([{ restarts: 0 }, { restarts: 1 }, { restarts: 1 }]);
  });
});
