import type { Dashboard, Panel } from './panels.ts';

const aggregations = /\b(?:by|on) \(([^)]*)\)/g;
const labelsOf = (expr: string): string[] =>
  [...expr.matchAll(aggregations)].flatMap(([, inner = '']) => inner.split(',').map((it) => it.trim()));

/** What is wrong with dashboards, a sentence each. Whether their queries find anything, only a Prometheus can say. */
export function lint(dashboards: readonly Dashboard[]): string[] {
  return [
    ...twice(dashboards.map(({ name }) => name)).map((name) => `two dashboards are called ${name}`),
    ...dashboards.flatMap(({ name, panels }) => [
      ...(panels.length === 0 ? [`${name} is empty`] : []),
      ...twice(panels.map(({ title }) => title)).map((title) => `${name}: two panels are called ${title}`),
      ...panels.flatMap((panel) => faultsOf(panel).map((fault) => `${name}: ${panel.title}: ${fault}`)),
    ]),
  ];
}

function faultsOf({ kind, description, unit, series }: Panel): string[] {
  const faults: string[] = [];
  if (description.trim() === '' || description.endsWith('.'))
    faults.push('its description is empty or ends with a dot');
  if (unit === '') faults.push('it has no unit');
  if (series.length === 0) faults.push('it asks nothing');
  for (const { expr, legend } of series) {
    if (/\brate\(/.test(expr) && /\[\d/.test(expr.replace(/increase\([^)]*\)/g, '')))
      faults.push('a rate over a fixed time shows nothing where the scrape interval is longer: use $__rate_interval');
    if (/_total\b/.test(expr) && !/\b(rate|increase)\(/.test(expr)) faults.push('a counter is shown without a rate');
    for (const [, label = ''] of legend.matchAll(/\{\{(\w+)\}\}/g))
      if (!labelsOf(expr).includes(label)) faults.push(`its legend names ${label}, by which the query does not group`);
    if (kind === 'lines' && labelsOf(expr).length > 0 && !legend.includes('{{'))
      faults.push('its lines cannot be told apart: the legend names no label');
  }
  return faults;
}

const twice = (names: readonly string[]) => [...new Set(names.filter((name, at) => names.indexOf(name) !== at))];
