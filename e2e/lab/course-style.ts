import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LabLine, LabResult } from '@box-office/console/api/lab';
import { localDir } from '@box-office/local/engines';
import { execa } from 'execa';
import { courseStyleMutants, plant } from '../prove/mutants.ts';

/** How the usual code came through a situation. */
export interface UsualOutcome {
  /** Missing if the lab ended before its end. */
  readonly result: LabResult | undefined;
  /** The checks that did not hold. */
  readonly violated: readonly string[];
}

/**
 * Makes a situation on a copy of these sources that has the usual defects, on a platform of its own, and passes its
 * lines on as they come.
 */
export async function onUsualCode(name: string, tell: (line: LabLine) => void): Promise<UsualOutcome> {
  const dir = mkdtempSync(join(tmpdir(), 'box-office-usual-'));
  const remove = () => rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  // Also when the lab is ended by a signal.
  process.once('exit', remove);
  await plant(await defectsFor(name), dir);
  const running = execa(process.execPath, [join(dir, 'e2e/lab/main.ts'), name, '--own', '--json'], {
    cwd: dir,
    // Reuses the installed engines.
    env: { LOCAL_DIR: localDir },
    stderr: 'inherit',
    reject: false,
  });
  const violated: string[] = [];
  let result: LabResult | undefined;
  for await (const text of running) {
    const line = JSON.parse(text) as LabLine;
    tell(line);
    if (line.kind === 'check' && !line.ok) violated.push(line.text);
    if (line.kind === 'result') result = line;
  }
  remove();
  process.off('exit', remove);
  return { result, violated };
}

/** Planted only where a process dies: the pause before each effect that it needs would hide the other defects. */
const onlyWhenKilled = 'ack-before-effect';

/** The usual defects, and one more that shows in this situation alone, if there is one. */
async function defectsFor(name: string) {
  const usual = (await courseStyleMutants()).filter((it) => it.name !== onlyWhenKilled || name === 'payments-killed');
  const own = join(import.meta.dirname, 'usual', `${name}.patch`);
  return existsSync(own) ? [...usual, { patchFile: own }] : usual;
}
