import type { Dashboard } from '@box-office/ops/monitoring/panels';
import { seriesOf } from './prometheus.ts';

/** Panels whose queries may find nothing in a trade without faults, with the reason. */
const mayBeEmpty: Readonly<Record<string, string>> = {
  'services: Failed requests': 'a division of nothing by something: no request fails',
};

/** Runs each query of each dashboard. @returns those that are refused or find nothing, a sentence each */
export async function queryFaults(prometheus: string, dashboards: readonly Dashboard[]): Promise<string[]> {
  const faults: string[] = [];
  for (const { name, panels } of dashboards) {
    for (const { title, series } of panels) {
      for (const { expr } of series) {
        const found = await seriesOf(prometheus, expr.replaceAll('$__rate_interval', '1m'));
        if (typeof found === 'string') faults.push(`${name}: ${title}: Prometheus refuses the query: ${found}`);
        else if (found === 0 && !(`${name}: ${title}` in mayBeEmpty))
          faults.push(`${name}: ${title}: the query finds nothing: ${expr}`);
      }
    }
  }
  return faults;
}
