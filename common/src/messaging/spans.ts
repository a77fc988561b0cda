import type { JsMsg } from '@nats-io/jetstream';
import { orderOf } from '../contracts/order-of.ts';
import type { OutboxEvent } from '../store/outbox.ts';
import { type Attributes, failed, inTask, type Span, SpanKind, startSend } from '../telemetry/span.ts';
import { traceparentOf } from '../telemetry/trace.ts';

const system = { 'messaging.system': 'nats' };

/** `tickets.66f0….updated` → `tickets.*.updated`: what messages of one kind have in common. */
const templateOf = (subject: string): string => subject.replace(/^([^.]+)\.[^.]+\./, '$1.*.');

/** An event on its way, with the trace context that its message is to carry. */
export interface Sending {
  readonly traceparent: string;
  /** Call it once: when JetStream has acknowledged the message, or with the reason why not. */
  end(error?: unknown): void;
}

/** The publishing of an event as a span below what caused the event; what handles the event comes below that. */
export function sending({ id, type, subject, traceparent }: Omit<OutboxEvent, 'data'>, payload: string): Sending {
  const template = templateOf(subject);
  const orderId = orderOf(type, { id: subject.split('.')[1] });
  const span = startSend(`publish ${template}`, traceparent, {
    ...system,
    'messaging.operation.name': 'publish',
    'messaging.operation.type': 'send',
    'messaging.destination.name': subject,
    'messaging.destination.template': template,
    'messaging.message.id': id,
    'messaging.message.body.size': Buffer.byteLength(payload),
    'box_office.event.type': type,
    ...(orderId && { 'box_office.order.id': orderId }),
  });
  return { traceparent: span ? traceparentOf(span.spanContext()) : traceparent, end: (error) => endOf(span, error) };
}

function endOf(span: Span | undefined, error: unknown): void {
  if (error !== undefined && span) failed(span, error);
  span?.end();
}

/** What became of one delivery of a message. */
export type Outcome = 'handled' | 'postponed' | 'returned' | 'retried' | 'dead-letter';

/** Runs the handling of one delivery as a span below the message's publishing. */
export function delivering(service: string, message: JsMsg, run: () => Promise<Outcome>): Promise<void> {
  const { subject, headers, info } = message;
  const template = templateOf(subject);
  const attributes: Attributes = {
    ...system,
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.destination.name': subject,
    'messaging.destination.template': template,
    'messaging.consumer.group.name': service,
    'messaging.message.id': headers?.get('ce-id') || '',
    'box_office.event.type': headers?.get('ce-type') || '',
    'box_office.stream': info.stream,
    'box_office.stream.sequence': info.streamSequence,
    'box_office.deliveries': info.deliveryCount,
  };
  const traceparent = headers?.get('traceparent');
  return inTask(`process ${template}`, { kind: SpanKind.CONSUMER, traceparent, attributes }, async (span) => {
    const outcome = await run();
    span.setAttribute('box_office.outcome', outcome);
    if (outcome === 'retried' || outcome === 'dead-letter') failed(span, outcome);
    span.end();
  });
}
