/** Telemetry that runs until the process stops. */
export interface Telemetry {
  /** Sends the last spans. Never rejects. */
  stop(): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

let on = false;

/** Whether this process records spans. */
export const isTelemetryOn = (): boolean => on;

/** Whether the standard variables of OpenTelemetry ask for spans: an endpoint is set and nothing switches them off. */
export function asksForTelemetry(env: Environment): boolean {
  const endpoint = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT;
  return Boolean(endpoint) && env.OTEL_SDK_DISABLED?.toLowerCase() !== 'true' && env.OTEL_TRACES_EXPORTER !== 'none';
}

/**
 * Starts to record spans and to send them to an OTLP/HTTP endpoint as JSON, if the standard `OTEL_*` variables ask for
 * it. Otherwise the SDK is not even loaded. A receiver that is away costs nothing but its spans.
 *
 * Call it before the database is connected.
 *
 * @param service The process's name unless `OTEL_SERVICE_NAME` gives another one
 */
export async function startTelemetry(
  service: string,
  // biome-ignore lint/style/noProcessEnv: The SDK's exporter reads its settings from there as well.
  env: Environment = process.env,
): Promise<Telemetry | undefined> {
  if (!asksForTelemetry(env)) return undefined;
  const { startSdk } = await import('./sdk.ts');
  on = true;
  const sdk = startSdk(service, env);
  return {
    async stop() {
      on = false;
      await sdk.stop();
    },
  };
}
