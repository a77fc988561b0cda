import type { LinkPurpose } from '@box-office/common/contracts/people';
import { aggregates, type StoreOptions } from '@box-office/common/store/aggregates';
import { isDuplicateKey } from '@box-office/common/store/duplicate-key';
import { collectionOf } from '@box-office/common/store/mongo';
import { type Account, hashOf, newPerson, noPassword, prove } from '../people/account.ts';
import type { Accounts } from '../people/accounts.ts';
import type { Tallies } from '../tallies.ts';
import { ask, Link, mayBeMailed, mustBeValid, notValid, snapshot, use } from './link.ts';

export interface LinksParts extends StoreOptions {
  readonly accounts: Accounts;
  readonly randomBytes: (size: number) => Buffer;
  /** Counts the links that an address was asked for. */
  readonly tallies: Tallies;
  /** The most links that are mailed to an address within a window. */
  readonly perAccount: number;
}

/** What somebody does with a link. */
export interface Use {
  readonly token: string;
  /** The hash of the new password, for a reset. */
  readonly password: string | null;
  /** Whose browser it is, if anybody is signed in there. */
  readonly signedInAs: string | null;
}

/** Links by mail, each of which proves an address. */
export interface Links {
  prepare(): Promise<void>;
  /**
   * Removes the links of an account that is to be deleted: all of its address if somebody has proved that it is theirs,
   * and otherwise only those that were for this account. Whoever merely gives an address has no say in its links.
   */
  forget(account: Pick<Account, 'id' | 'email' | 'verifiedAt'>): Promise<void>;
  /** Mails a link if there is anybody to mail it to. Nothing tells the caller whether there is. */
  ask(purpose: LinkPurpose, email: string): Promise<void>;
  /** What a link is for, and whose address it proves. @throws Problem 410 `link-not-valid` */
  look(token: string): Promise<{ purpose: LinkPurpose; email: string }>;
  /**
   * Uses a link up and proves the address.
   *
   * @returns the account to sign in to, whether all of its other sessions must end, and whether somebody else may have
   * opened it before its owner proved the address
   * @throws Problem 410 `link-not-valid`; of concurrent uses of a link one succeeds
   */
  use(use: Use): Promise<{ account: Account; mustEndOthers: boolean; isTakenBack: boolean }>;
}

export function createLinks(parts: LinksParts): Links {
  const { accounts, connection, now, newId, randomBytes, tallies, perAccount } = parts;
  const links = aggregates<Link>(
    // A link is never announced again: it would be mailed again.
    { collection: 'links', state: Link, snapshot, current: () => [], indexes: [{ keys: { hash: 1 }, unique: true }] },
    parts,
  );

  const find = (token: string) => links.findOne({ hash: hashOf(token) });

  /** Both are always looked for, so that the time does not depend on what there is. */
  async function recipient(purpose: LinkPurpose, email: string): Promise<Account | null> {
    const [person, guest] = await Promise.all([accounts.personOf(email), accounts.guestAt(email)]);
    return person ?? (purpose === 'sign-in' ? guest : null);
  }

  /** Somebody whom only guests' purchases are known of. */
  async function becomePerson(email: string): Promise<Account> {
    const guest = await accounts.guestAt(email);
    if (!guest) throw notValid();
    const from = { id: newId(), email, password: noPassword, language: guest.language, at: now() };
    try {
      return await accounts.add(newPerson({ ...from, name: guest.name }));
    } catch (error) {
      const made = isDuplicateKey(error) ? await accounts.personOf(email) : null;
      if (!made) throw error;
      return made;
    }
  }

  return {
    async prepare() {
      await links.prepare();
      const documents = collectionOf(connection, 'links');
      await documents.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 24 * 60 * 60 });
    },

    async ask(purpose, email) {
      const to = await recipient(purpose, email);
      const at = now();
      const isMailed = mayBeMailed(tallies.of(`links to ${email}`), { at: at.getTime(), perAccount });
      const token = randomBytes(32).toString('base64url');
      await links.add(ask({ id: newId(), purpose, email, token, at }, isMailed ? to : null));
    },

    async forget({ id, email, verifiedAt }) {
      await collectionOf(connection, 'links').deleteMany(verifiedAt === null ? { personId: id } : { email });
    },

    async look(token) {
      const link = await find(token);
      mustBeValid(link, now());
      return link;
    },

    async use({ token, password, signedInAs }) {
      const found = await find(token);
      mustBeValid(found, now());
      const link = await links.change(found.id, (it) => use(it, now()));
      const person = link.personId === null ? await becomePerson(link.email) : await accounts.find(link.personId);
      // It may have been deleted since.
      if (!person || person.forgottenAt !== null) throw notValid();
      const isOwners = signedInAs === person.id;
      const account = await accounts.change(person.id, (it) => prove(it, { at: now(), password, isOwners }));
      const isTakenBack = person.verifiedAt === null && !isOwners;
      return { account, isTakenBack, mustEndOthers: password !== null || isTakenBack };
    },
  };
}
