/**
 * What the spans of all processes are called and what they say: docs/telemetry.md is made of it, and a test compares it
 * with the spans of a running platform. Code that makes spans takes only its types, so that no process loads it.
 */

interface SpanEntry {
  /** As people read it; what differs from span to span in capitals. */
  readonly name: string;
  readonly pattern: RegExp;
  readonly kind: 'server' | 'client' | 'producer' | 'consumer' | 'internal';
  readonly by: 'browser' | 'processes' | 'sandbox' | 'gateway';
  readonly when: string;
}

export const spans = {
  click: {
    name: 'click ACTION',
    pattern: /^click [a-z ]+$/,
    kind: 'internal',
    by: 'browser',
    when: 'Somebody reserves, pays, lists or refunds something in the shop, until the page knows the outcome; the shop’s server sends it',
  },
  request: {
    name: 'METHOD ROUTE',
    pattern: /^[A-Z]+( \/\S*)?$/,
    kind: 'server',
    by: 'processes',
    when: 'A request is answered; without ROUTE if its path is none of ours',
  },
  call: {
    name: 'METHOD',
    pattern: /^[A-Z]+$/,
    kind: 'client',
    by: 'processes',
    when: 'Another HTTP server is asked: Stripe, a service, or what receives webhooks',
  },
  command: {
    name: 'COMMAND COLLECTION',
    pattern: /^[a-z][a-zA-Z]*( [\w.-]+)?$/,
    kind: 'client',
    by: 'processes',
    when: 'A command is sent to MongoDB; without COLLECTION if it is about none',
  },
  publish: {
    name: 'publish SUBJECTS',
    pattern: /^publish [a-z-]+\.\*\.[a-z-]+$/,
    kind: 'producer',
    by: 'processes',
    when: 'The relay announces an event, until JetStream has stored it',
  },
  process: {
    name: 'process SUBJECTS',
    pattern: /^process [a-z-]+\.\*\.[a-z-]+$/,
    kind: 'consumer',
    by: 'processes',
    when: 'A service handles one delivery of an event; each retry is another one',
  },
  'expire an order': {
    name: 'expire an order',
    pattern: /^expire an order$/,
    kind: 'internal',
    by: 'processes',
    when: 'orders ends an order whose time is up, because its timer has not done so',
  },
  'settle an order': {
    name: 'settle an order',
    pattern: /^settle an order$/,
    kind: 'internal',
    by: 'processes',
    when: 'orders takes up an order that was left halfway',
  },
  'settle a payment': {
    name: 'settle a payment',
    pattern: /^settle a payment$/,
    kind: 'internal',
    by: 'processes',
    when: 'payments brings a payment to its end outside of the order’s own requests: after a webhook from Stripe itself, or in a sweep',
  },
  'send a mail': {
    name: 'send a mail',
    pattern: /^send a mail$/,
    kind: 'internal',
    by: 'processes',
    when: 'mail hands a mail about an order over to the mail server',
  },
  webhook: {
    name: 'send EVENT',
    pattern: /^send [a-z_]+(\.[a-z_]+)+$/,
    kind: 'internal',
    by: 'sandbox',
    when: 'The sandbox sends a webhook, as Stripe would; Stripe itself sends no spans',
  },
  arrival: {
    name: 'METHOD',
    pattern: /^[A-Z]+$/,
    kind: 'server',
    by: 'gateway',
    when: 'A request from outside arrives',
  },
  identity: {
    name: 'AuthRequest',
    pattern: /^AuthRequest$/,
    kind: 'client',
    by: 'gateway',
    when: 'The gateway asks auth who the caller is',
  },
  forwarding: {
    name: 'ReverseProxy',
    pattern: /^ReverseProxy$/,
    kind: 'client',
    by: 'gateway',
    when: 'The gateway passes the request on and waits for the answer',
  },
} as const satisfies Readonly<Record<string, SpanEntry>>;

export type SpanId = keyof typeof spans;
/** What is done for an order's trace outside of a request or a delivery. */
export type JobName = Extract<SpanId, `${string} ${string}`>;

interface AttributeEntry {
  readonly meaning: string;
  readonly example: string | number;
  readonly on: readonly SpanId[];
}

const messages: readonly SpanId[] = ['publish', 'process'];
const jobs: readonly SpanId[] = ['expire an order', 'settle an order', 'settle a payment', 'send a mail'];
const ownSpans: readonly SpanId[] = ['request', 'call', 'command', ...messages, ...jobs, 'webhook'];
const gatewaySpans: readonly SpanId[] = ['arrival', 'identity', 'forwarding'];

/**
 * Names with `box_office.` are ours and `entry_point` is Traefik's. The others are those of OpenTelemetry's semantic
 * conventions.
 */
