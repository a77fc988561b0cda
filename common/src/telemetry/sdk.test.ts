import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { SamplingDecision } from '@opentelemetry/sdk-trace';
import { type ReceivedSpan, receiveSpans, type SpanReceiver } from '../testing/spans.ts';
import { samplerOf } from './sdk.ts';
import { aboutOrder, failed, inTask, startCall } from './span.ts';
import { asksForTelemetry, isTelemetryOn, startTelemetry, type Telemetry } from './start.ts';
import { currentTraceparent } from './trace.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const parentSpanId = '00f067aa0ba902b7';
const traceparent = `00-${traceId}-${parentSpanId}-01`;

describe('telemetry', () => {
  it.each([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' }, true],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:1/v1/traces' }, true],
    [{}, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_SDK_DISABLED: 'TRUE' }, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_TRACES_EXPORTER: 'none' }, false],
  ])('with %j is on: %j', (env, isOn) => {
    expect(asksForTelemetry(env)).toBe(isOn);
  });

  it('is off without an endpoint', async () => {
    expect(await startTelemetry('orders', {})).toBeUndefined();
    expect(isTelemetryOn()).toBe(false);
  });

  it.each([
    [undefined, true],
    ['always_off', false],
    ['parentbased_always_off', false],
    ['traceidratio', false],
    ['unknown', true],
  ])('samples a new trace as OTEL_TRACES_SAMPLER=%s says', (OTEL_TRACES_SAMPLER, isRecorded) => {
    const sampler = samplerOf({ OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG: '0' });
    const { decision } = sampler.shouldSample(ROOT_CONTEXT, traceId, 'task', SpanKind.SERVER, {}, []);
    expect(decision === SamplingDecision.RECORD_AND_SAMPLED).toBe(isRecorded);
  });
});

it('spans of frameworks are not recorded, and what is below them is below the span around them', async () => {
  const receiver = await receiveSpans();
  const telemetry = await startTelemetry('client', { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
  inTask('page', { kind: SpanKind.SERVER, traceparent }, (page) => {
    trace.getTracer('next.js').startActiveSpan('GET /open?key=secret', (span) => {
      startCall('GET', SpanKind.CLIENT, {})?.end();
      span.end();
    });
    page.end();
  });
  await telemetry?.stop();
  await receiver.stop();
  const [call, page] = receiver.spans;
  expect(receiver.spans.map(({ name }) => name)).toEqual(['GET', 'page']);
  expect(call?.parentSpanId).toBe(page?.spanId);
});

describe('what is recorded', () => {
  let receiver: SpanReceiver;
  let telemetry: Telemetry | undefined;
  let spans: readonly ReceivedSpan[];
  let asked: (string | undefined)[];

  beforeAll(async () => {
    receiver = await receiveSpans();
    telemetry = await startTelemetry('orders', { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    asked = [];
    const other = createServer((req, res) => {
      asked.push(req.headers.traceparent?.toString());
      res.writeHead(req.url === '/wrong' ? 500 : 200).end();
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const address = `http://127.0.0.1:${port}`;
    const nobody = `http://127.0.0.1:${await closedPort()}`;

    await inTask('task', { kind: SpanKind.SERVER, traceparent }, async (span) => {
      await fetch(`${address}/path?key=secret`).then((answer) => answer.text());
      aboutOrder('an order');
      await byHttp(`${address}/wrong`);
      await fetch(nobody).catch(() => {});
      const call = startCall('find orders', SpanKind.CLIENT, { 'db.operation.name': 'find' });
      if (call) failed(call, new TypeError('anna@example.com is taken'));
      call?.end();
      span.end();
    });
    await inTask('not recorded', { kind: SpanKind.SERVER, traceparent: `00-${traceId}-${parentSpanId}-00` }, byHttp2);
    await fetch(`${address}/in-no-task`).then((answer) => answer.text());
    await telemetry?.stop();
    await new Promise((resolve) => other.close(resolve));
    spans = receiver.spans;

    async function byHttp2(): Promise<void> {
      await byHttp(`${address}/not-recorded`);
      expect(currentTraceparent()).toMatch(/-00$/);
    }
  });

  afterAll(async () => {
    await receiver.stop();
  });

  async function closedPort(): Promise<number> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }

  const byHttp = (url: string) =>
    new Promise<void>((resolve, reject) => {
      httpRequest(url, (response) => response.resume().on('end', resolve))
        .on('error', reject)
        .end();
    });

  it('is sent under the name of the process', () => {
    expect(receiver.refused).toEqual([]);
    expect([...new Set(spans.map(({ service }) => service))]).toEqual(['orders']);
  });

  it('is a span of the task below that of the caller, and one of each request below that', () => {
    const [task] = spans.filter(({ name }) => name === 'task');
    expect(task).toMatchObject({ traceId, parentSpanId, kind: 'server' });
    const calls = spans.filter(({ name }) => name !== 'task');
    expect(calls.map(({ name, isFailed }) => [name, isFailed])).toEqual([
      ['GET', false],
      ['GET', true],
      ['GET', true],
      ['find orders', true],
    ]);
    for (const call of calls) expect(call).toMatchObject({ traceId, parentSpanId: task?.spanId, kind: 'client' });
    const [first, second] = calls;
    expect(asked).toEqual([
      `00-${traceId}-${first?.spanId}-01`,
      `00-${traceId}-${second?.spanId}-01`,
      undefined,
      undefined,
    ]);
  });

  it('has the order from when it is known', () => {
    expect(spans.map(({ name, attributes }) => [name, attributes['box_office.order.id']])).toEqual([
      ['GET', undefined],
      ['GET', 'an order'],
      ['GET', 'an order'],
      ['find orders', 'an order'],
      ['task', 'an order'],
    ]);
  });

  it('says nothing of paths, queries and messages', () => {
    expect(JSON.stringify(spans)).not.toMatch(/secret|anna|wrong/);
    expect(spans.find(({ name }) => name === 'find orders')?.attributes['error.type']).toBe('TypeError');
  });

  it('ends with the telemetry', () => {
    expect(isTelemetryOn()).toBe(false);
    expect(trace.getTracer('any').startSpan('later').isRecording()).toBe(false);
  });
});
