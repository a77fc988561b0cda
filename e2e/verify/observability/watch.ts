import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from '@box-office/local/starting';
import { dashboards } from '@box-office/ops/monitoring/dashboards';
import type { Visitor } from '../../support/visitor.ts';
import type { Hears } from '../flux.ts';
import { type Receiver, startAlertmanager, startReceiver } from './alertmanager.ts';
import { logFaults, type Printed, startVictoriaLogs } from './logs.ts';
import { findAlertmanager, findAmtool, findJaeger, findPrometheus, findVictoriaLogs } from './programs.ts';
import { startPrometheus } from './prometheus.ts';
import { queryFaults } from './queries.ts';
import type { SentSpans } from './recorder.ts';
import { routeFaults } from './routes.ts';
import { startTracing, traceFaults } from './traces.ts';

interface Watched {
  readonly shop: Visitor;
  /** The addresses of everything that tells metrics: services, and the gateway's own. */
  readonly services: readonly string[];
  readonly gateway: string;
  /** What the services print. */
  readonly printed: readonly Printed[];
  /** What they and the gateway send as spans. */
  readonly sent: readonly SentSpans[];
}

/** Begins to watch; the result looks at what was seen, once people have traded. */
export type Watch = (watched: Watched) => Promise<{ look(): Promise<void>; stop(): Promise<void> }>;

const checks = {
  routes: 'each alert reaches whom it should (amtool)',
  queries: 'each query of the dashboards finds the services’ metrics in Prometheus',
  logs: 'the services’ lines are found in VictoriaLogs by the id of an order',
  traces: 'a purchase is one trace in Jaeger, from the gateway to every service',
  alert: 'a real fault fires an alert that arrives through Alertmanager',
};
const within = 30_000;

/** Prometheus and Alertmanager as they are deployed, beside the services. Says which of it had to be skipped. */
export function watching(root: string, dir: string, hears: Hears): Watch {
  return async ({ shop, services, gateway, printed, sent }) => {
    await mkdir(dir, { recursive: true });
    const [prometheus, alertmanager, amtool] = await Promise.all([findPrometheus(), findAlertmanager(), findAmtool()]);
    if ('path' in amtool) hears.found(checks.routes, await routeFaults(amtool.path, root));
    else hears.skipped(checks.routes, amtool.why);

    const started: { stop(): Promise<void> | void }[] = [];
    const stop = async () => {
      for (const it of started.toReversed()) await it.stop();
    };
    let scraping: Engine | undefined;
    let receiver: Receiver | undefined;
    try {
      if ('path' in alertmanager) {
        receiver = await startReceiver();
        started.push(receiver);
      }
      const telling =
        'path' in alertmanager && receiver
          ? await startAlertmanager(alertmanager.path, { root, dir: join(dir, 'alertmanager'), receiver: receiver.url })
          : undefined;
      if (telling) started.push(telling);
      if ('path' in prometheus) {
        scraping = await startPrometheus({
          program: prometheus.path,
          dir: join(dir, 'prometheus'),
          targets: { 'box-office': services.map(hostOf), gateway: [hostOf(gateway)] },
          rules: [await impatient(root, dir)],
          alertmanager: telling && hostOf(telling.url),
        });
        started.push(scraping);
      }
    } catch (error) {
      await stop();
      throw error;
    }

    return {
      stop,
      async look() {
        await lookAtLogs(root, join(dir, 'logs'), printed, hears);
        await lookAtTraces(root, join(dir, 'traces'), sent, hears);
        if ('why' in prometheus || !scraping) {
          const why = 'why' in prometheus ? prometheus.why : 'Prometheus did not start';
          for (const check of [checks.queries, checks.alert]) hears.skipped(check, why);
          return;
        }
        const { url } = scraping;
        hears.found(checks.queries, await settled(() => queryFaults(url, dashboards)));
        if ('why' in alertmanager) return hears.skipped(checks.alert, alertmanager.why);
        // Somebody whose secret is not the one of payments.
        for (let times = 0; times < 10; times++) await shop.ask('POST', '/api/payments/webhook', { forged: true });
        const arrived = () => receiver?.received.discord.some((it) => it.includes('WebhooksRefused'));
        hears.found(
          checks.alert,
          await settled(async () => (arrived() ? [] : ['WebhooksRefused did not arrive where Discord would be'])),
        );
      },
    };
  };
}

/** Keeps what was printed in a VictoriaLogs and looks for it there. */
async function lookAtLogs(root: string, dir: string, printed: readonly Printed[], hears: Hears): Promise<void> {
  const program = await findVictoriaLogs();
  if ('why' in program) return hears.skipped(checks.logs, program.why);
  const running = await startVictoriaLogs(program.path, dir);
  try {
    hears.found(checks.logs, await logFaults(running.url, root, printed));
  } finally {
    await running.stop();
  }
}

/** Sends what was recorded to the Collector and looks for it in Jaeger. */
async function lookAtTraces(root: string, dir: string, sent: readonly SentSpans[], hears: Hears): Promise<void> {
  const program = await findJaeger();
  if ('why' in program) return hears.skipped(checks.traces, program.why);
  const tracing = await startTracing(program.path, { root, dir });
  try {
    hears.found(checks.traces, await traceFaults(tracing, sent));
  } finally {
    await tracing.stop();
  }
}

/** The deployed rules, which here do not wait whether what they see goes away by itself. */
async function impatient(root: string, dir: string): Promise<string> {
  const file = join(dir, 'alerts.yml');
  const rules = await readFile(join(root, 'infra/monitoring/alerts.yml'), 'utf8');
  await writeFile(file, rules.replaceAll(/for: \d+[mh]/g, 'for: 0s'));
  return file;
}

const hostOf = (url: string) => new URL(url).host;

async function settled(look: () => Promise<string[]>): Promise<string[]> {
  const deadline = Date.now() + within;
  for (;;) {
    const faults = await look();
    if (faults.length === 0 || Date.now() > deadline) return faults;
    await sleep(500);
  }
}
