import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { dashboards } from './dashboards.ts';
import { render } from './panels.ts';
import { statusPage } from './status-page.ts';

const folder = 'infra/k8s-setup/observability';

/** The text of each generated file, by its path in the repository. */
export async function generated(root: string): Promise<Readonly<Record<string, string>>> {
  const alerts: unknown = parse(await readFile(join(root, 'infra/monitoring/alerts.yml'), 'utf8'));
  const rule = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'box-office', namespace: 'monitoring' },
    spec: alerts,
  };
  return {
    [`${folder}/2-monitoring/rules.yml`]: `# From infra/monitoring/alerts.yml, by node ops/monitoring/main.ts\n${stringify(rule, { lineWidth: 0 })}`,
    [`${folder}/status-page/config.yaml`]: `# From services.ts, by node ops/monitoring/main.ts\n${stringify(statusPage, { lineWidth: 0 })}`,
    ...Object.fromEntries(
      dashboards.map((it) => [`${folder}/3-dashboards/${it.name}.json`, `${JSON.stringify(render(it), null, 2)}\n`]),
    ),
  };
}
