import { attributes, type SpanId, spans } from '@box-office/common/telemetry/vocabulary';
import { serviceNames } from '../../services.ts';
import { type Metric, metrics } from './metrics.ts';
import { table } from './table.ts';

/** Every span, attribute and metric, for people to read. */
export function telemetryPage(): string {
  return `# Telemetry

Generated from \`common/src/telemetry/vocabulary.ts\` and \`docs/generate/metrics.ts\` by \`npm run docs\`. A test compares it with the spans and metrics of a running platform in which a purchase is made.

Where to look: [the console](console.md) shows spans, metrics and logs on this machine; [infra/k8s-setup/observability](../infra/k8s-setup/observability) has what collects them in a cluster; [operations](operations.md#alerts) has the alerts.

## Switch it on

Metrics are always there, at \`/metrics\` of each service (not through the gateway), and so are logs, as JSON lines on standard output. Spans are off, and OpenTelemetry’s SDK is not even loaded, until an endpoint is set. \`npm start\` sets it to the console, unless it is set already.

${table(
  ['variable', 'default', 'what it does'],
  switches.map(([name, usual, does]) => [`\`${name}\``, usual, does]),
)}

Spans are sent as OTLP over HTTP in JSON. If nothing receives them, they are lost, and nothing else happens. The gateway is Traefik, which these variables do not switch: \`npm start\` tells it where to send its spans; in a cluster its own settings have to ([how](../infra/k8s-setup/observability/README.md#traces-traces)), and by default it sends none.

## One purchase is one trace

A purchase consists of requests of several parties, at several times; [decision 39](decisions/0039-one-purchase-is-one-trace.md) says why they are one trace and how:

1. The click on *Reserve* begins the trace: the page sends a \`traceparent\`, and the gateway, auth and orders continue it. So does the shop’s server, with the page that follows.
2. orders stores that \`traceparent\` with the order, and announces it as part of its snapshot.
3. Each event carries a \`traceparent\` in its headers, so that listeners continue below the span that published it.
4. The page that pays continues the order’s trace: the click on *Pay* is below the request that made the order, and the page sends the order’s \`traceparent\` along to payments and to Stripe. The sandbox sends it with its webhooks. A webhook from Stripe itself begins a trace of its own; what payments does then is again a span of the order’s trace, linked to that one.
5. Timers, sweeps and mails continue the trace of the order they are about.

Without telemetry a trace is still passed on, for logs and events, and marked as not recorded. What a process looks up every few seconds by itself has no spans, also in the sandbox.

## Logs

A line that is written within a request or a delivery has \`traceId\`, \`spanId\` and, from when it is known, \`orderId\`, with or without telemetry.

## What is never in it

- **Spans** have no bodies, queries, headers, cookies, database filters, documents or messages of errors: people may have entered them, or they are secret. A path is there only if it is one of our own routes. The gateway’s spans have the caller’s address and browser, and the query with its values blotted out: [our Collector](../infra/k8s-setup/observability/traces/collector.yaml) drops them.
- **Metrics** have no ids of people, orders or tickets: each label has few values.
- **Logs** have no bodies and no queries; \`authorization\`, \`cookie\` and \`set-cookie\` are cut out.

## Spans

${table(
  ['span', 'kind', 'made by', 'when', 'attributes'],
  Object.entries(spans).map(([id, { name, kind, by, when }]) => [
    `\`${name}\``,
    kind,
    makers[by],
    when,
    namesOn(id).join(', '),
  ]),
)}

A failed span has the status \`ERROR\` and no message. \`service.name\` is the name of the process (\`OTEL_SERVICE_NAME\` changes it), the same for all its replicas.

## Attributes

Names that begin with \`box_office.\` are ours. The others are those of OpenTelemetry’s [semantic conventions](https://opentelemetry.io/docs/specs/semconv/), but for one of Traefik’s.

${table(
  ['attribute', 'defined by', 'meaning', 'example', 'on'],
  Object.entries(attributes).map(([name, { meaning, example, on }]) => [
    `\`${name}\``,
    definedBy(name),
    meaning,
    `\`${example}\``,
    holders(on),
  ]),
)}

## Metrics

Each has the label \`service\` besides its own. A counter counts from the start of its process.

${table(['metric', 'type', 'unit', 'labels', 'services', 'help'], metrics.filter(isOurs).map(row))}

### Of Node and the process

Every service has them, from \`prom-client\`; those about memory and open files only on Linux.

${table(
  ['metric', 'type', 'unit', 'labels', 'help'],
  metrics.filter((it) => !isOurs(it)).map((it) => row(it).toSpliced(4, 1)),
)}
`;
}

const switches = [
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'none: off', 'Switches spans on: they go to `/v1/traces` below this address'],
  ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'none', 'The same, with the whole address; counts more than the other'],
  ['OTEL_SDK_DISABLED', '`false`', '`true` switches spans off'],
  ['OTEL_TRACES_EXPORTER', '`otlp`', '`none` switches spans off'],
  ['OTEL_SERVICE_NAME', 'the process', 'The name of the process in `service.name`'],
  ['OTEL_RESOURCE_ATTRIBUTES', 'none', 'Further attributes of the process: `key=value,key=value`'],
  [
    'OTEL_TRACES_SAMPLER',
    '`parentbased_always_on`',
    'Which traces are recorded: `always_on`, `always_off`, `traceidratio`, or `parentbased_` before one of them, which does as the caller did',
  ],
  ['OTEL_TRACES_SAMPLER_ARG', '`1`', 'The share for `traceidratio`, from 0 to 1'],
  ['OTEL_BSP_SCHEDULE_DELAY', '`5000`', 'Milliseconds between two sendings; `npm start` sets `1000`'],
  ['OTEL_BSP_MAX_QUEUE_SIZE', '`2048`', 'Spans kept while the receiver is away; more are dropped'],
  ['OTEL_EXPORTER_OTLP_HEADERS', 'none', 'Headers for the receiver, such as a key: `name=value`'],
  ['OTEL_EXPORTER_OTLP_TIMEOUT', '`10000`', 'Milliseconds until a sending is given up'],
  ['OTEL_EXPORTER_OTLP_COMPRESSION', '`none`', '`gzip` compresses what is sent'],
] as const;

const makers = {
  browser: 'the browser',
  processes: 'our processes',
  sandbox: 'the Stripe sandbox',
  gateway: 'the gateway (Traefik)',
};

function namesOn(id: string): string[] {
  return Object.entries(attributes)
    .filter(([, { on }]) => on.some((it) => it === id))
    .map(([name]) => `\`${name}\``);
}

const isOfGateway = (id: SpanId): boolean => spans[id].by === 'gateway';

const holders = (on: readonly SpanId[]): string =>
  [
    ...on.filter((id) => !isOfGateway(id)).map((id) => `\`${spans[id].name}\``),
    ...(on.some(isOfGateway) ? ['the gateway’s'] : []),
  ].join(', ');

function definedBy(name: string): string {
  return name.startsWith('box_office.') ? 'us' : name.includes('.') ? 'conventions' : 'Traefik';
}

const isOurs = ({ name }: Metric): boolean => !/^(process|nodejs)_/.test(name);

const row = ({ name, type, unit, labels, services, help }: Metric): string[] => [
  `\`${name}\``,
  type,
  unit || 'count',
  labels.map((label) => `\`${label}\``).join(', '),
  services.length === serviceNames.length ? 'all' : services.join(', '),
  help,
];
