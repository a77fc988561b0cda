import type { mongo } from 'mongoose';
import type { z } from 'zod';
import { type Unreadable, UnreadableDocument } from './unreadable.ts';

/** What every stored document has. */
export interface StoredDocument extends mongo.Document {
  _id: string;
}

export interface Query {
  readonly limit?: number;
  readonly sort?: mongo.Sort;
  /** How long the database may take for one page. Default 5 s. */
  readonly maxMs?: number;
  /** Fields that are not read, because they may be large; they must be optional. */
  readonly omit?: readonly string[];
}

/** How to read one collection. */
export interface Reading<Read> {
  readonly documents: mongo.Collection<StoredDocument>;
  /** Undefined for a document that is not of this kind and is silently left out. */
  readonly read: (document: StoredDocument) => z.ZodSafeParseResult<Read> | undefined;
  readonly unreadable: Unreadable;
}

/** Reads documents. In lists, one that cannot be parsed does not hide the others. */
export interface Reader<Read> {
  /** @throws UnreadableDocument */
  one(document: StoredDocument): Read | null;
  /**
   * As many as there are, up to the limit: documents that are left out do not count.
   *
   * @throws MongoServerError 50 when it takes longer than `maxMs` (see `isStoreAway`)
   */
  query(filter: mongo.Filter<StoredDocument>, query?: Query): Promise<Read[]>;
  /**
   * All matches, read page by page; `filter` must not name `_id`. Documents written meanwhile may or may not be
   * included.
   */
  each(filter: mongo.Filter<StoredDocument>, pageSize?: number): AsyncGenerator<Read, void, undefined>;
}

/**
 * Documents that have no proper id. Pages by id never contain them: MongoDB's comparisons match only values of the same
 * type, and pages start after the empty string.
 */
export const withoutProperId: mongo.Filter<StoredDocument> = {
  $or: [{ _id: { $not: { $type: 'string' } } }, { _id: '' }],
};

export function reader<Read>({ documents, read, unreadable }: Reading<Read>): Reader<Read> {
  function one(document: StoredDocument): Read | null {
    const result = read(document);
    if (!result) return null;
    if (!result.success) throw new UnreadableDocument(documents.collectionName, document._id, result.error);
    return result.data;
  }

  function readable(found: readonly StoredDocument[]): Read[] {
    return found.flatMap((document) => {
      try {
        return one(document) ?? [];
      } catch (error) {
        if (!(error instanceof UnreadableDocument)) throw error;
        unreadable(error);
        return [];
      }
    });
  }

  return {
    one,

    async query(filter, { limit = 0, sort = {}, maxMs = 5_000, omit = [] } = {}) {
      const projection = Object.fromEntries(omit.map((field) => [field, 0]));
      const all: Read[] = [];
      for (let skip = 0; ; skip += limit) {
        const found = await documents
          .find(filter, { projection })
          .sort(sort)
          .skip(skip)
          .limit(limit)
          .maxTimeMS(maxMs)
          .toArray();
        all.push(...readable(found));
        if (limit === 0) return all;
        if (all.length >= limit || found.length < limit) return all.slice(0, limit);
      }
    },

    async *each(filter, pageSize = 200) {
      const pageOf = (more: mongo.Filter<StoredDocument>) =>
        // Not `$and`, with which SecantusDB reads the whole collection.
        documents
          .find({ ...filter, ...more })
          .sort({ _id: 1 })
          .limit(pageSize)
          .toArray();
      const first = await pageOf({});
      if (first.length < pageSize) {
        yield* readable(first);
        return;
      }
      for await (const document of documents.find({ $and: [filter, withoutProperId] })) yield* readable([document]);
      for (let after = ''; ; ) {
        const page = await pageOf({ _id: { $gt: after } });
        const last = page.at(-1);
        if (last) after = last._id;
        yield* readable(page);
        if (page.length < pageSize) return;
      }
    },
  };
}
