import type { mongo } from 'mongoose';
import { failed, type Span, SpanKind, startCall } from '../telemetry/span.ts';

/** What is asked once per connection or in the background, and belongs to nobody's task. */
const unimportant = new Set(['hello', 'ping', 'endSessions', 'saslStart', 'saslContinue', 'authenticate']);

/** What the server answers to a write, as far as it matters here. */
interface Reply {
  readonly writeErrors?: readonly { readonly code: number }[];
}

/**
 * Makes a span of each command that a client sends within a task; `monitorCommands` must be on. Filters and documents
 * are not recorded: they hold what people have entered.
 */
export function traceCommands(client: mongo.MongoClient): void {
  const spans = new Map<number, Span>();

  client.on('commandStarted', ({ requestId, commandName, databaseName, command, address }) => {
    if (unimportant.has(commandName)) return;
    const target = commandName === 'getMore' ? command.collection : command[commandName];
    const collection = typeof target === 'string' ? target : undefined;
    const span = startCall(collection ? `${commandName} ${collection}` : commandName, SpanKind.CLIENT, {
      'db.system.name': 'mongodb',
      'db.namespace': databaseName,
      'db.operation.name': commandName,
      ...(collection ? { 'db.collection.name': collection } : {}),
      'server.address': address,
    });
    if (span) spans.set(requestId, span);
  });

  client.on('commandSucceeded', ({ requestId, reply }) => {
    const span = spans.get(requestId);
    if (!span) return;
    // A write that is refused, for example by a unique index, succeeds as a command.
    const { writeErrors: [refusal] = [] } = reply as Reply;
    if (refusal) {
      span.setAttribute('db.response.status_code', String(refusal.code));
      failed(span, String(refusal.code));
    }
    finish(requestId, span);
  });

  client.on('commandFailed', ({ requestId, failure }) => {
    const span = spans.get(requestId);
    if (!span) return;
    failed(span, failure);
    finish(requestId, span);
  });

  function finish(requestId: number, span: Span): void {
    span.end();
    spans.delete(requestId);
  }
}
