import { type AccountKind, type ForgottenPerson, Language, type Person } from '@box-office/common/contracts/people';
import { isDuplicateKey } from '@box-office/common/store/duplicate-key';
import { collectionOf } from '@box-office/common/store/mongo';
import type { Connection, mongo } from 'mongoose';
import { z } from 'zod';

/** Where a person's mails go, and in which language. */
export const Addressee = z.object({
  email: z.string(),
  name: z.string().optional(),
  language: Language,
  /** A guest's key for links; nobody with an account has one. */
  key: z.string().optional(),
});
export type Addressee = z.infer<typeof Addressee>;

/** Auth accepts a guest's key no longer once the guest has an account. */
const WithAccount = Addressee.omit({ key: true });

interface StoredPerson extends Partial<Addressee> {
  readonly _id: string;
  readonly version: number;
  /** Missing since an earlier release took note of the person. Then a key may still be a guest's, so it is used. */
  readonly kind?: AccountKind;
  /** The version that brought the key. */
  readonly keyVersion?: number;
  readonly forgotten?: true;
}

/** The address book: a copy of what auth knows of each person. */
export interface People {
  /** `forgotten` if they no longer want to be known, null if they are not known yet. */
  find(id: string): Promise<Addressee | 'forgotten' | null>;
  /** Ignores what is older than what is known. A guest's key stays known when later news leaves it out. */
  know(person: Person): Promise<void>;
  /** Deletes everything but the id, so that late news does not bring it back. */
  forget(person: ForgottenPerson): Promise<void>;
}

export function addressBook(connection: Connection): People {
  const people = collectionOf<StoredPerson>(connection, 'people');

  /** Inserts or changes a person, unless something as new or newer is stored that is not `outdated`. */
  async function update(
    { id, version }: ForgottenPerson,
    fields: Omit<Partial<StoredPerson>, '_id' | 'version'>,
    absent: readonly (keyof StoredPerson)[],
    outdated: readonly mongo.Filter<StoredPerson>[] = [],
  ): Promise<void> {
    const $unset = Object.fromEntries(absent.map((name) => [name, '' as const]));
    const change = { $set: { ...fields, version }, ...(absent.length > 0 ? { $unset } : {}) };
    const older = { version: { $lt: version } };
    try {
      await people.updateOne({ _id: id, ...older }, change, { upsert: true });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      // Either something as new or newer is stored, or another process has just inserted something older.
      await people.updateOne({ _id: id, $or: [older, ...outdated] }, change);
    }
  }

  return {
    async find(id) {
      const found = await people.findOne({ _id: id });
      if (!found) return null;
      if (found.forgotten) return 'forgotten';
      return (found.kind === 'person' ? WithAccount : Addressee).parse(found);
    },

    async know(person) {
      const { id, version, kind, email, name, language, key } = person;
      await update(
        person,
        { kind, email, language, ...(name === undefined ? {} : { name }) },
        name === undefined ? ['name'] : [],
        // An earlier release stored no kind. The same version comes again when auth announces everything again.
        [{ version, kind: { $ne: kind }, forgotten: { $exists: false } }],
      );
      if (key === undefined) return;
      // By itself, because later news without the key may have been handled before, by another process.
      const isOlder = [{ keyVersion: { $exists: false } }, { keyVersion: { $lt: version } }];
      const known = { _id: id, forgotten: { $exists: false }, $or: isOlder };
      await people.updateOne(known, { $set: { key, keyVersion: version } });
    },

    forget: (person) => update(person, { forgotten: true }, ['kind', 'email', 'name', 'language', 'key', 'keyVersion']),
  };
}
