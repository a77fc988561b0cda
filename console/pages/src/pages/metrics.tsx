import type { Chart as ChartData } from '../../../src/api/metrics.ts';
import { useParam, useThing } from '../lib/hooks.ts';
import { Chart } from '../parts/chart.tsx';
import { Filters, TextFilter } from '../parts/filters.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Panel } from '../parts/panel.tsx';
import { Empty, Failure, Loading } from '../parts/states.tsx';

const groups: Readonly<Record<ChartData['group'], string>> = {
  sales: 'Sales',
  requests: 'Requests',
  events: 'Events',
  processes: 'Processes',
};

export const useMetrics = () => useThing<{ items: readonly ChartData[] }>('/api/metrics', ['metrics']);

export function MetricsPage() {
  const metrics = useMetrics();
  const [q] = useParam('q');
  const wanted = q.toLowerCase();
  const charts = (metrics.data?.items ?? []).filter((it) =>
    [it.name, it.title, ...it.series.map(({ label }) => label)].join(' ').toLowerCase().includes(wanted),
  );
  const shown = Object.entries(groups).filter(([group]) => charts.some((it) => it.group === group));
  return (
    <>
      <PageHead title="Metrics" about="The last hour, a point every ten seconds.">
        <Filters names={['q']}>
          <TextFilter name="q" label="Search charts" type="search" />
        </Filters>
      </PageHead>
      {metrics.isPending && <Loading />}
      {metrics.error && <Failure error={metrics.error} retry={() => void metrics.refetch()} />}
      {metrics.data && shown.length === 0 && (
        <Empty title={q ? 'No chart matches.' : 'Nothing was measured yet.'}>
          {!q && 'The first points are there ten seconds after the start.'}
        </Empty>
      )}
      {shown.map(([group, title]) => (
        <Panel key={group} title={title}>
          <div className="charts">
            {charts
              .filter((it) => it.group === group)
              .map((it) => (
                <Chart key={it.name} chart={it} />
              ))}
          </div>
        </Panel>
      ))}
    </>
  );
}
