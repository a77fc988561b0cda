import type { StoredMsg } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import type { EventContract, Snapshot } from '../contracts/event.ts';
import { subjectOf } from '../contracts/event.ts';
import type { Bus } from '../messaging/bus.ts';
import { toMessage } from '../messaging/envelope.ts';
import { ensureStream } from '../messaging/topology.ts';
import { envelope } from '../store/outbox.ts';
import { newId } from './parts.ts';

/** Announces an event in its owner's place, so that a service can be tested alone. Creates the owner's stream. */
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

/** Publishes a message that is not an event on the subject of one. */
export async function announceNonsense(bus: Bus, contract: EventContract, payload: string): Promise<void> {
  await ensureStream(bus, contract.announcedBy, { replicas: 1 });
  const lines = headers();
  lines.set('ce-id', newId());
  lines.set('ce-type', contract.type);
  await bus.js.publish(subjectOf(contract, newId()), payload, { headers: lines });
}

/** All events of one kind so far, oldest first. Repeated calls read only the new messages. */
export async function announced<Data extends Snapshot>(bus: Bus, contract: EventContract<Data>): Promise<Data[]> {
  const messages = await messagesOf(bus, contract.announcedBy);
  return messages
    .filter(({ header }) => header.get('ce-type') === contract.type && !header.get('Nats-Schedule'))
    .map((message) => contract.data.parse(message.json()));
}

/** The messages read from a stream so far. */
interface ReadSoFar {
  readonly created: string;
  readonly messages: StoredMsg[];
}

const readSoFar = new WeakMap<Bus, Map<string, Promise<ReadSoFar>>>();

/** All messages of a stream. Calls are serialized per stream. */
async function messagesOf(bus: Bus, stream: string): Promise<StoredMsg[]> {
  const streams = readSoFar.get(bus) ?? new Map<string, Promise<ReadSoFar>>();
  readSoFar.set(bus, streams);
  const { created, state } = await bus.jsm.streams.info(stream);
  if (state.messages === 0) return [];
  const before = streams.get(stream) ?? Promise.resolve(undefined);
  const reading = before
    .catch(() => undefined)
    .then(async (known) => {
      const messages = known?.created === created ? known.messages : [];
      return {
        created,
        messages: [...messages, ...(await readAfter(bus, stream, messages.at(-1)?.seq ?? 0, state.last_seq))],
      };
    });
  streams.set(stream, reading);
  return (await reading).messages.filter(({ seq }) => seq >= state.first_seq);
}

/** The messages of a stream after one of its sequences; `last` is where it ends. */
export async function readAfter(bus: Bus, stream: string, after: number, last: number): Promise<StoredMsg[]> {
  const messages: StoredMsg[] = [];
  for (let next = after + 1; next <= last; ) {
    const before = messages.length;
    for await (const message of await bus.jsm.direct.getBatch(stream, { seq: next, batch: 500 }))
      messages.push(message);
    // The remaining messages have been deleted.
    if (messages.length === before) break;
    next = (messages.at(-1)?.seq ?? last) + 1;
  }
  return messages;
}
