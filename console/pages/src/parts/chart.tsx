import { type PointerEvent, useState } from 'react';
import type { Chart as ChartData, Series } from '../../../src/api/metrics.ts';
import { useNow } from '../lib/hooks.ts';
import { clock, inUnit, span } from '../lib/words.ts';
import { knownHueOf } from './badge.tsx';

const width = 300;
const height = 84;
const hourMs = 3_600_000;
const fiveMinutesMs = 300_000;
/** As many as there are colours. */
const mostLines = 9;

/** A small chart of the last hour. What it shows is said in words for those who do not see it. */
export function Chart({ chart, isSmall = false }: { readonly chart: ChartData; readonly isSmall?: boolean }) {
  const now = useNow();
  const shown = mostTelling(chart.series);
  const colours = coloursOf(shown);
  const [pointed, setPointed] = useState<number>();
  const end = Math.max(...chart.series.map(({ points }) => points.at(-1)?.[0] ?? 0), now - 10_000);
  const start = startOf(chart, end);
  const top = niceAbove(Math.max(0, ...chart.series.map(highest)));
  const x = (at: number) => ((at - start) / (end - start)) * width;
  const y = (value: number) => height - 2 - (value / top) * (height - 6);
  const at = pointed === undefined ? undefined : start + (pointed / width) * (end - start);

  function point(event: PointerEvent<SVGSVGElement>): void {
    const box = event.currentTarget.getBoundingClientRect();
    setPointed(Math.max(0, Math.min(width, ((event.clientX - box.left) / box.width) * width)));
  }

  return (
    <figure className={isSmall ? 'chart small' : 'chart'}>
      <figcaption>
        <span className="strong">{chart.title}</span>
        <span className="muted">{at === undefined ? `last ${span(end - start)}` : clock(at, now)}</span>
      </figcaption>
      <div className="plot">
        <svg
          viewBox={`0 0 ${width} ${height}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={`${chart.title}: ${inWords(chart, shown)}`}
          onPointerMove={point}
          onPointerLeave={() => setPointed(undefined)}
        >
          <path className="grid" d={`M0 ${y(top)}H${width}M0 ${y(top / 2)}H${width}M0 ${y(0)}H${width}`} />
          {shown.map((series, place) => (
            <path key={series.label} className="line" stroke={colours[place]} d={line(series, x, y)} />
          ))}
          {pointed !== undefined && <path className="pointer" d={`M${pointed} 0V${height}`} />}
        </svg>
        <span className="top">{inUnit(top, chart.unit)}</span>
      </div>
      <ul className="legend">
        {shown.map((series, place) => (
          <li key={series.label}>
            {shown.length > 1 && <span className="swatch" style={{ background: colours[place] }} />}
            {series.label && <span>{series.label}</span>}
            <span className="value">{valueAt(chart, series, at)}</span>
          </li>
        ))}
        {shown.length < chart.series.length && <li className="muted">and {chart.series.length - shown.length} more</li>}
        {chart.series.length === 0 && <li className="muted">nothing yet</li>}
      </ul>
    </figure>
  );
}

/** An hour before its end, or less when the platform is younger than that. */
function startOf({ series }: ChartData, end: number): number {
  const first = Math.min(...series.map(({ points }) => points[0]?.[0] ?? end));
  return Math.max(end - hourMs, Math.min(first, end - fiveMinutesMs));
}

/** Those with the highest values, in the order in which they came, where there are too many to tell apart. */
function mostTelling(series: readonly Series[]): readonly Series[] {
  if (series.length <= mostLines) return series;
  const telling = series.toSorted((one, other) => highest(other) - highest(one)).slice(0, mostLines);
  return series.filter((it) => telling.includes(it));
}

const highest = ({ points }: Series): number => Math.max(0, ...points.map(([, value]) => value ?? 0));

/** Services have the colours that they have everywhere; what else there is, and further replicas, get those left. */
function coloursOf(series: readonly Series[]): string[] {
  if (series.length === 1) return ['var(--accent)'];
  const taken = new Set<string>();
  const own = series.map(({ label }) => {
    const hue = knownHueOf(label);
    if (!hue || taken.has(hue)) return undefined;
    taken.add(hue);
    return hue;
  });
  const left = Array.from({ length: mostLines }, (_, place) => `var(--hue-${place})`).filter((it) => !taken.has(it));
  return own.map((hue) => hue ?? left.shift() ?? 'var(--muted)');
}

function line({ points }: Series, x: (at: number) => number, y: (value: number) => number): string {
  let path = '';
  let isDrawing = false;
  for (const [at, value] of points) {
    if (value !== null) path += `${isDrawing ? 'L' : 'M'}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
    isDrawing = value !== null;
  }
  return path;
}

/** At the pointer, or the newest. */
function valueAt(chart: ChartData, { points }: Series, at: number | undefined): string {
  const value = at === undefined ? points.at(-1)?.[1] : points.findLast(([time]) => time <= at + 5_000)?.[1];
  return value === undefined || value === null ? '–' : inUnit(value, chart.unit);
}

function niceAbove(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return (([1, 2, 5, 10] as const).find((it) => it * power >= value) ?? 10) * power;
}

function inWords(chart: ChartData, shown: readonly Series[]): string {
  const parts = shown.map((series) => {
    const now = valueAt(chart, series, undefined);
    return `${series.label ? `${series.label} ` : ''}${now} now, at most ${inUnit(highest(series), chart.unit)} in the last hour`;
  });
  return parts.join('; ') || 'nothing measured yet';
}
