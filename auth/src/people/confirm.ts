import { normalizedEmail } from '@box-office/common/contracts/email-address';
import { problem } from '@box-office/common/problem';
import type { SignedInUser } from '@box-office/common/signed-in-user';
import type { Guesses } from '../guesses.ts';
import type { Passwords } from '../password.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { type Account, storedPassword } from './account.ts';

export interface ConfirmParts {
  readonly passwords: Passwords;
  readonly guesses: Guesses;
  readonly sessions: Pick<Sessions, 'isFresh'>;
}

export interface Confirmation {
  readonly user: SignedInUser;
  readonly password: string | undefined;
  /** The network that the request comes from. */
  readonly network: string;
}

/**
 * Makes sure that it is the owner who sits at a signed-in browser, before something is changed that would lock the
 * owner out: by the password, or by a recent sign-in if there is none.
 *
 * @throws Problem 403 `wrong-password` or `sign-in-again`; 429 `too-many-requests`
 */
export type Confirm = (account: Account, confirmation: Confirmation) => Promise<void>;

const signInAgain = 'Sign in again first: this needs a sign-in of the last ten minutes.';
/** A guest has no other way to sign in. */
const openAgain = 'Open the link in the mail about your order, then try again within ten minutes.';

export function createConfirm({ passwords, guesses, sessions }: ConfirmParts): Confirm {
  return async (account, { user, password, network }) => {
    const stored = storedPassword(account);
    if (stored === null) {
      if (await sessions.isFresh(account, user.session)) return;
      throw problem('sign-in-again', account.kind === 'guest' ? openAgain : signInAgain);
    }
    if (password === undefined) throw problem('wrong-password', 'Enter your current password.');
    const browser = `session ${user.session}`;
    const guess = guesses.begin({ account: normalizedEmail(account.email), address: network, browser });
    try {
      const { matches } = await passwords.verify(password, stored, { account: browser, address: network });
      if (!matches) {
        guess.wrong();
        throw problem('wrong-password', 'This is not your current password.');
      }
      guess.right();
    } finally {
      guess.abandoned();
    }
  };
}
