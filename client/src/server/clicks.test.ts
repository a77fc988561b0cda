import { startTelemetry } from '@box-office/common/telemetry/start';
import { type ReceivedSpan, receiveSpans } from '@box-office/common/testing/spans';
import { takeClick } from './clicks.ts';

const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
const click = {
  action: 'pay',
  traceparent: `00-${trace}-00f067aa0ba902b7-01`,
  parent: `00-${trace}-b7ad6b7169203331-01`,
};
const now = new Date('2026-11-29T20:00:00.000Z');

async function recorded(act: () => void): Promise<readonly ReceivedSpan[]> {
  const receiver = await receiveSpans();
  const telemetry = await startTelemetry('client', { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
  act();
  await telemetry?.stop();
  await receiver.stop();
  expect(receiver.refused).toEqual([]);
  return receiver.spans;
}

it('a click is recorded as the page names it, below what it continues', async () => {
  const spans = await recorded(() => {
    expect(takeClick({ ...click, ms: '250', failed: 'yes' }, now)).toBe(true);
    expect(takeClick({ action: 'reserve', traceparent: `00-${trace}-00f067aa0ba902b8-01`, ms: '1' }, now)).toBe(true);
    // Not to be recorded, says the page.
    expect(takeClick({ ...click, traceparent: `00-${trace}-00f067aa0ba902b9-00`, ms: '1' }, now)).toBe(true);
  });
  expect(spans).toMatchObject([
    {
      name: 'click pay',
      traceId: trace,
      spanId: '00f067aa0ba902b7',
      parentSpanId: 'b7ad6b7169203331',
      kind: 'internal',
      service: 'client',
      isFailed: true,
    },
    { name: 'click reserve', traceId: trace, spanId: '00f067aa0ba902b8', isFailed: false },
  ]);
  expect(spans[1]?.parentSpanId).toBeUndefined();
});

it.each([
  [{ ...click, action: 'anything', ms: '1' }],
  [{ ...click, ms: '60001' }],
  [{ ...click, ms: '-1' }],
  [{ ...click }],
  [{ ...click, ms: '1', more: 'x' }],
  [{ ...click, ms: '1', traceparent: 'nonsense' }],
  [{ ...click, ms: '1', parent: 'nonsense' }],
])('%j is no click', (query) => {
  expect(takeClick(query, new Date(now.getTime() + 5_000))).toBe(false);
});

it('strangers cannot report more than some a second', async () => {
  const spans = await recorded(() => {
    const later = new Date(now.getTime() + 10_000);
    // What is no click takes nobody's place.
    for (let i = 0; i < 100; i++) takeClick({ ...click, ms: '-1' }, later);
    const outcomes = Array.from({ length: 100 }, () => takeClick({ ...click, ms: '1' }, later));
    expect(outcomes.filter(Boolean)).toHaveLength(20);
    expect(takeClick({ ...click, ms: '1' }, new Date(later.getTime() + 1_000))).toBe(true);
  });
  expect(spans).toHaveLength(21);
});
