import { readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { localDir } from '@box-office/local/engines';
import { execa } from 'execa';
import pc from 'picocolors';
import { copySources } from '../support/copy.ts';
import type { Report } from './run.ts';

const root = resolve(import.meta.dirname, '../..');
const patches = join(import.meta.dirname, 'mutants');

/** A plausible defect: a patch with a short description before it. */
export interface Mutant {
  readonly name: string;
  readonly defect: string;
  /** The faults that reveal it, as in `--faults`. */
  readonly faults: string;
  /** Whose processes are killed and paused, and whose consumers are reset, as in `--targets`; all by default. */
  readonly targets: string | undefined;
  /** The scenes that reveal it, as in `--scenes`; none by default, because the crowd does by itself. */
  readonly scenes: string | undefined;
  readonly patchFile: string;
}

interface Found {
  readonly mutant: Mutant;
  /** The promises that it broke; none when it survived. */
  readonly by: readonly string[];
  /** How many violations: a mutant found by only one may survive the next time. */
  readonly times: number;
  readonly example: string;
  readonly tookMs: number;
}

/** A mutant not found by then has survived. */
const findWithinMs = 60_000;

/** All mutants, sorted by name. */
export async function mutants(): Promise<Mutant[]> {
  const files = (await readdir(patches)).filter((file) => file.endsWith('.patch')).sort();
  return Promise.all(files.map(async (file) => parseMutant(file, await readFile(join(patches, file), 'utf8'))));
}

/** The lines before the diff are `defect: …`, `faults: …` and, optionally, `targets: …` and `scenes: …`. */
export function parseMutant(file: string, text: string): Mutant {
  const head = text.slice(0, text.indexOf('diff --git'));
  const ifSaid = (what: string): string | undefined => {
    const line = head.split('\n').find((it) => it.startsWith(`${what}: `));
    return line?.slice(what.length + 2).trim();
  };
  const said = (what: string): string => {
    const text = ifSaid(what);
    if (!text) throw new Error(`${file} does not say its ${what}`);
    return text;
  };
  return {
    name: file.replace(/\.patch$/, ''),
    defect: said('defect'),
    faults: said('faults'),
    targets: ifSaid('targets'),
    scenes: ifSaid('scenes'),
    patchFile: join(patches, file),
  };
}

export interface HuntOptions {
  readonly minutes: number;
  readonly rate: number;
  readonly faults: readonly string[];
  readonly targets?: string | undefined;
  readonly scenes?: string | undefined;
  readonly replicas?: number;
  /** How long a reservation lasts, in seconds. */
  readonly window?: number;
  /** How long it may take to settle, in seconds. */
  readonly rest?: number;
  readonly withinMs?: number;
}

/**
 * Copies the sources to a folder, with these mutants' defects. Two of the usual ones change neighbouring lines, so
 * several are applied without context lines.
 *
 * @throws when a patch does not apply
 */
export async function plant(some: readonly Pick<Mutant, 'patchFile'>[], dir: string): Promise<void> {
  await copySources(root, dir);
  const leniently = some.length > 1 ? ['-C0'] : [];
  for (const { patchFile } of some) await execa('git', ['apply', '--recount', ...leniently, patchFile], { cwd: dir });
}

/**
 * Runs the proof on a copy of the sources with these mutants' defects.
 *
 * @throws when a patch no longer applies, and, with the last output, when there is no report in time
 */
export async function hunt(some: readonly Mutant[], seed: number, options: HuntOptions): Promise<Report> {
  const {
    minutes,
    rate,
    faults,
    targets,
    scenes,
    replicas = 2,
    window = 15,
    rest = 90,
    withinMs = minutes * 60_000 + 300_000,
  } = options;
  // The same each time, so that a process finds what it had compiled of the mutant before.
  const dir = join(tmpdir(), `box-office-mutant-${process.pid}`);
  // What a run without a defect found is to be looked into.
  const out = some.length > 0 ? join(dir, 'out') : join(root, '.local/prove');
  const reportFile = join(out, `report-${seed}.json`);
  await Promise.all([rm(dir, { recursive: true, force: true }), rm(reportFile, { force: true })]);
  try {
    await plant(some, dir);
    const args = [
      join(dir, 'e2e/prove/main.ts'),
      ...[
        '--seed',
        `${seed}`,
        '--minutes',
        `${minutes}`,
        '--rate',
        `${rate}`,
        '--replicas',
        `${replicas}`,
        '--window',
        `${window}`,
        '--rest',
        `${rest}`,
      ],
      ...['--faults', faults.join(',') || 'none', '--out', out],
      ...(targets ? ['--targets', targets] : []),
      ...(scenes ? ['--scenes', scenes] : []),
    ];
    const { all } = await execa(process.execPath, args, {
      cwd: dir,
      // Reuses the installed engines.
      env: { LOCAL_DIR: localDir },
      reject: false,
      all: true,
      timeout: withinMs,
    });
    const report = await readFile(reportFile, 'utf8').catch(() => undefined);
    if (report === undefined) throw new Error(`there is no report: ${all?.slice(-2_000)}`);
    return JSON.parse(report);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

const faultsOf = ({ faults }: Mutant): string[] => faults.split(',').filter((kind) => kind !== 'none');

/** How a mutant is hunted; the same without it has to hold. */
const circumstances = (scenes: string | undefined, faults: readonly string[]) => ({
  minutes: 0.2,
  // Where a scene reveals it, the rest of the crowd is there to be in its way.
  rate: scenes ? 2 : 15,
  faults,
  scenes: scenes ?? 'none',
  // One process of each service plays a scene as well, and starts and warms up in half the time.
  replicas: scenes ? 1 : 2,
  window: 4,
  rest: scenes ? 14 : 11,
});

/**
 * Whether the sources without a defect keep every promise in each of the circumstances in which these mutants are
 * hunted: otherwise to find one would mean nothing.
 */
async function control(some: readonly Mutant[], seed: number): Promise<boolean> {
  for (const scenes of new Set(some.map((it) => it.scenes))) {
    const startedAt = Date.now();
    const faults = new Set(some.filter((it) => it.scenes === scenes).flatMap(faultsOf));
    // Several kinds of faults, in one run, take longer to settle.
    const longer = faults.size > 0 ? { rest: 90 } : {};
    const { verdicts } = await hunt([], seed, { ...circumstances(scenes, [...faults]), ...longer });
    const broken = verdicts.filter(({ violations }) => violations.length > 0);
    const how = broken.length === 0 ? pc.green('holds') : pc.red('BROKEN');
    const tookMs = Date.now() - startedAt;
    console.log(
      `${'without a defect'.padEnd(28)} ${how} after ${(tookMs / 1000).toFixed(0)} s: ${scenes ?? 'the crowd'}`,
    );
    for (const { invariant, violations } of broken) console.log(`${''.padEnd(29)}${invariant}: ${violations[0]}`);
    // The next run would replace its report.
    if (broken.length > 0) return false;
  }
  return true;
}

/** Hunts one mutant with the faults that reveal it. A run that does not finish in time has found nothing. */
async function huntOne(mutant: Mutant, seed: number): Promise<Found> {
  const startedAt = Date.now();
  const { verdicts } = await hunt([mutant], seed, {
    ...circumstances(mutant.scenes, faultsOf(mutant)),
    targets: mutant.targets,
    withinMs: findWithinMs,
  });
  const broken = verdicts.filter(({ violations }) => violations.length > 0);
  return {
    mutant,
    by: broken.map(({ invariant }) => invariant),
    times: broken.reduce((sum, { violations }) => sum + violations.length, 0),
    example: broken[0]?.violations[0] ?? '',
    tookMs: Date.now() - startedAt,
  };
}

/**
 * Hunts all or the named mutants, prints what found each, and returns the exit code: 1 when one survived, or there is
 * something to find without any.
 */
export async function huntAll(seed: number, only?: readonly string[]): Promise<number> {
  const chosen = (await mutants()).filter(({ name }) => !only || only.includes(name));
  if (chosen.length === 0) throw new Error(`there is no mutant ${only?.join(', ')}`);
  if (!(await control(chosen, seed))) return 1;
  let survived = 0;
  for (const mutant of chosen) {
    const found = await huntOne(mutant, seed).catch((error: unknown) => ({
      by: [],
      times: 0,
      example: String(error),
      tookMs: findWithinMs,
    }));
    const isFound = found.by.length > 0 && found.tookMs <= findWithinMs;
    if (!isFound) survived++;
    const how = isFound ? pc.green(`found by ${found.by.join(', ')} (${found.times} ×)`) : pc.red('SURVIVED');
    console.log(`${mutant.name.padEnd(28)} ${how} after ${(found.tookMs / 1000).toFixed(0)} s: ${mutant.defect}`);
    if (found.example) console.log(`${''.padEnd(29)}${found.example.slice(0, 200)}`);
  }
  console.log(`\n${chosen.length - survived} of ${chosen.length} mutants found`);
  return survived === 0 ? 0 : 1;
}

/** The usual defects of courses and first versions, all at once. */
const courseStyle = [
  'publish-after-save',
  'ack-before-effect',
  'no-version-check',
  'copy-takes-older',
  'check-then-insert',
  'float-money',
  'fence-without-attempt',
  'capture-before-completion',
  'webhook-unverified',
];

export async function courseStyleMutants(): Promise<Mutant[]> {
  return (await mutants()).filter(({ name }) => courseStyle.includes(name));
}
