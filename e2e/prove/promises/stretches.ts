import type { Away } from '../faults.ts';
import { engines, serviceOf } from '../plan.ts';

/** A stretch of time, in ms since 1970. */
export type Stretch = Pick<Away, 'fromMs' | 'toMs'>;

/** How much of a period is covered by others, which may overlap. */
export function overlap(stretches: readonly Stretch[], fromMs: number, toMs: number): number {
  let covered = 0;
  let upToMs = fromMs;
  for (const it of stretches.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const [begin, end] = [Math.max(it.fromMs, upToMs), Math.min(it.toMs, toMs)];
    if (end <= begin) continue;
    covered += end - begin;
    upToMs = end;
  }
  return covered;
}

const enginesAway = (away: readonly Away[]): readonly Stretch[] => away.filter(({ name }) => engines.includes(name));

/** When an engine, or every replica of some service, did not run. */
export function nobodyThere(away: readonly Away[], replicas: number): readonly Stretch[] {
  const services = Map.groupBy(
    away.filter(({ name }) => !engines.includes(name)),
    ({ name }) => serviceOf(name),
  );
  const all = [...services.values()].flatMap((stretches) => {
    const [first = [], ...others] = [...Map.groupBy(stretches, ({ name }) => name).values()];
    return others.length + 1 < replicas ? [] : others.reduce<readonly Stretch[]>(both, first);
  });
  return [...enginesAway(away), ...all];
}

/** What two lists of stretches have in common. */
function both(some: readonly Stretch[], others: readonly Stretch[]): readonly Stretch[] {
  return some
    .flatMap((a) => others.map((b) => ({ fromMs: Math.max(a.fromMs, b.fromMs), toMs: Math.min(a.toMs, b.toMs) })))
    .filter(({ fromMs, toMs }) => fromMs < toMs);
}
