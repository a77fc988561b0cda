import { ProxyTracerProvider, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  type IdGenerator,
  ParentBasedSampler,
  RandomIdGenerator,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { watchClientRequests } from './client-requests.ts';
import { reportedIds, tracerName } from './span.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The standard's. Sending costs more than recording: each second, it would double what a quiet process spends. */
const usualDelayMs = 5_000;
/** About 2 MB of spans while the receiver is away. */
const usualQueueSize = 2_048;

/** OpenTelemetry's SDK with our spans. Imported only by a process that records them: see `startTelemetry`. */
export function startSdk(service: string, env: Environment): { stop(): Promise<void> } {
  const given = detectResources({ detectors: [envDetector] });
  const named = resourceFromAttributes({ 'service.name': env.OTEL_SERVICE_NAME || service });
  const provider = new TracerProvider({
    resource: given.merge(named),
    sampler: samplerOf(env),
    idGenerator: ids,
    spanLimits: { attributeValueLengthLimit: 1_000 },
    spanProcessors: [
      new BatchSpanProcessor({
        // Headers, timeout and compression it reads from the environment by itself.
        exporter: new OTLPTraceExporter({ url: endpointOf(env) }),
        scheduledDelayMillis: Number(env.OTEL_BSP_SCHEDULE_DELAY) || usualDelayMs,
        maxQueueSize: Number(env.OTEL_BSP_MAX_QUEUE_SIZE) || usualQueueSize,
      }),
    ],
  });
  // Frameworks such as Next.js make spans of their own, with whole addresses in them. They are not recorded; what is
  // below them is below the span around them.
  const unrecorded = new ProxyTracerProvider();
  trace.setGlobalTracerProvider({
    getTracer: (name, ...rest) => (name === tracerName ? provider : unrecorded).getTracer(name, ...rest),
  });
  const unwatch = watchClientRequests();
  return {
    async stop() {
      unwatch();
      await provider.shutdown().catch(() => {});
      trace.disable();
    },
  };
}

const random = new RandomIdGenerator();

/** Random ones, but for spans that have theirs already: see `reportSpan`. */
const ids: IdGenerator = {
  generateTraceId: () => reportedIds()?.traceId ?? random.generateTraceId(),
  generateSpanId: () => reportedIds()?.spanId ?? random.generateSpanId(),
};

function endpointOf(env: Environment): string {
  const base = env.OTEL_EXPORTER_OTLP_ENDPOINT ?? '';
  return env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || `${base.replace(/\/$/, '')}/v1/traces`;
}

/** As the standard names them. Unknown names mean the default, which records what the caller records. */
export function samplerOf(env: Environment): Sampler {
  const name = env.OTEL_TRACES_SAMPLER?.toLowerCase() ?? '';
  const ratio = Number(env.OTEL_TRACES_SAMPLER_ARG || 1);
  const root = name.endsWith('always_off')
    ? new AlwaysOffSampler()
    : name.endsWith('traceidratio')
      ? new TraceIdRatioBasedSampler(Number.isFinite(ratio) ? ratio : 1)
      : new AlwaysOnSampler();
  const isPlain = ['always_on', 'always_off', 'traceidratio'].includes(name);
  return isPlain ? root : new ParentBasedSampler({ root });
}