export const attributes = {
  'box_office.order.id': {
    meaning: 'The order it is about, from when that is known',
    example: '66f0a1b2c3d4e5f60718293a',
    on: ownSpans,
  },
  'box_office.request.id': {
    meaning: 'The `x-request-id` of the answer, also in the log',
    example: '5f0e2c9a-8d1b-4a57-9f43-1f6f0a6f8c11',
    on: ['request'],
  },
  'box_office.event.type': { meaning: 'The event', example: 'order.created', on: messages },
  'box_office.stream': { meaning: 'The stream that the message was read from', example: 'orders', on: ['process'] },
  'box_office.stream.sequence': { meaning: 'The message’s number in that stream', example: 4711, on: ['process'] },
  'box_office.deliveries': {
    meaning: 'How often the message has been delivered, this time included',
    example: 1,
    on: ['process'],
  },
  'box_office.outcome': {
    meaning:
      'What became of the delivery: `handled`; `postponed` (it comes again later by itself); `returned` (the service stops or its database is away); `retried` (it failed and comes again); `dead-letter` (it failed for the last time)',
    example: 'handled',
    on: ['process'],
  },
  'error.type': {
    meaning:
      'Only on a failed span: the error’s class, the status, the code of MongoDB, the outcome, `aborted`, or `refused`',
    example: 'TypeError',
    on: ['click', ...ownSpans],
  },
  'http.request.method': { meaning: 'The method', example: 'POST', on: ['request', 'call', ...gatewaySpans] },
  'http.response.status_code': {
    meaning: 'The status of the answer',
    example: 201,
    on: ['request', 'call', ...gatewaySpans],
  },
  'http.route': { meaning: 'The pattern that the path has matched', example: '/api/orders/:id', on: ['request'] },
  'url.path': {
    meaning: 'The path without the query. A service leaves it out if it is none of its own',
    example: '/api/orders/66f0a1b2c3d4e5f60718293a',
    on: ['request', 'arrival'],
  },
  'server.address': { meaning: 'Who was asked', example: 'api.stripe.com', on: ['call', 'command', ...gatewaySpans] },
  'server.port': {
    meaning: 'Its port, if it is not the usual one',
    example: 3000,
    on: ['call', 'identity', 'forwarding'],
  },
  'db.system.name': { meaning: 'The kind of database', example: 'mongodb', on: ['command'] },
  'db.namespace': { meaning: 'The database, called like its service', example: 'orders', on: ['command'] },
  'db.operation.name': { meaning: 'The command', example: 'findAndModify', on: ['command'] },
  'db.collection.name': { meaning: 'The collection', example: 'known-tickets', on: ['command'] },
  'db.response.status_code': {
    meaning: 'Only on a refused write: the code of MongoDB',
    example: '11000',
    on: ['command'],
  },
  'messaging.system': { meaning: 'The kind of broker', example: 'nats', on: messages },
  'messaging.operation.name': { meaning: '`publish` or `process`', example: 'process', on: messages },
  'messaging.operation.type': { meaning: '`send` or `process`', example: 'process', on: messages },
  'messaging.destination.name': {
    meaning: 'The subject',
    example: 'orders.66f0a1b2c3d4e5f60718293a.created',
    on: messages,
  },
  'messaging.destination.template': {
    meaning: 'What the subjects of such messages have in common',
    example: 'orders.*.created',
    on: messages,
  },
  'messaging.message.id': {
    meaning: 'The event’s id, the same at each delivery',
    example: '66f0a1b2c3d4e5f60718293b',
    on: messages,
  },
  'messaging.message.body.size': { meaning: 'The length of the payload, in bytes', example: 512, on: ['publish'] },
  'messaging.consumer.group.name': {
    meaning: 'The service that listens, whichever replica it is',
    example: 'payments',
    on: ['process'],
  },
  'url.full': {
    meaning: 'The address that was asked, with the values of the query blotted out',
    example: 'http://orders:3000/api/orders?limit=REDACTED',
    on: ['identity', 'forwarding'],
  },
  'url.query': {
    meaning: 'The query with its values blotted out',
    example: 'limit=REDACTED',
    on: ['arrival'],
  },
  'url.scheme': { meaning: '`http` or `https`', example: 'https', on: gatewaySpans },
  'http.request.body.size': { meaning: 'The length of the body, in bytes', example: 60, on: ['arrival'] },
  'client.address': { meaning: 'The caller’s address', example: '203.0.113.7', on: ['arrival'] },
  'client.port': { meaning: 'The caller’s port', example: 53042, on: ['arrival'] },
  'network.peer.address': { meaning: 'The other end of the connection', example: '10.0.0.12', on: gatewaySpans },
  'network.peer.port': { meaning: 'The port there', example: 3000, on: gatewaySpans },
  'network.protocol.version': { meaning: 'The version of HTTP', example: '1.1', on: gatewaySpans },
  'user_agent.original': {
    meaning: 'The caller’s browser, as it names itself',
    example: 'Mozilla/5.0 …',
    on: gatewaySpans,
  },
  entry_point: { meaning: 'Where Traefik took the request', example: 'web', on: ['arrival'] },
} as const satisfies Readonly<Record<string, AttributeEntry>>;

export type AttributeName = keyof typeof attributes;
