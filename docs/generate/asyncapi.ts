import { subjectOf } from '@box-office/common/contracts/event';
import { events, listenersTo } from './events.ts';
import { type Json, jsonSchema } from './schema.ts';

/** Which service announces and which listens to what over NATS, as an AsyncAPI 3.0 document. */
export function asyncapi(version: string): Json {
  const byKey = <T>(make: (event: (typeof events)[number]) => T) =>
    Object.fromEntries(events.map((event) => [event.type, make(event)]));
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Box Office: events',
      version,
      description:
        'Events over NATS JetStream, one stream per announcing service. Each is a CloudEvents 1.0 message in binary mode; its payload is the full public snapshot of one aggregate.',
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    servers: { nats: { host: 'nats:4222', protocol: 'nats', description: 'NATS 2.12 or newer, with JetStream' } },
    channels: byKey((event) => ({
      address: subjectOf(event, '{id}'),
      description: event.summary,
      servers: [{ $ref: '#/servers/nats' }],
      parameters: { id: { description: 'The id of the aggregate that the event is about' } },
      messages: { [event.type]: { $ref: `#/components/messages/${event.type}` } },
    })),
    operations: Object.fromEntries(
      events.flatMap((event) => {
        const operation = (service: string, action: 'send' | 'receive') => ({
          action,
          title: `${service} ${action === 'send' ? 'announces' : 'listens to'} ${event.type}`,
          tags: [{ name: service }],
          channel: { $ref: `#/channels/${event.type}` },
          messages: [{ $ref: `#/channels/${event.type}/messages/${event.type}` }],
        });
        return [
          [`${event.announcedBy}.send.${event.type}`, operation(event.announcedBy, 'send')],
          ...listenersTo(event).map((service) => [`${service}.receive.${event.type}`, operation(service, 'receive')]),
        ];
      }),
    ),
    components: {
      messages: byKey((event) => ({
        name: event.type,
        summary: event.summary,
        contentType: 'application/json',
        headers: headersOf(event.type, event.announcedBy),
        payload: jsonSchema(event.data, 'output'),
      })),
    },
  };
}

const headersOf = (type: string, owner: string): Json => ({
  type: 'object',
  required: ['ce-specversion', 'ce-id', 'ce-type', 'ce-source', 'ce-time', 'content-type'],
  properties: {
    'Nats-Msg-Id': {
      type: 'string',
      description:
        'The same as ce-id, by which JetStream drops repeats within its duplicate window; timers that fire have none',
    },
    'ce-specversion': { const: '1.0' },
    'ce-id': { type: 'string', description: 'Unique for ever' },
    'ce-type': { const: type },
    'ce-source': { const: `/${owner}` },
    'ce-time': { type: 'string', format: 'date-time', description: 'When it happened' },
    'content-type': { const: 'application/json' },
    traceparent: { type: 'string', description: 'W3C trace context of what caused it, if there was one' },
  },
});
