/**
 * How far the server's clock is ahead of ours, in milliseconds, from a response's `Date` header.
 *
 * The header has whole seconds and was written some time between request and response, so the result is accurate to
 * about a second. Returns undefined if the header is missing or not a date.
 */
export function clockOffsetMs(date: string | null, askedAtMs: number, heardAtMs: number): number | undefined {
  const written = Date.parse(date ?? '');
  if (Number.isNaN(written)) return undefined;
  return written + 500 - (askedAtMs + heardAtMs) / 2;
}

/** Milliseconds until the instant, never below 0. */
export function remainingMs(until: string, nowMs: number): number {
  return Math.max(0, Date.parse(until) - nowMs);
}

/** `14:59`; above an hour `1:00:00`. Rounds up, so that 0:00 means over. */
export function showRemaining(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const two = (value: number) => `${value}`.padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
