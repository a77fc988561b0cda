import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@box-office/common/testing/eventually';
import type { Engine } from '@box-office/local/starting';
import type { Dashboard } from '@box-office/ops/monitoring/panels';
import { findPrometheus } from './programs.ts';
import { startPrometheus } from './prometheus.ts';
import { queryFaults } from './queries.ts';

const prometheus = await findPrometheus();
if ('why' in prometheus) console.warn(`SKIPPED  No query is run: ${prometheus.why}`);

const asking = (expr: string): Dashboard => ({
  ...{ name: 'a', title: 'A', description: 'a' },
  panels: [{ kind: 'lines', title: 'P', description: 'p', unit: 's', series: [{ expr, legend: '' }] }],
});

('path' in prometheus ? describe : describe.skip)('a dashboard’s query, at a real Prometheus', () => {
  let dir: string;
  let metrics: Server;
  let running: Engine;

  beforeAll(async () => {
    if ('why' in prometheus) return;
    dir = await mkdtemp(join(tmpdir(), 'box-office-queries-'));
    metrics = createServer((_, answer) => answer.end('sold_total{service="orders"} 3\n'));
    await once(metrics.listen(0, '127.0.0.1'), 'listening');
    const target = `127.0.0.1:${(metrics.address() as AddressInfo).port}`;
    running = await startPrometheus({ program: prometheus.path, dir, targets: { shop: [target] }, rules: [] });
    await eventually(async () => expect(await queryFaults(running.url, [asking('sold_total')])).toEqual([]));
  });

  afterAll(async () => {
    await running?.stop();
    metrics?.close();
    await rm(dir, { recursive: true, force: true });
  });

  it.each([
    ['for a metric that nobody tells', 'bought_total', /finds nothing/],
    ['for a label that is not there', 'sold_total{service="tickets"}', /finds nothing/],
    ['that is no query', 'sum by (service (sold_total)', /refuses the query/],
  ])('%s is a fault', async (_, expr, fault) => {
    expect(await queryFaults(running.url, [asking(expr)])).toEqual([expect.stringMatching(fault)]);
  });
});
