import { reportSpan } from '@box-office/common/telemetry/span';
import { Click } from '../lib/click.ts';

/** Far more than people click, and few enough that a stranger cannot flood whoever collects the spans. */
const mostPerSecond = 20;

let second = 0;
let taken = 0;

/**
 * Records the span of a click. Its end is when it is told, because clocks of browsers may be wrong.
 *
 * @returns false if it is not what a page says, or one of too many
 */
export function takeClick(query: unknown, now: Date): boolean {
  const click = Click.safeParse(query).data;
  if (!click) return false;
  const current = Math.floor(now.getTime() / 1_000);
  if (current !== second) [second, taken] = [current, 0];
  taken += 1;
  if (taken > mostPerSecond) return false;
  reportSpan({
    name: `click ${click.action}`,
    traceparent: click.traceparent,
    parent: click.parent,
    endedAt: now,
    tookMs: click.ms,
    isFailed: click.failed === 'yes',
  });
  return true;
}
