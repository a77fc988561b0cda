import { headers, type MsgHdrs } from '@nats-io/transport-node';
import { z } from 'zod';
import type { EventContract, Snapshot } from '../contracts/event.ts';
import type { OutboxEvent } from '../store/outbox.ts';

/** An event as a listener's handler receives it. */
export interface ReceivedEvent<Data extends Snapshot = Snapshot> {
  readonly id: string;
  readonly type: string;
  /** When it happened, ISO 8601. */
  readonly time: string;
  readonly data: Data;
}

/**
 * The message for an event: CloudEvents 1.0 in the NATS binding's binary mode, with the attributes as `ce-…` headers
 * and only the snapshot as payload. The event's id is also the `Nats-Msg-Id`, by which JetStream drops duplicates
 * within its duplicate window.
 */
export function toMessage(event: OutboxEvent): { payload: string; headers: MsgHdrs } {
  return { payload: JSON.stringify(event.data), headers: headersOf(event) };
}

/** The headers of the message for an event. */
export function headersOf(event: Omit<OutboxEvent, 'data'>): MsgHdrs {
  const lines = headers();
  lines.append('Nats-Msg-Id', event.id);
  lines.append('ce-specversion', '1.0');
  lines.append('ce-id', event.id);
  lines.append('ce-type', event.type);
  lines.append('ce-source', event.source);
  lines.append('ce-time', event.time);
  lines.append('content-type', 'application/json');
  if (event.traceparent) lines.append('traceparent', event.traceparent);
  return lines;
}

/**
 * Reads a message back into an event.
 *
 * @throws Error with a reason: a header is missing, or the payload is not JSON or breaks the contract
 */
export function fromMessage<Data extends Snapshot>(
  contract: EventContract<Data>,
  message: { headers: MsgHdrs | undefined; data: Uint8Array },
): ReceivedEvent<Data> {
  const id = message.headers?.get('ce-id');
  if (!id) throw new Error('the header ce-id is missing');
  const data = contract.data.safeParse(parseJson(message.data));
  if (!data.success) throw new Error(`the payload does not match ${contract.type}: ${z.prettifyError(data.error)}`);
  return { id, type: contract.type, time: message.headers?.get('ce-time') ?? '', data: data.data };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new Error('the payload is not JSON');
  }
}
