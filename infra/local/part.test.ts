import { eventually } from '@box-office/common/testing/eventually';
import { startGuarded } from './guarded.ts';
import { keep, type Part, type Plan, type Settings } from './part.ts';
import { engineOf } from './starting.ts';

describe('a part of the platform', () => {
  let parts: Part[];
  let said: string[];
  let starts: number;
  /** Whether it ran, each time that a change of this was told. */
  let running: boolean[];

  beforeEach(() => {
    parts = [];
    said = [];
    starts = 0;
    running = [];
  });

  afterEach(async () => {
    await Promise.all(parts.map((it) => it.stop()));
  });

  function part(script: string, { keepAlive = false, ...over }: Partial<Plan> & { keepAlive?: boolean } = {}): Part {
    const plan: Plan = {
      name: 'it',
      async start() {
        starts++;
        return engineOf(startGuarded({ name: 'it', program: '/bin/sh', args: ['-c', script] }), 'http://it', 'why not');
      },
      waitsFor: async () => undefined,
      ...over,
    };
    const onChange = () => void running.push(made.pid() !== undefined);
    const made = keep(plan, { keepAlive, print: (line) => said.push(line), onChange });
    parts.push(made);
    return made;
  }

  it('runs until it is stopped', async () => {
    const it = part('sleep 1000');
    await it.start();
    await it.ready();
    expect(it.pid()).toBeGreaterThan(0);

    await it.stop();
    expect(it.pid()).toBeUndefined();
  });

  it('is restarted when it was killed, with growing pauses', async () => {
    const it = part('sleep 1000', { keepAlive: true });
    await it.start();
    for (const pid of [it.pid(), undefined]) {
      await it.kill();
      const next = await eventually(() => {
        expect(it.pid()).toBeDefined();
        return it.pid();
      });
      expect(next).not.toBe(pid);
    }
    expect(said).toEqual([
      'it was ended by SIGKILL; starting it again in 0.5 s',
      'it was ended by SIGKILL; starting it again in 1 s',
    ]);
    expect(running).toEqual([true, false, true, false, true]);
  });

  it('is not restarted in a test, and says why it is not ready', async () => {
    const it = part('echo no database >&2; exit 4');
    await it.start();

    await eventually(() => expect(it.pid()).toBeUndefined());
    await expect(it.ready()).rejects.toThrow('it ended with code 4\nno database');
    expect(starts).toBe(1);
  });

  it('says what it waits for when it is not ready in time', async () => {
    const it = part('sleep 1000', { waitsFor: async () => 'the database' });
    await it.start();

    await expect(it.ready(50)).rejects.toThrow('it is not ready after 0.05 s: the database');
  });

  it('is not restarted once it was stopped', async () => {
    const it = part('exit 1', { keepAlive: true });
    await it.start();
    await eventually(() => expect(said).toHaveLength(1));
    await it.stop();

    await expect(it.ready()).rejects.toThrow('it was stopped');
    expect(it.pid()).toBeUndefined();
  });

  it('runs once even if several restarts are requested at the same time', async () => {
    const it = part('trap "sleep 0.2; exit" TERM; while :; do sleep 0.02; done');
    await it.start();
    await Promise.all([it.restart(), it.restart(), it.restart()]);

    expect(starts).toBe(2);
    expect(it.pid()).toBeDefined();
  });

  it('keeps the settings that it was restarted with', async () => {
    const ran: Settings[] = [];
    const program = { name: 'it', program: '/bin/sh', args: ['-c', 'sleep 1000'] };
    const start = async (settings: Settings) => {
      ran.push(settings);
      return engineOf(startGuarded(program), 'http://it', 'why not');
    };
    const it = part('', { start });
    await it.start();
    await it.restart({ WINDOW: '1' });
    await it.restart();

    expect(ran).toEqual([{}, { WINDOW: '1' }, { WINDOW: '1' }]);
  });

  it('stays stopped when it is stopped during a restart', async () => {
    const it = part('trap "sleep 0.2; exit" TERM; while :; do sleep 0.02; done');
    await it.start();
    await Promise.all([it.restart(), it.stop()]);

    expect(it.pid()).toBeUndefined();
    expect(starts).toBe(1);
  });

  it('is retried when its program cannot be started', async () => {
    const it = part('', {
      keepAlive: true,
      async start() {
        starts++;
        if (starts === 2) throw new Error('its port is taken');
        return engineOf(startGuarded({ name: 'it', program: '/bin/sh', args: ['-c', 'sleep 1000'] }), '', '');
      },
    });
    await it.start();
    await it.kill();

    await eventually(() => expect(starts).toBe(3));
    expect(said[1]).toContain('is taken; starting it again in 1 s');
  });
});
