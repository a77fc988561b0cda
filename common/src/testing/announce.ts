import { headers } from '@nats-io/transport-node';
import type { EventContract, Snapshot } from '../contracts/event.ts';
import { subjectOf } from '../contracts/event.ts';
import type { Bus } from '../messaging/bus.ts';
import { toMessage } from '../messaging/envelope.ts';
import { ensureStream } from '../messaging/topology.ts';
import { envelope } from '../store/outbox.ts';
import { newId } from './parts.ts';

/** Announces an event as its owner would, so that one service can be tested without the others. Makes the owner's stream. */
export async function announce<Data extends Snapshot>(
  bus: Bus,
  contract: EventContract<Data>,
  snapshot: Data,
): Promise<void> {
  await ensureStream(bus, contract.announcedBy, { replicas: 1 });
  const event = envelope(contract, snapshot, { id: newId(), time: new Date(), traceparent: '' });
  const { payload, headers: lines } = toMessage(event);
  await bus.js.publish(event.subject, payload, { headers: lines });
}

/** Publishes something that is no event where an event is expected. */
export async function announceNonsense(bus: Bus, contract: EventContract, payload: string): Promise<void> {
  await ensureStream(bus, contract.announcedBy, { replicas: 1 });
  const lines = headers();
  lines.set('ce-id', newId());
  lines.set('ce-type', contract.type);
  await bus.js.publish(subjectOf(contract, newId()), payload, { headers: lines });
}

/** What has been announced of one kind of event so far, oldest first. */
export async function announced<Data extends Snapshot>(bus: Bus, contract: EventContract<Data>): Promise<Data[]> {
  const { state } = await bus.jsm.streams.info(contract.announcedBy);
  const found: Data[] = [];
  for (let seq = state.first_seq; seq <= state.last_seq && state.messages > 0; seq++) {
    const message = await bus.jsm.streams.getMessage(contract.announcedBy, { seq }).catch(() => null);
    if (message?.header.get('ce-type') === contract.type && !message.header.get('Nats-Schedule')) {
      found.push(contract.data.parse(message.json()));
    }
  }
  return found;
}
