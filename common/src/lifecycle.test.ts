import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { eventually } from './testing/eventually.ts';
import { ask, endLives, hears, here, live, said } from './testing/life.ts';

afterEach(endLives);

const parts = `async () => ({ app, stop: [
  async () => { await later(20); say('listeners stop'); },
  async () => { say('relay fails'); throw new Error('gone'); },
  async () => { say('connections close'); },
] })`;

describe('a process', () => {
  it('is live at once, says what it waits for and why once, and works when it is there', async () => {
    const life = await live(`async (signal) => {
      let tries = 0;
      let there = false;
      process.once('SIGUSR2', () => { there = true; });
      await waitFor('mongo', async () => {
        if (++tries < 4) throw new Error('nobody answers');
        if (!there) throw new Error('wrong password');
      }, { logger, signal });
      return { app, stop: [] };
    }`);
    expect((await ask(life, '/healthz/live')).status).toBe(200);
    const ready = await ask(life, '/healthz/ready');
    expect(ready.status).toBe(503);
    expect(ready.headers.get('retry-after')).toBe('1');
    expect(ready.headers.get('cache-control')).toBe('no-store');
    expect(ready.headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(await ready.json()).toMatchObject({ code: 'starting', ready: false, waitingFor: ['NATS and the database'] });
    expect((await ask(life, '/api/orders')).status).toBe(503);

    await eventually(() => expect(said(life).filter((it) => it === 'waiting for mongo')).toHaveLength(2));
    life.child.kill('SIGUSR2');
    await hears(life, 'part is up');
    expect(await (await ask(life, '/api/orders')).text()).toBe('here');
    expect(said(life)).toEqual([
      'part listens',
      'waiting for mongo',
      'waiting for mongo',
      'mongo: there it is',
      'part is up',
    ]);
    const reasons = life.lines.filter(({ msg }) => msg === 'waiting for mongo').map(({ reason }) => reason);
    expect(reasons).toEqual(['Error: nobody answers', 'Error: wrong password']);
  });

  it('keeps idle connections longer than the gateway does, or a request could meet their end', async () => {
    const life = await live('async () => ({ app, stop: [] })');
    const agent = new Agent({ keepAlive: true });
    const headers = await new Promise<IncomingHttpHeaders>((resolve, reject) => {
      const asked = get({ port: life.port, path: '/healthz/live', agent }, (answer) =>
        resolve(answer.resume().headers),
      );
      asked.once('error', reject);
    });
    agent.destroy();
    expect(headers['keep-alive']).toBe('timeout=120');
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'finishes what it does, stops its parts in order even if one fails, and ends well: %s',
    async (signal) => {
      const life = await live(parts);
      await hears(life, 'part is up');
      const slow = ask(life, '/slow');
      await hears(life, 'slow begins');
      life.child.kill(signal);
      expect(await (await slow).text()).toBe('slow');
      expect(await life.exited).toBe(0);
      expect(said(life).slice(-6)).toEqual([
        'part stops',
        'listeners stop',
        'relay fails',
        'a part did not stop cleanly',
        'connections close',
        'part stopped',
      ]);
    },
  );

  it('does not wait for connections that are only kept for later', async () => {
    // Longer than a process may take to stop: if it waited for the connection, it would end with a failure.
    const life = await live(parts, 60_000);
    await hears(life, 'part is up');
    const agent = new Agent({ keepAlive: true });
    const answer = new Promise<IncomingMessage>((resolve) => {
      get({ port: life.port, path: '/slow', agent }, resolve);
    });
    await hears(life, 'slow begins');
    life.child.kill('SIGTERM');
    (await answer).resume();
    expect(await life.exited).toBe(0);
    agent.destroy();
  });

  it('cuts off a request that never ends, so that its parts still stop in order', async () => {
    const life = await live(parts);
    await hears(life, 'part is up');
    const cutOff = expect(ask(life, '/never')).rejects.toThrow('fetch failed');
    await hears(life, 'never begins');
    life.child.kill('SIGTERM');
    expect(await life.exited).toBe(0);
    await cutOff;
    expect(said(life).at(-1)).toBe('part stopped');
  });

  it('leaves a part behind that takes too long, so that the others still stop, and ends well', async () => {
    const stuck = `async () => ({ app, stop: [
      (withinMs) => { say('has ' + (withinMs < 1_000)); return later(60_000); },
      (withinMs) => { say('has ' + (withinMs < 1_000)); return later(60_000); },
      async () => say('connections close'),
    ] })`;
    const life = await live(stuck, 1_000, 0, { stopWithinMs: 5_000 });
    await hears(life, 'part is up');
    life.child.kill('SIGTERM');
    expect(await life.exited).toBe(0);
    expect(said(life).slice(-6)).toEqual([
      'has false',
      'a part did not stop in time',
      'has true',
      'a part did not stop in time',
      'connections close',
      'part stopped',
    ]);
  });

  it('counts the drain apart, so that a long one takes no time from the work', async () => {
    const life = await live(`async () => ({ app, stop: [async () => later(500)] })`, 1_000, 2_000, {
      stopWithinMs: 2_000,
    });
    await hears(life, 'part is up');
    life.child.kill('SIGTERM');
    expect(await life.exited).toBe(0);
    expect(said(life).slice(-2)).toEqual(['part stops', 'part stopped']);
  });

  it('listens on the one address that it is given', async () => {
    const life = await live('async () => ({ app, stop: [] })', 1_000, 0, { host: '127.0.0.2' });
    await expect(ask(life, '/healthz/live')).rejects.toThrow('fetch failed');
    expect((await fetch(`http://127.0.0.2:${life.port}/healthz/live`)).status).toBe(200);
  });

  it('says which port is taken, and ends without a stack trace on the console', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, resolve));
    const { port = 0 } = holder.address() as AddressInfo;
    const child = spawn(process.execPath, [
      '--input-type=module',
      '--eval',
      `
      import { run } from ${here('lifecycle.ts')};
      import { createLogger } from ${here('telemetry/logger.ts')};
      await run({ name: 'part', port: ${port}, logger: createLogger({ name: 'part', level: 'info' }), start: null });
    `,
    ]);
    const lines: string[] = [];
    for (const stream of [child.stdout, child.stderr]) createInterface(stream).on('line', (line) => lines.push(line));
    const [code] = await once(child, 'close');
    holder.close();
    expect([code, lines.length]).toEqual([1, 1]);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 60, msg: `part cannot listen on port ${port}` });
  });

  it('takes no new request once it is told to stop', async () => {
    const life = await live(parts);
    await hears(life, 'part is up');
    const slow = ask(life, '/slow');
    await hears(life, 'slow begins');
    life.child.kill('SIGTERM');
    await hears(life, 'part stops');
    await expect(ask(life, '/')).rejects.toThrow('fetch failed');
    await slow;
    expect(await life.exited).toBe(0);
  });

  it('serves on while it says that it is not ready, until whoever leads requests here has noticed', async () => {
    // Long enough for the three requests below on any machine.
    const life = await live(parts, 1_000, 8_000);
    await hears(life, 'part is up');
    expect(await (await ask(life, '/healthz/ready')).text()).toBe('here');
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const kept = (path: string) =>
      new Promise<IncomingMessage>((resolve, reject) => {
        get({ port: life.port, path, agent }, (answer) => resolve(answer.resume())).once('error', reject);
      });
    await kept('/');
    life.child.kill('SIGTERM');
    await hears(life, 'part stops');
    const ready = await ask(life, '/healthz/ready');
    expect([ready.status, await ready.json()]).toMatchObject([503, { code: 'stopping', ready: false }]);
    expect(await (await ask(life, '/')).text()).toBe('here');
    // A connection that was kept is still good once, and is given back then.
    expect((await kept('/')).headers.connection).toBe('close');
    expect(await life.exited).toBe(0);
    expect(said(life).at(-1)).toBe('part stopped');
    await expect(ask(life, '/')).rejects.toThrow('fetch failed');
    agent.destroy();
  });

  it('does not serve on when it never began to', async () => {
    const life = await live(
      `async (signal) => {
        await waitFor('nats', async () => { throw new Error('nobody answers'); }, { logger, signal });
      }`,
      1_000,
      60_000,
    );
    await hears(life, 'waiting for nats');
    life.child.kill('SIGTERM');
    expect(await life.exited).toBe(0);
  });

  it('can be stopped while it still waits', async () => {
    const life = await live(`async (signal) => {
      await waitFor('nats', async () => { throw new Error('nobody answers'); }, { logger, signal });
    }`);
    await hears(life, 'waiting for nats');
    life.child.kill('SIGTERM');
    expect(await life.exited).toBe(0);
    expect(said(life)).not.toContain('part could not start');
  });

  it('ends at once when it is told twice', async () => {
    const life = await live('async () => ({ app, stop: [() => later(60_000)] })');
    await hears(life, 'part is up');
    life.child.kill('SIGTERM');
    await hears(life, 'part stops');
    life.child.kill('SIGTERM');
    expect(await life.exited).toBe(1);
    // Nor by the limit of 10 s, which says so.
    expect(said(life).at(-1)).toBe('part stops');
  });

  it('ends badly, and says why, when it cannot start for another reason than its engines', async () => {
    const life = await live("async () => { throw new Error('a bug'); }");
    expect(await life.exited).toBe(1);
    expect(life.lines.at(-1)).toMatchObject({ level: 60, msg: 'part could not start', err: { message: 'a bug' } });
  });

  it('exits with a failure after an unhandled rejection', async () => {
    const life = await live(
      "async () => { setTimeout(() => Promise.reject(new Error('a slip'))); return { app, stop: [] }; }",
    );
    expect(await life.exited).toBe(1);
    expect(life.lines.at(-1)).toMatchObject({ level: 60, err: { message: 'a slip' } });
  });
});
