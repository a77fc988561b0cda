import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Attack, Effort, Outcome } from './attack.ts';
import { openTarget } from './target.ts';

/** What came of an attack, by name. */
export interface Finding extends Outcome {
  readonly attack: string;
  readonly promise: string;
  readonly tookMs: number;
}

export interface RunOptions {
  readonly attacks: readonly Attack[];
  readonly effort: Effort;
  readonly seed: number;
  /** Receives each finding as soon as there is one. */
  readonly onFinding?: (finding: Finding) => void;
}

/**
 * An attack that takes longer has failed: it hangs. A short one takes some ten seconds alone, and several times that
 * beside other tests. 10,000 guesses take some minutes, as most are looked up in the database.
 */
const withinMs: Readonly<Record<Effort, number>> = { short: 240_000, long: 900_000 };

/** Opens a platform and attacks it in every way, one after the other. */
export async function runAttacks({ attacks, effort, seed, onFinding }: RunOptions): Promise<Finding[]> {
  const target = await openTarget();
  try {
    const findings: Finding[] = [];
    for (const attack of attacks) {
      const startedAt = performance.now();
      const outcome = await inTime(withinMs[effort], () =>
        attack.run(target, { effort, random: xoroshiro128plus(seed) }),
      ).catch((error: unknown) => ({ tried: 0, faults: [`it could not be carried out: ${error}`] }));
      const tookMs = Math.round(performance.now() - startedAt);
      const finding = { attack: attack.name, promise: attack.promise, tookMs, ...outcome };
      findings.push(finding);
      onFinding?.(finding);
    }
    return findings;
  } finally {
    await target.end();
  }
}

async function inTime(ms: number, work: () => Promise<Outcome>): Promise<Outcome> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${ms / 1000} s were not enough`)), ms);
  try {
    return await Promise.race([work(), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
