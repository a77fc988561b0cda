import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { localDir } from '@box-office/local/engines';
import { execa } from 'execa';
import pc from 'picocolors';
import { z } from 'zod';
import { copySources } from '../support/copy.ts';

const root = resolve(import.meta.dirname, '../..');
const patches = join(import.meta.dirname, 'holes');

/** A plausible weakness: a patch with a short description before it. */
export interface Hole {
  readonly name: string;
  readonly weakness: string;
  /** The attack that must find it. */
  readonly foundBy: string;
  /** Whether it takes the long form of the attack. */
  readonly takesLong: boolean;
  readonly patchFile: string;
}

/** All holes, sorted by name. */
export async function holes(): Promise<Hole[]> {
  const files = (await readdir(patches)).filter((file) => file.endsWith('.patch')).sort();
  return Promise.all(files.map(async (file) => parseHole(file, await readFile(join(patches, file), 'utf8'))));
}

/** The lines before the diff are `weakness: …` and `found by: …`, which may end with `, in its long form`. */
export function parseHole(file: string, text: string): Hole {
  const lines = text.slice(0, text.indexOf('diff --git')).split('\n');
  const said = (what: string): string => {
    const line = lines.find((it) => it.startsWith(`${what}: `));
    if (!line) throw new Error(`${file} does not say its "${what}"`);
    return line.slice(what.length + 2).trim();
  };
  const name = file.replace(/\.patch$/, '');
  const [foundBy = '', form] = said('found by').split(', ');
  const takesLong = form === 'in its long form';
  return { name, weakness: said('weakness'), foundBy, takesLong, patchFile: join(patches, file) };
}

const Finding = z.object({ attack: z.string(), faults: z.array(z.string()) });

/** Attacks a copy of the sources with a hole, in the way that must find it. Returns what it found. */
async function attackWith({ foundBy, takesLong, patchFile }: Hole): Promise<readonly string[]> {
  const dir = await mkdtemp(join(tmpdir(), 'box-office-hole-'));
  try {
    await copySources(root, dir);
    await execa('git', ['apply', '--recount', patchFile], { cwd: dir });
    const { stdout, stderr } = await execa(
      process.execPath,
      [join(dir, 'e2e/attack/main.ts'), ...(takesLong ? [] : ['--short']), '--json', '--only', foundBy],
      // Reuses the installed engines.
      { cwd: dir, env: { LOCAL_DIR: localDir }, reject: false, timeout: takesLong ? 1_100_000 : 450_000 },
    );
    const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
    if (lines.length === 0) throw new Error(`there is no finding: ${stderr.slice(-1_000)}`);
    return lines.flatMap((line) => Finding.parse(JSON.parse(line)).faults);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Plants all or the named holes in turn, prints what was found, and returns the exit code: 1 when one was not. */
export async function huntHoles(only?: readonly string[]): Promise<number> {
  const chosen = (await holes()).filter(({ name }) => !only || only.includes(name));
  if (chosen.length === 0) throw new Error(`there is no hole ${only?.join(', ')}`);
  let missed = 0;
  for (const hole of chosen) {
    const faults = await attackWith(hole).catch((error: unknown) => [`it could not be carried out: ${error}`]);
    // An attack that could not be carried out has found nothing.
    const found = faults.filter((fault) => !fault.startsWith('it could not be carried out'));
    if (found.length === 0) missed++;
    const how = found.length > 0 ? pc.green(`found by ${hole.foundBy} (${found.length} ×)`) : pc.red('NOT FOUND');
    console.log(`${hole.name.padEnd(28)} ${how}: ${hole.weakness}`);
    const [example] = faults;
    if (example) console.log(`${''.padEnd(29)}${example.slice(0, 200)}`);
  }
  console.log(`\n${chosen.length - missed} of ${chosen.length} holes found`);
  return missed === 0 ? 0 : 1;
}
