import { inspect } from 'node:util';
import type { Logger } from 'pino';
import { Counter, type Registry } from 'prom-client';
import { type ZodError, z } from 'zod';

/** A stored document does not parse, because it was edited by hand or written by another release. Answered with 500. */
export class UnreadableDocument extends Error {
  readonly collection: string;
  readonly id: string;

  constructor(collection: string, id: unknown, cause: ZodError) {
    super(`the document ${idText(id)} of ${collection} cannot be read: ${z.prettifyError(cause)}`, { cause });
    this.name = 'UnreadableDocument';
    this.collection = collection;
    this.id = idText(id);
  }
}

/**
 * Parses a document that was found in a collection.
 *
 * @throws UnreadableDocument
 */
export function readable<Schema extends z.ZodType>(
  schema: Schema,
  collection: string,
  document: { readonly _id: unknown },
): z.output<Schema> {
  const { success, data, error } = z.safeParse(schema, document);
  if (!success) throw new UnreadableDocument(collection, document._id, error);
  return data;
}

/** An id for people, whatever its type: a document that was stored by hand may have any. */
export const idText = (id: unknown): string =>
  typeof id === 'string' ? id : inspect(id, { breakLength: Number.POSITIVE_INFINITY });

/** Where a store reports unreadable documents. */
export interface StoreLog {
  readonly logger: Logger;
  /** Counts unreadable documents, if given. */
  readonly metrics?: Registry;
}

/** The minimum time between two logs of the same document, since a list may read it with every request. */
const repeatedAfterMs = 60_000;
/** How many logged documents are remembered. */
const remembered = 1_000;

export type Unreadable = (error: UnreadableDocument) => void;

/** Logs and counts (`unreadable_documents_total`, by collection) the documents that a list or a sweep leaves out. */
export function reportUnreadable(collection: string, { logger, metrics }: StoreLog): Unreadable {
  const counter = metrics && counterIn(metrics);
  counter?.inc({ collection }, 0);
  const loggedAt = new Map<string, number>();
  return (error) => {
    counter?.inc({ collection });
    const now = performance.now();
    if (now - (loggedAt.get(error.id) ?? Number.NEGATIVE_INFINITY) < repeatedAfterMs) return;
    if (loggedAt.size >= remembered) loggedAt.clear();
    loggedAt.set(error.id, now);
    logger.error({ err: error, collection, id: error.id }, 'left a document out that cannot be read');
  };
}

const name = 'unreadable_documents_total';

/** All collections of a process share one counter. */
function counterIn(metrics: Registry): Counter<'collection'> {
  const known = metrics.getSingleMetric(name);
  if (known instanceof Counter) return known;
  return new Counter({
    name,
    help: 'How often an unreadable stored document was left out, by collection',
    labelNames: ['collection'] as const,
    registers: [metrics],
  });
}
