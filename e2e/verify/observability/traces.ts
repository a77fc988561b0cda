import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { spansInJson } from '@box-office/common/testing/spans';
import { startGuarded } from '@box-office/local/guarded';
import { freePort } from '@box-office/local/ports';
import { type Engine, startOnPort } from '@box-office/local/starting';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { serviceNames } from '../../../services.ts';
import type { SentSpans } from './recorder.ts';

const folder = 'infra/k8s-setup/observability/traces';

/** The Collector, where spans are sent to, and Jaeger, where they are looked for. */
export interface Tracing {
  readonly collector: Engine;
  readonly jaeger: Engine;
  stop(): Promise<void>;
}

/**
 * Starts Jaeger and the Collector with their deployed settings, but for the addresses of this machine. Jaeger's program
 * is a Collector too, and takes that one's place; of what `collector.yaml` names it lacks only `health_check`.
 */
export async function startTracing(program: string, { root, dir }: { root: string; dir: string }): Promise<Tracing> {
  await mkdir(dir, { recursive: true });
  const otlp = `127.0.0.1:${await freePort()}`;
  const jaeger = await startOnPort('Jaeger', undefined, async (port) => {
    const text = await readFile(join(root, folder, 'jaeger.yaml'), 'utf8');
    const placed = moved(text, {
      '0.0.0.0:4317': otlp,
      '0.0.0.0:13133': `127.0.0.1:${await freePort()}`,
      '/data/': `${dir}/`,
    });
    const over = { http: `127.0.0.1:${port}`, grpc: `127.0.0.1:${await freePort()}` };
    const sets = Object.entries(over).map(([it, at]) => `--set=extensions.jaeger_query.${it}.endpoint=${at}`);
    return running('Jaeger', program, join(dir, 'jaeger.yaml'), placed, sets, `http://127.0.0.1:${port}`, '/');
  });
  try {
    const collector = await startOnPort('Collector', undefined, async (port) => {
      const placed = await collectorSettings(root, { receives: `127.0.0.1:${port}`, sends: otlp });
      return running(
        'Collector',
        program,
        join(dir, 'collector.yaml'),
        placed,
        [],
        `http://127.0.0.1:${port}`,
        '/v1/traces',
      );
    });
    return {
      collector,
      jaeger,
      async stop() {
        await collector.stop();
        await jaeger.stop();
      },
    };
  } catch (error) {
    await jaeger.stop();
    throw error;
  }
}

/**
 * The deployed settings of the Collector, with addresses of this machine.
 *
 * @throws when they do not receive where the services send, or do not send to Jaeger
 */
export async function collectorSettings(root: string, here: { receives: string; sends: string }): Promise<string> {
  const settings = Settings.parse(parse(await readFile(join(root, folder, 'collector.yaml'), 'utf8')));
  const { health_check: _, ...extensions } = settings.extensions;
  const service = { ...settings.service, extensions: Object.keys(extensions) };
  const text = stringify({ ...settings, extensions, service });
  return moved(text, { '0.0.0.0:4318': here.receives, 'jaeger:4317': here.sends });
}

/** Settings with something of this machine in place of what is deployed. */
function moved(settings: string, places: Readonly<Record<string, string>>): string {
  return Object.entries(places).reduce((text, [deployed, here]) => {
    if (!text.includes(deployed)) throw new Error(`${deployed} is not in the settings:\n${settings}`);
    return text.replaceAll(deployed, here);
  }, settings);
}

const Settings = z.looseObject({
  extensions: z.record(z.string(), z.unknown()),
  service: z.looseObject({ extensions: z.array(z.string()) }),
});

async function running(
  name: string,
  program: string,
  file: string,
  settings: string,
  more: readonly string[],
  url: string,
  path: string,
) {
  await writeFile(file, settings);
  // Its own metrics would take a fixed port.
  const args = [`--config=${file}`, '--set=service.telemetry.metrics.level=none', ...more];
  // Any answer will do: the Collector has no page.
  const isReady = async () => (await fetch(`${url}${path}`)).status > 0;
  return { running: startGuarded({ name, program, args }), url, why: program, isReady };
}

/**
 * Sends everything to the Collector and looks in Jaeger for the trace of a purchase, until it is complete there or
 * `withinMs` are over.
 *
 * @returns what is wrong, a sentence each
 */
export async function traceFaults(
  { collector, jaeger }: Readonly<Record<'collector' | 'jaeger', Pick<Engine, 'url'>>>,
  sent: readonly SentSpans[],
  withinMs = 20_000,
): Promise<string[]> {
  const spans = sent
    .filter(({ type }) => type.startsWith('application/json'))
    .flatMap(({ body }) => spansInJson(JSON.parse(body.toString())));
  const paid = spans.find(({ service, name }) => service === 'orders' && name === 'publish orders.*.completed');
  if (!paid) return ['no service has sent the span of an order that is complete'];
  for (const { type, encoding, body } of sent) {
    const headers = { 'content-type': type, ...(encoding && { 'content-encoding': encoding }) };
    const taken = await fetch(`${collector.url}/v1/traces`, { method: 'POST', headers, body: new Uint8Array(body) });
    if (!taken.ok) return [`the Collector answers ${taken.status} to what the services send: ${await taken.text()}`];
  }
  const own = spans.filter(({ traceId }) => traceId === paid.traceId);
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await inJaeger(jaeger.url, paid.traceId);
    const missing = own.filter(({ spanId }) => !found.spans.has(spanId));
    const silent = inPurchase.filter((it) => !found.services.has(it));
    if (found.callers.length > 0)
      return [`the Collector passes on what it knows of callers: ${found.callers.join(', ')}`];
    if (missing.length === 0 && silent.length === 0) return [];
    if (Date.now() > deadline)
      return [
        `of ${own.length} spans of a purchase, Jaeger lacks ${missing.length}; its trace there has none of ${silent.join(', ') || 'nobody'}`,
      ];
    await sleep(500);
  }
}

/**
 * Whoever has a part in a purchase: all but the shop, whose pages are not served here. That its spans belong to the
 * trace is tested in a browser.
 */
const inPurchase = ['gateway', ...serviceNames, 'stripe'];

const Answer = z.object({
  data: z
    .array(
      z.object({
        spans: z.array(z.object({ spanID: z.string(), tags: z.array(z.object({ key: z.string() })) })),
        processes: z.record(z.string(), z.object({ serviceName: z.string() })),
      }),
    )
    .nullish(),
});

/** What Jaeger shows of a trace. */
async function inJaeger(url: string, traceId: string) {
  const answer = await fetch(`${url}/api/traces/${traceId}`);
  const [trace] = answer.ok ? (Answer.parse(await answer.json()).data ?? []) : [];
  const keys = new Set(trace?.spans.flatMap(({ tags }) => tags.map(({ key }) => key)));
  return {
    spans: new Set(trace?.spans.map(({ spanID }) => spanID)),
    callers: [...keys].filter((key) => /^client\.|^network\.peer\.|^user_agent\.|^url\.query$/.test(key)),
    services: new Set(Object.values(trace?.processes ?? {}).map(({ serviceName }) => serviceName)),
  };
}
