/** The values of one series in the last hour: one for each of the moments that all series share. */
const points = 360;
const mostSeries = 400;

export interface History {
  /** Begins a new moment, at which every series has no value yet. */
  next(at: number): void;
  put(chart: string, label: string, value: number): void;
  /** The series of a chart, by label; `newest` limits the number of moments. */
  series(chart: string, newest?: number): { label: string; points: [at: number, value: number | null][] }[];
}

export function history(): History {
  const moments = new Float64Array(points);
  const values = new Map<string, Map<string, Float64Array>>();
  let count = 0;
  let current = -1;
  let known = 0;
  return {
    next(at) {
      current = (current + 1) % points;
      count = Math.min(count + 1, points);
      moments[current] = at;
      for (const series of values.values()) for (const it of series.values()) it[current] = Number.NaN;
    },

    put(chart, label, value) {
      const series = values.get(chart) ?? new Map<string, Float64Array>();
      values.set(chart, series);
      let own = series.get(label);
      if (!own) {
        if (known >= mostSeries) return;
        known++;
        own = new Float64Array(points).fill(Number.NaN);
        series.set(label, own);
      }
      own[current] = value;
    },

    series(chart, newest = points) {
      const shown = Math.min(newest, count);
      const places = Array.from({ length: shown }, (_, n) => (current - shown + 1 + n + points) % points);
      return [...(values.get(chart) ?? [])]
        .map(([label, own]) => ({ label, points: places.map((at) => point(moments[at], own[at])) }))
        .filter((it) => it.points.some(([, value]) => value !== null))
        .toSorted((a, b) => a.label.localeCompare(b.label));
    },
  };
}

const point = (at = 0, value = Number.NaN): [number, number | null] => [at, Number.isFinite(value) ? value : null];
