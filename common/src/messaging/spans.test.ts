import { startTelemetry, type Telemetry } from '../telemetry/start.ts';
import { announce } from '../testing/announce.ts';
import { newId } from '../testing/parts.ts';
import { receiveSpans, type SpanReceiver } from '../testing/spans.ts';
import { breakable, bus, listening, Made, onlyOne, start, useBus } from './dead-letters-under-test.ts';
import { on } from './listener.ts';

useBus();

describe('the spans of a message', () => {
  let receiver: SpanReceiver;
  let telemetry: Telemetry | undefined;

  beforeEach(async () => {
    receiver = await receiveSpans();
    telemetry = await startTelemetry('orders', { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
  });

  afterEach(async () => {
    await telemetry?.stop();
    await receiver.stop();
  });

  it('tell each retry and the dead letter, as failures', async () => {
    start('orders', { listeners: [on(Made, breakable().handle)], retryAfterMs: [1] });
    await announce(bus, Made, { id: newId(), version: 0 });
    await onlyOne();
    // The span ends after the dead letter is there, and before its service has stopped.
    await listening.splice(0)[0]?.stop();
    await telemetry?.stop();
    const seen = receiver.spans.filter(({ kind }) => kind === 'consumer');
    expect(
      seen.map(({ name, isFailed, attributes }) => [
        name,
        isFailed,
        attributes['box_office.deliveries'],
        attributes['box_office.outcome'],
      ]),
    ).toEqual([
      ['process tickets.*.created', true, 1, 'retried'],
      ['process tickets.*.created', true, 2, 'dead-letter'],
    ]);
  });
});
