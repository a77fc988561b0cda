import type { User } from '@box-office/common/contracts/auth';
import { normalizedEmail } from '@box-office/common/contracts/email-address';
import { Problem, problem } from '@box-office/common/problem';
import type { BaseParts } from '@box-office/common/service';
import type { Accounts } from './account.ts';
import type { Guesses } from './guesses.ts';
import type { KnownBrowsers } from './known-browsers.ts';
import type { Passwords } from './password.ts';

export interface SignInAttempt {
  readonly email: string;
  readonly password: string;
  /** The caller's address, for the log. */
  readonly address: string;
  /** The network that attempts are counted by. */
  readonly network: string;
  /** The cookie of a browser that may have signed in before. */
  readonly knownBrowser: string | undefined;
  readonly requestId: string;
}

export interface SignInParts extends Pick<BaseParts, 'logger'> {
  readonly accounts: Accounts;
  readonly browsers: KnownBrowsers;
  readonly passwords: Passwords;
  readonly guesses: Guesses;
}

/** @throws Problem 401 `invalid-credentials`, 429 `too-many-requests`, 503 `too-busy` */
export type SignIn = (attempt: SignInAttempt) => Promise<User>;

/**
 * Signs a user in by e-mail and password.
 *
 * Each outcome is logged once, with the address and the account's id, for tools that detect guessing; what was typed is
 * never logged. An unknown account takes the same queries, hashing and limits as a known one, so that responses do not
 * reveal which it was.
 */
export function createSignIn({ accounts, browsers, passwords, guesses, logger }: SignInParts): SignIn {
  return async ({ email, password, address, network, knownBrowser, requestId }) => {
    const [account, known] = await Promise.all([accounts.find(email), browsers.find(knownBrowser)]);
    const browser = known.find(({ userId }) => userId === account?.id)?.id ?? null;
    const caller = { address, accountId: account?.id ?? null, requestId };
    const claimant = { account: browser ?? normalizedEmail(email), address: network };

    async function verify(): Promise<User> {
      const guess = guesses.begin({ account: normalizedEmail(email), address: network, browser });
      try {
        const { matches, outdated } = await passwords.verify(password, account?.password ?? null, claimant);
        if (!account || !matches) {
          guess.wrong();
          throw problem('invalid-credentials', 'Wrong e-mail or password.');
        }
        guess.right();
        if (outdated) {
          await accounts.replacePassword(account.id, account.password, await passwords.hash(password, claimant));
        }
        return { id: account.id, email: account.email };
      } catch (error) {
        guess.abandoned();
        throw error;
      }
    }

    try {
      const user = await verify();
      logger.info(caller, 'signed in');
      return user;
    } catch (error) {
      if (error instanceof Problem) logger.warn({ ...caller, code: error.code }, 'sign-in failed');
      throw error;
    }
  };
}
