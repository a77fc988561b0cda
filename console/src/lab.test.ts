import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@box-office/common/testing/eventually';
import type { Lab } from './api/lab.ts';
import type { Console } from './console.ts';
import { openConsole } from './console-under-test.ts';

/** Speaks as the lab does. A file that is there holds its run up. */
const program = (held: string) => `
  const { existsSync } = require('node:fs');
  const say = (line) => console.log(JSON.stringify(line));
  const about = { teaches: 't', should: 's', courseStyle: 'c' };
  const [name] = process.argv.slice(2).filter((it) => !it.startsWith('-'));
  if (process.argv[2] === '--json') {
    for (const it of ['held', 'broken', 'unable']) say({ kind: 'situation', name: it, title: it, ...about });
  } else if (name === 'unable') {
    console.error('at first\\nNo platform runs here: sk_test_secret123.');
    process.exitCode = 2;
  } else {
    say({ kind: 'situation', name, title: name, ...about });
    say({ kind: 'step', at: 'now', text: process.argv.slice(3).join(' '), orderId: '1' });
    const end = () => {
      if (existsSync(${JSON.stringify(held)})) return setTimeout(end, 20);
      say({ kind: 'check', at: 'now', text: 'it holds', ok: name === 'held', seen: 'that' });
      say({ kind: 'result', name, ok: name === 'held', seconds: 1, orderId: '1' });
    };
    end();
  }
`;

describe('the lab in the console', () => {
  let dir: string;
  let held: string;
  let opened: Console;
  let origin: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'console-lab-'));
    held = join(dir, 'held');
    await writeFile(join(dir, 'lab.cjs'), program(held));
    ({ opened, origin } = await openConsole(dir, { LAB: join(dir, 'lab.cjs'), LAB_STATE: dir }));
  });

  afterAll(async () => {
    await opened.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const post = (name: string, headers: Record<string, string> = { origin }) =>
    fetch(`${origin}/api/lab/${name}`, { method: 'POST', headers });
  const show = async (): Promise<Lab> => (await (await fetch(`${origin}/api/lab`)).json()) as Lab;

  async function ended(name: string) {
    return eventually(async () => {
      const run = (await show()).runs.find((it) => it.name === name);
      if (!run?.result) throw new Error(`${name} has not ended`);
      return run;
    });
  }

  it('lists the situations', async () => {
    const { situations, runs } = await show();
    expect(situations.map(({ name }) => name)).toEqual(['held', 'broken', 'unable']);
    expect(runs).toEqual([]);
    const { hasLab } = (await (await fetch(`${origin}/api/system`)).json()) as { hasLab: boolean };
    expect(hasLab).toBe(true);
  });

  it('makes one at a time, and shows its lines as they come, also to whoever listens', async () => {
    const live = await fetch(`${origin}/api/live?only=lab`);
    await writeFile(held, '');
    expect((await post('held')).status).toBe(204);
    await eventually(async () => {
      const { runs } = await show();
      expect(runs).toMatchObject([{ name: 'held', lines: [{ kind: 'step', text: `--json --state ${dir}` }] }]);
      expect(runs[0]?.result).toBeUndefined();
    });
    expect((await post('broken')).status).toBe(409);
    await rm(held);
    expect(await ended('held')).toMatchObject({
      lines: [{ kind: 'step' }, { kind: 'check', ok: true, seen: 'that' }],
      result: { ok: true, orderId: '1' },
    });
    let heard = '';
    for await (const chunk of live.body ?? []) {
      heard += Buffer.from(chunk).toString();
      if (heard.includes('data: {"name":"held"}')) break;
    }
    expect((await post('broken')).status).toBe(204);
    expect((await ended('broken')).result).toMatchObject({ ok: false });
  });

  it('says why a situation could not be made, without secrets', async () => {
    expect((await post('unable')).status).toBe(204);
    expect(await ended('unable')).toMatchObject({
      lines: [],
      result: { ok: false, failed: 'No platform runs here: •••.' },
    });
  });

  it('makes none that it does not know, and none for a page of another site', async () => {
    expect((await post('unheard-of')).status).toBe(404);
    expect((await post('--own')).status).toBe(404);
    expect((await post('held', { origin: 'https://evil.example' })).status).toBe(403);
    expect((await post('held', {})).status).toBe(403);
  });

  it('ends what it is making when it stops', async () => {
    const { opened: one, origin: at } = await openConsole(dir, { LAB: join(dir, 'lab.cjs') });
    await writeFile(held, '');
    expect((await fetch(`${at}/api/lab/held`, { method: 'POST', headers: { origin: at } })).status).toBe(204);
    await one.stop();
    await rm(held);
  });

  it('is not there unless a program is named', async () => {
    const { opened: one, origin: at } = await openConsole(dir);
    expect((await fetch(`${at}/api/lab`)).status).toBe(404);
    expect((await fetch(`${at}/api/lab/held`, { method: 'POST', headers: { origin: at } })).status).toBe(404);
    await one.stop();
  });
});
