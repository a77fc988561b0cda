import { normalizedEmail } from '@box-office/common/contracts/email-address';
import { Problem, problem } from '@box-office/common/problem';
import type { BaseParts } from '@box-office/common/service';
import { changed, unchanged } from '@box-office/common/store/change';
import type { Guesses } from './guesses.ts';
import type { KnownBrowsers } from './known-browsers.ts';
import type { Passwords } from './password.ts';
import { type Account, storedPassword } from './people/account.ts';
import type { Accounts } from './people/accounts.ts';
import { noticed } from './people/notice.ts';

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

export interface SignInParts extends Pick<BaseParts, 'logger' | 'now'> {
  readonly accounts: Accounts;
  readonly browsers: KnownBrowsers;
  readonly passwords: Passwords;
  readonly guesses: Guesses;
  /** After so many wrong passwords from all networks within the window, the owner is told. */
  readonly noticeAt: number;
}

/** For the log. The account is not known of an attempt that was refused before it was looked up. */
interface Caller {
  readonly address: string;
  readonly requestId: string;
  accountId: string | null;
}

/** @throws Problem 401 `invalid-credentials`, 429 `too-many-requests`, 503 `too-busy` */
export type SignIn = (attempt: SignInAttempt) => Promise<Account>;

/**
 * Signs a user in by e-mail and password.
 *
 * Each outcome is logged once, with the address and the account's id, for tools that detect guessing; what was typed is
 * never logged. An unknown account takes the same queries, hashing and limits as a known one, so that responses do not
 * reveal which it was.
 */
export function createSignIn(parts: SignInParts): SignIn {
  const { accounts, browsers, passwords, guesses, noticeAt, now, logger } = parts;

  /** Not waited for: an attempt must not take longer because the account exists. */
  function tellOwner({ id }: Account): void {
    accounts
      .change(id, (it) => changed(it, noticed({ what: 'guesses', at: now() })))
      .catch((error: unknown) => logger.warn({ err: error, accountId: id }, 'could not tell an owner of guesses'));
  }

  async function verify({ email, password, network, knownBrowser }: SignInAttempt, caller: Caller): Promise<Account> {
    const name = normalizedEmail(email);
    // A flood must not cost queries for each attempt that is refused anyway. A known browser has a turn of its own, and
    // whether it is known takes a query: by a name that nobody has, its address alone counts.
    passwords.mustHaveRoom({ account: knownBrowser ?? name, address: network });
    const [account, known] = await Promise.all([accounts.personOf(email), browsers.find(knownBrowser)]);
    caller.accountId = account?.id ?? null;
    const browser = known.find(({ userId }) => userId === account?.id)?.id ?? null;
    const claimant = { account: browser ?? name, address: network };
    const guess = guesses.begin({ account: name, address: network, browser });
    try {
      const { matches, outdated } = await passwords.verify(password, storedPassword(account), claimant);
      if (!account || !matches) {
        const wrong = guess.wrong();
        if (account && wrong === noticeAt) tellOwner(account);
        throw problem('invalid-credentials', 'Wrong e-mail or password.');
      }
      guess.right();
      if (outdated) {
        const stronger = await passwords.hash(password, claimant);
        await accounts.change(account.id, (it) =>
          it.password === account.password ? changed({ ...it, password: stronger }) : unchanged(it),
        );
      }
      return account;
    } catch (error) {
      guess.abandoned();
      throw error;
    }
  }

  return async (attempt) => {
    const caller: Caller = { address: attempt.address, accountId: null, requestId: attempt.requestId };
    try {
      const account = await verify(attempt, caller);
      logger.info(caller, 'signed in');
      return account;
    } catch (error) {
      if (error instanceof Problem) logger.warn({ ...caller, code: error.code }, 'sign-in failed');
      throw error;
    }
  };
}
