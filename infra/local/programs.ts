import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import type { Way } from './find.ts';

export interface Wanted {
  readonly program: string;
  /** The oldest acceptable version; any by default. */
  readonly atLeast?: string;
  readonly versionArgs: readonly string[];
}

/** A way that takes a program found on PATH, if it is new enough. */
export function onPath(env: NodeJS.ProcessEnv, { program, atLeast, versionArgs }: Wanted): Way {
  const what = `${program}${atLeast ? ` ≥ ${atLeast}` : ''} on PATH`;
  return {
    what,
    async look() {
      const path = await whereIs(program, env.PATH ?? '');
      if (!path) return { missing: 'not there' };
      const version = await versionOf(path, versionArgs);
      if (atLeast && !version) return { missing: `${path} does not print its version` };
      if (atLeast && version && !isAtLeast(version, atLeast))
        return { missing: `${path} is ${version}, which is too old` };
      return {
        kind: 'program',
        program,
        path,
        why: `${[program, version].filter(Boolean).join(' ')} from PATH, ${path}`,
      };
    },
  };
}

export async function whereIs(program: string, path: string): Promise<string | undefined> {
  for (const dir of path.split(delimiter).filter(Boolean)) {
    const candidate = join(dir, program);
    try {
      await access(candidate, constants.X_OK);
      return candidate;
    } catch {
      // not in this folder
    }
  }
  return undefined;
}

/** The first version number that a program prints when asked for its version. */
export async function versionOf(path: string, args: readonly string[]): Promise<string | undefined> {
  const { all } = await execa(path, args, { all: true, reject: false, timeout: 10_000, stdin: 'ignore' });
  return versionIn(all ?? '');
}

export function versionIn(text: string): string | undefined {
  return /(?<![\d.])v?(\d+\.\d+(?:\.\d+)?)/.exec(text)?.[1];
}

export function isAtLeast(version: string, least: string): boolean {
  const numbers = (text: string) => text.split('.').map(Number);
  const wanted = numbers(least);
  const actual = numbers(version);
  for (const [place, number] of wanted.entries()) {
    const difference = (actual[place] ?? 0) - number;
    if (difference !== 0) return difference > 0;
  }
  return true;
}
