import { collectionOf } from '@box-office/common/store/mongo';
import type { Connection } from 'mongoose';
import type { Account } from '../people/account.ts';

interface StoredChallenge {
  _id: string;
  /** Who adds a passkey with it, and in which era of the account; null for a sign-in, when nobody is known yet. */
  owner: string | null;
  expiresAt: Date;
}

type Owner = Pick<Account, 'id' | 'era'>;

/** What an authenticator has to sign: each is valid once, for five minutes, and for one purpose. */
export interface Challenges {
  prepare(): Promise<void>;
  make(account: Owner | null): Promise<string>;
  /** Whether it was valid. It is not any more. */
  take(challenge: string, account: Owner | null): Promise<boolean>;
}

const nameOf = (account: Owner | null) => account && `${account.id} ${account.era}`;

const validForMs = 5 * 60 * 1000;

export interface ChallengesOptions {
  readonly connection: Connection;
  readonly now: () => Date;
  readonly randomBytes: (size: number) => Buffer;
}

export function createChallenges({ connection, now, randomBytes }: ChallengesOptions): Challenges {
  const challenges = collectionOf<StoredChallenge>(connection, 'challenges');
  return {
    async prepare() {
      await challenges.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0 });
    },
    async make(account) {
      const challenge = randomBytes(32).toString('base64url');
      await challenges.insertOne({
        _id: challenge,
        owner: nameOf(account),
        expiresAt: new Date(now().getTime() + validForMs),
      });
      return challenge;
    },
    async take(challenge, account) {
      const valid = { _id: challenge, owner: nameOf(account), expiresAt: { $gt: now() } };
      const { deletedCount } = await challenges.deleteOne(valid);
      return deletedCount === 1;
    },
  };
}
