import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { newId } from '@box-office/common/testing/parts';
import type { Engine } from '@box-office/local/starting';
import { logFaults, type Printed, startVictoriaLogs } from './logs.ts';
import { findVictoriaLogs } from './programs.ts';

const root = resolve(import.meta.dirname, '../../..');
const file = 'infra/k8s-setup/observability/logs/fluent-bit.yaml';
const victoriaLogs = await findVictoriaLogs();
if ('why' in victoriaLogs) console.warn(`SKIPPED  No line of a log is looked for: ${victoriaLogs.why}`);

('path' in victoriaLogs ? describe : describe.skip)('the lines about an order, at a real VictoriaLogs', () => {
  let dir: string;
  let copy: string;
  let running: Engine;
  let printed: Printed[];

  beforeAll(async () => {
    if ('why' in victoriaLogs) return;
    dir = await mkdtemp(join(tmpdir(), 'box-office-logs-'));
    running = await startVictoriaLogs(victoriaLogs.path, dir);
  });

  afterAll(async () => {
    await running?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  beforeEach(async () => {
    copy = await mkdtemp(join(tmpdir(), 'box-office-fluent-bit-'));
    await cp(join(root, file), join(copy, file), { recursive: true });
    const orderId = newId();
    printed = ['orders', 'payments'].map((name) => ({ name, line: JSON.stringify({ name, orderId, msg: 'done' }) }));
    printed.push({ name: 'orders', line: 'not JSON' });
  });

  afterEach(() => rm(copy, { recursive: true, force: true }));

  const plant = async (from: string, to: string) => {
    const text = await readFile(join(copy, file), 'utf8');
    expect(text).toContain(from);
    await writeFile(join(copy, file), text.replace(from, to));
  };

  it('are found as fluent-bit is told to send them', async () => {
    expect(await logFaults(running.url, copy, printed)).toEqual([]);
  });

  it.each([
    ['are not taken at a path that is not there', '/insert/jsonline', '/insert/jsonlines', /^VictoriaLogs answers 4/],
    [
      'are found without what they say if that is in another field',
      '_msg_field=msg,log',
      '_msg_field=text',
      /^2 lines/,
    ],
  ])('%s', async (_, from, to, fault) => {
    await plant(from, to);
    expect(await logFaults(running.url, copy, printed)).toEqual([expect.stringMatching(fault)]);
  });

  it('are missing if nobody has printed any', async () => {
    expect(await logFaults(running.url, copy, [{ name: 'orders', line: 'not JSON' }])).toEqual([
      'no service has logged anything with the id of an order',
    ]);
  });
});
