import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { holes } from '../attack/holes.ts';
import { sceneNames } from './crowd/scenes.ts';
import { courseStyleMutants, mutants, parseMutant, plant } from './mutants.ts';
import { faultKinds } from './plan.ts';

describe('the mutants', () => {
  it('are 15 or more, each with its defect and what reveals it', async () => {
    const all = await mutants();
    expect(all.length).toBeGreaterThanOrEqual(15);
    for (const { defect, faults, scenes = '' } of all) {
      expect(defect.length).toBeGreaterThan(20);
      for (const kind of faults.split(',')) expect(['none', ...faultKinds]).toContain(kind);
      for (const name of scenes.split(',')) expect(['', ...sceneNames]).toContain(name);
    }
  });

  it('apply to the current sources', async () => {
    // Those of the attacks too: whoever moves the code has both in mind.
    for (const { name, patchFile } of [...(await mutants()), ...(await holes())]) {
      const { exitCode, stderr } = await execa('git', ['apply', '--check', '--recount', patchFile], { reject: false });
      expect([name, exitCode, stderr]).toEqual([name, 0, '']);
    }
  });

  it('that are usual in courses all exist, and apply together', async () => {
    const some = await courseStyleMutants();
    expect(some).toHaveLength(9);
    const dir = await mkdtemp(join(tmpdir(), 'box-office-course-'));
    try {
      await plant(some, dir);
      for (const { name, patchFile } of some) {
        const back = ['apply', '--check', '--reverse', '--recount', '-C0', patchFile];
        const { exitCode } = await execa('git', back, { cwd: dir, reject: false });
        expect([name, exitCode]).toEqual([name, 0]);
      }
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });

  it('are refused without a description', () => {
    expect(() => parseMutant('x.patch', 'faults: none\n\ndiff --git a b')).toThrow('x.patch does not say its defect');
  });
});
