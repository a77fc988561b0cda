import { setTimeout as sleep } from 'node:timers/promises';
import { createMetrics } from './metrics.ts';
import { aboutOrder, currentOrder, inTask, SpanKind, startCall } from './span.ts';
import { currentTrace, currentTraceparent } from './trace.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const caller = `00-${traceId}-00f067aa0ba902b7-00`;

const within = <Result>(traceparent: string | undefined, run: () => Result) =>
  inTask('task', { kind: SpanKind.SERVER, traceparent }, run);

describe('a trace in a process without telemetry', () => {
  it('is passed on as it came', () => {
    within(caller, () => expect(currentTraceparent()).toBe(caller));
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
  ])('is started, and recorded by nobody, if there is no valid one to continue: %s', (traceparent) => {
    within(traceparent, () => {
      expect(currentTraceparent()).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
      expect(currentTrace()?.traceId).not.toBe(traceId);
      expect(currentTrace()?.traceId).not.toBe('0'.repeat(32));
    });
  });

  it('does not exist outside of a task, and concurrent ones do not mix', async () => {
    expect(currentTrace()).toBeUndefined();
    expect(currentTraceparent()).toBe('');
    const traces = await Promise.all(
      [1, 2].map((digit) =>
        within(`00-${`${digit}`.repeat(32)}-00f067aa0ba902b7-01`, async () => {
          aboutOrder(`order ${digit}`);
          await sleep(1);
          return [currentTrace()?.traceId, currentOrder()];
        }),
      ),
    );
    expect(traces).toEqual([
      ['1'.repeat(32), 'order 1'],
      ['2'.repeat(32), 'order 2'],
    ]);
    expect(currentTrace()).toBeUndefined();
    expect(currentOrder()).toBeUndefined();
  });

  it('has no spans for what is asked of others', () => {
    within(caller, () => expect(startCall('find', SpanKind.CLIENT, {})).toBeUndefined());
  });
});

describe('a task', () => {
  it('is about the first order that it meets', () => {
    within(caller, () => {
      aboutOrder(undefined);
      aboutOrder('first');
      aboutOrder('second');
      expect(currentOrder()).toBe('first');
    });
  });
});

describe('the metrics of a process', () => {
  it('are labelled with the name of the service', async () => {
    const metrics = createMetrics('tickets');
    expect(await metrics.metrics()).toMatch(/^process_resident_memory_bytes\{service="tickets"\} \d+$/m);
  });
});
