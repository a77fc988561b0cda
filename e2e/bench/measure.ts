/** How long one run took, in ms. */
export type Sample = number;

/** A path to measure: does its work once and says how long the part that counts took, in ms. */
export type Path = () => Promise<Sample>;

const warmUp = 30;

/** Runs the paths in turn, `samples` times each after a warm-up that is not counted. */
export async function measure(
  samples: number,
  paths: readonly [Path, Path, Path],
): Promise<[Sample[], Sample[], Sample[]]>;
export async function measure(samples: number, paths: readonly [Path, Path]): Promise<[Sample[], Sample[]]>;
export async function measure(samples: number, paths: readonly Path[]): Promise<Sample[][]> {
  const times = paths.map((): Sample[] => []);
  for (let round = -warmUp; round < samples; round++) {
    for (const [index, path] of paths.entries()) {
      const time = await path();
      if (round >= 0) times[index]?.push(time);
    }
  }
  return times;
}

/** Runs one task and says how long it took. */
export async function timed(task: () => Promise<unknown>): Promise<Sample> {
  const startedAt = performance.now();
  await task();
  return performance.now() - startedAt;
}

export function spread(times: readonly Sample[]): { p50: number; p99: number } {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}
