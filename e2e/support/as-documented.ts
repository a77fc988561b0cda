import { attributes, type SpanId, spans } from '@box-office/common/telemetry/vocabulary';
import type { ReceivedSpan } from '@box-office/common/testing/spans';
import { metrics } from '@box-office/docs/metrics';
import type { ServiceName } from '../../services.ts';

/** What is documented and does not happen in a purchase that goes well, and why. */
const elsewhere: Readonly<Record<string, string>> = {
  'expire an order': 'the buyer pays in time',
  'settle an order': 'nothing is left halfway',
  'settle a payment': 'the sandbox’s webhooks are in the order’s trace already',
  'error.type': 'nothing fails',
  'db.response.status_code': 'no write is refused',
};

/** Spans and attributes that have arrived and are not documented: `service name` or `service name: attribute`. */
export function undocumented(received: readonly ReceivedSpan[]): string[] {
  const found = received.flatMap((span) => {
    const id = idOf(span);
    const title = `${span.service} ${span.name}`;
    if (!id) return [title];
    return Object.keys(span.attributes)
      .filter((name) => !isDocumented(name, id))
      .map((name) => `${title}: ${name}`);
  });
  return [...new Set(found)].toSorted();
}

/** What is documented and has not arrived, without what happens elsewhere. */
export function neverSeen(received: readonly ReceivedSpan[]): string[] {
  const seen = new Set<string>(received.flatMap((span) => [idOf(span) ?? '', ...Object.keys(span.attributes)]));
  return [...Object.keys(spans), ...Object.keys(attributes)].filter((it) => !seen.has(it) && !(it in elsewhere));
}

function idOf({ name, kind, service }: ReceivedSpan): SpanId | undefined {
  const found = Object.entries(spans).find(
    ([, it]) => it.kind === kind && (it.by === 'gateway') === (service === 'gateway') && it.pattern.test(name),
  );
  return found?.[0] as SpanId | undefined;
}

const isDocumented = (name: string, id: SpanId): boolean =>
  Object.entries(attributes).some(([known, { on }]) => known === name && on.some((it) => it === id));

/** The metrics that a service shows, each in one line with all that is documented of it. */
export function shownMetrics(text: string): string[] {
  const labels = new Map(
    [...text.matchAll(/^([a-z_0-9]+)\{(.*)\} /gm)].map(([, name = '', inside = '']) => [
      name.replace(/_(bucket|sum|count)$/, ''),
      [...inside.matchAll(/(\w+)="/g)].map(([, label = '']) => label).filter((it) => it !== 'service' && it !== 'le'),
    ]),
  );
  return [...text.matchAll(/^# HELP (\w+) (.*)\n# TYPE \w+ (\w+)$/gm)]
    .map(([, name = '', help = '', type = '']) =>
      // Without a sample a metric does not show its labels.
      lineOf({ name, type, labels: labels.get(name) ?? metrics.find((it) => it.name === name)?.labels ?? [], help }),
    )
    .filter(isHere)
    .toSorted();
}

/** What the metrics of a service should be. */
export const documentedMetrics = (service: ServiceName): string[] =>
  metrics
    .filter(({ services }) => services.includes(service))
    .map(lineOf)
    .filter(isHere)
    .toSorted();

function lineOf(it: { name: string; type: string; labels: readonly string[]; help: string }): string {
  return `${it.name} ${it.type} {${it.labels.toSorted().join()}} ${it.help}`;
}

/** Node's own metrics differ between operating systems. */
const isHere = (line: string): boolean => process.platform === 'linux' || !/^(process|nodejs)_/.test(line);
