import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startGuarded } from '@box-office/local/guarded';
import { type Engine, startOnPort } from '@box-office/local/starting';
import { stringify } from 'yaml';
import { z } from 'zod';

export interface PrometheusOptions {
  readonly program: string;
  readonly dir: string;
  /** Addresses with metrics, `host:port`, by job. */
  readonly targets: Readonly<Record<string, readonly string[]>>;
  /** Rule files. */
  readonly rules: readonly string[];
  /** `host:port` of Alertmanager. */
  readonly alertmanager?: string | undefined;
}

/** Scrapes and judges every second: here nobody has time. */
export async function startPrometheus(options: PrometheusOptions): Promise<Engine> {
  const { program, dir, targets, rules, alertmanager } = options;
  await mkdir(dir, { recursive: true });
  const file = join(dir, 'prometheus.yml');
  const to = alertmanager ? [{ static_configs: [{ targets: [alertmanager] }] }] : [];
  await writeFile(
    file,
    stringify({
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: rules,
      alerting: { alertmanagers: to },
      scrape_configs: Object.entries(targets).map(([job, some]) => ({
        job_name: job,
        static_configs: [{ targets: some }],
      })),
    }),
  );
  return startOnPort('Prometheus', undefined, async (port) => {
    const url = `http://127.0.0.1:${port}`;
    const running = startGuarded({
      name: 'Prometheus',
      program,
      args: [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(dir, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=error',
      ],
    });
    return { running, url, why: program, isReady: async () => (await fetch(`${url}/-/ready`)).ok };
  });
}

const Result = z.object({
  status: z.string(),
  error: z.string().optional(),
  data: z.object({ result: z.array(z.unknown()) }).optional(),
});

/** How many series an expression has now, or what Prometheus has against it. */
export async function seriesOf(url: string, expr: string): Promise<number | string> {
  const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expr)}`);
  const { error, data } = Result.parse(await answer.json());
  return error ?? data?.result.length ?? 0;
}
