import { setTimeout as sleep } from 'node:timers/promises';
import { createMetrics } from './metrics.ts';
import { currentTrace, currentTraceparent, withTraceparent } from './trace.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const caller = `00-${traceId}-00f067aa0ba902b7-00`;

describe('a trace', () => {
  it('is continued in a new span with the same flags', () => {
    withTraceparent(caller, () => {
      expect(currentTraceparent()).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`));
      expect(currentTrace()?.spanId).not.toBe('00f067aa0ba902b7');
    });
  });

  it.each([
    undefined,
    '',
    'nonsense',
    `00-${traceId}-00f067aa0ba902b7`,
    `00-${traceId.toUpperCase()}-00f067aa0ba902b7-01`,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `ff-${traceId}-00f067aa0ba902b7-01`,
  ])('is started if there is no valid one to continue: %s', (traceparent) => {
    withTraceparent(traceparent, () => {
      expect(currentTraceparent()).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
      expect(currentTrace()?.traceId).not.toBe(traceId);
      expect(currentTrace()?.traceId).not.toBe('0'.repeat(32));
    });
  });

  it('does not exist outside of a task, and concurrent ones do not mix', async () => {
    expect(currentTrace()).toBeUndefined();
    expect(currentTraceparent()).toBe('');
    const traces = await Promise.all(
      [1, 2].map((digit) =>
        withTraceparent(`00-${`${digit}`.repeat(32)}-00f067aa0ba902b7-01`, async () => {
          await sleep(1);
          return currentTrace()?.traceId;
        }),
      ),
    );
    expect(traces).toEqual(['1'.repeat(32), '2'.repeat(32)]);
    expect(currentTrace()).toBeUndefined();
  });
});

describe('the metrics of a process', () => {
  it('are labelled with the name of the service', async () => {
    const metrics = createMetrics('tickets');
    expect(await metrics.metrics()).toMatch(/^process_resident_memory_bytes\{service="tickets"\} \d+$/m);
  });
});
