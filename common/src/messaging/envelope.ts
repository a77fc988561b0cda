import { headers, type MsgHdrs } from '@nats-io/transport-node';
import { z } from 'zod';
import { type EventContract, type Snapshot, subjectOf } from '../contracts/event.ts';

/**
 * An event as it waits in an outbox: everything that is needed to publish it later, by whichever process finds it.
 *
 * On the wire it is a CloudEvents 1.0 message in binary mode of the NATS binding: attributes as `ce-…` headers, the snapshot alone as payload.
 */
export const OutboxEvent = z.object({
  /** Unique for ever; doubles as `Nats-Msg-Id`, by which JetStream drops repeats within its duplicate window. */
  id: z.string(),
  type: z.string(),
  source: z.string(),
  subject: z.string(),
  /** When it happened, ISO 8601. */
  time: z.string(),
  /** W3C trace context of the request or event that caused it; empty when there was none. */
  traceparent: z.string(),
  data: z.unknown(),
});
export type OutboxEvent = z.infer<typeof OutboxEvent>;

/** An event as a listener's handler receives it. */
export interface ReceivedEvent<Data extends Snapshot = Snapshot> {
  readonly id: string;
  readonly type: string;
  /** When it happened, ISO 8601. */
  readonly time: string;
  readonly data: Data;
}

/** What an event needs that its contract and snapshot do not say. */
export interface EventOrigin {
  readonly id: string;
  readonly time: Date;
  readonly traceparent: string;
}

/**
 * Puts a snapshot into its envelope. The snapshot is parsed by its contract first: what a contract does not name never leaves the service.
 *
 * @throws ZodError when the snapshot breaks the contract: a mistake in the announcing service.
 */
export function envelope<Data extends Snapshot>(
  contract: EventContract<Data>,
  snapshot: unknown,
  origin: EventOrigin,
): OutboxEvent {
  const data = contract.data.parse(snapshot);
  return {
    id: origin.id,
    type: contract.type,
    source: `/${contract.announcedBy}`,
    subject: subjectOf(contract, data.id),
    time: origin.time.toISOString(),
    traceparent: origin.traceparent,
    data,
  };
}

/** The message that carries an event: payload and headers, `Nats-Msg-Id` among them. */
export function toMessage(event: OutboxEvent): { payload: string; headers: MsgHdrs } {
  const lines = headers();
  lines.append('Nats-Msg-Id', event.id);
  lines.append('ce-specversion', '1.0');
  lines.append('ce-id', event.id);
  lines.append('ce-type', event.type);
  lines.append('ce-source', event.source);
  lines.append('ce-time', event.time);
  lines.append('content-type', 'application/json');
  if (event.traceparent) lines.append('traceparent', event.traceparent);
  return { payload: JSON.stringify(event.data), headers: lines };
}

/**
 * Reads a message back into an event.
 *
 * @throws Error with a sentence that says what is wrong: a header is missing, the payload is no JSON, or it breaks the contract.
 */
export function fromMessage<Data extends Snapshot>(
  contract: EventContract<Data>,
  message: { headers: MsgHdrs | undefined; data: Uint8Array },
): ReceivedEvent<Data> {
  const id = message.headers?.get('ce-id');
  if (!id) throw new Error('the header ce-id is missing');
  const data = contract.data.safeParse(parseJson(message.data));
  if (!data.success) throw new Error(`the payload is no ${contract.type}: ${z.prettifyError(data.error)}`);
  return { id, type: contract.type, time: message.headers?.get('ce-time') ?? '', data: data.data };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new Error('the payload is no JSON');
  }
}
