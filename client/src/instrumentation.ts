/** Next.js calls this once, before the first request. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const { startTelemetry } = await import('@box-office/common/telemetry/start');
  await startTelemetry('client');
  const { trackRequests } = await import('./server/current-request.ts');
  trackRequests();
}
