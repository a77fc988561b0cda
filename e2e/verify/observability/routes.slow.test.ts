import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { alertmanagerConfig } from './alertmanager.ts';
import { findAmtool } from './programs.ts';
import { routeFaults } from './routes.ts';

const root = resolve(import.meta.dirname, '../../..');
const amtool = await findAmtool();
if ('why' in amtool) console.warn(`SKIPPED  No route is tried: ${amtool.why}`);

('path' in amtool ? describe : describe.skip)('the routes of alerts', () => {
  const program = 'path' in amtool ? amtool.path : '';
  let copy: string;

  beforeEach(async () => {
    copy = await mkdtemp(join(tmpdir(), 'box-office-routes-'));
    for (const file of [alertmanagerConfig, 'infra/monitoring/alerts.yml'])
      await cp(join(root, file), join(copy, file), { recursive: true });
  });

  afterEach(() => rm(copy, { recursive: true, force: true }));

  const plant = async (from: string, to: string) => {
    const text = await readFile(join(copy, alertmanagerConfig), 'utf8');
    expect(text).toContain(from);
    await writeFile(join(copy, alertmanagerConfig), text.replace(from, to));
  };

  it('lead each alert to whom it should reach', async () => {
    expect(await routeFaults(program, copy)).toEqual([]);
  });

  it('are refused when nobody is told what is critical', async () => {
    await plant('severity="critical"', 'severity="criticle"');
    expect(await routeFaults(program, copy)).toContain(
      'MoneyUnbalanced (critical) is sent to discord, not to discord-and-matrix',
    );
  });

  it('are refused with a field that Alertmanager does not know', async () => {
    await plant('group_wait:', 'group_waits:');
    expect(await routeFaults(program, copy)).toEqual([expect.stringMatching(/field group_waits not found/)]);
  });
});
