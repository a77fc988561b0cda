import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { packaged } from './programs.ts';

const root = resolve(import.meta.dirname, '../../..');
const Workflow = z.object({
  jobs: z.record(z.string(), z.object({ steps: z.array(z.object({ run: z.string().default('') })) })),
});
const { jobs } = Workflow.parse(parse(await readFile(join(root, '.github/workflows/test.yml'), 'utf8')));

/** The programs that a script takes out of the package and puts on PATH. */
function unpacked(script: string): string[] {
  if (!/apt-get download\b.* prometheus\b/.test(script) || !/PATH/.test(script)) return [];
  return [...script.matchAll(/ \.\/usr\/bin\/([\w-]+)/g)].map(([, program = '']) => program);
}

it.each([
  ['test', 'npm test'],
  ['verify', 'npm run verify -- --required'],
])('the job %s has the programs of the package before it calls %s', (job, command) => {
  const runs = jobs[job]?.steps.map(({ run }) => run) ?? [];
  expect(runs).toContain(command);
  expect(runs.slice(0, runs.indexOf(command)).flatMap(unpacked).toSorted()).toEqual(packaged.toSorted());
  // Their servers would take the ports.
  expect(runs.filter((run) => /apt(-get)? install\b.*prometheus/.test(run))).toEqual([]);
});

it('.ci/run has them too', async () => {
  const script = await readFile(join(root, '.ci/run'), 'utf8');
  expect(unpacked(script).toSorted()).toEqual(packaged.toSorted());
});
