import type { Change } from '@box-office/common/store/change';
import type { KnownBrowsers } from '../known-browsers.ts';
import type { PasskeyStore } from '../passkeys/store.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { type Account, swept } from './account.ts';
import type { Accounts } from './accounts.ts';

export interface ForgetAccountParts {
  readonly accounts: Accounts;
  readonly sessions: Pick<Sessions, 'closeAll'>;
  readonly browsers: Pick<KnownBrowsers, 'forget'>;
  readonly passkeyStore: Pick<PasskeyStore, 'forget'>;
}

export interface ForgetAccount {
  /** Removes an account and what belongs to it, if `decide` forgets the account itself. @returns whether it did */
  (id: string, decide: (account: Account) => Change<Account>): Promise<boolean>;
  /** Removes what is left of accounts whose deletion was interrupted. */
  resume(signal: AbortSignal): Promise<void>;
}

/**
 * The account goes first, so that nothing is added to what belongs to it. If the process dies then, the account still
 * says that something is left, and `resume` removes it.
 */
export function createForgetAccount({ accounts, sessions, browsers, passkeyStore }: ForgetAccountParts): ForgetAccount {
  async function sweep(id: string): Promise<void> {
    await sessions.closeAll(id);
    await browsers.forget(id);
    await passkeyStore.forget(id);
    await accounts.change(id, swept);
  }

  async function forgetAccount(id: string, decide: (account: Account) => Change<Account>): Promise<boolean> {
    const { forgottenAt } = await accounts.change(id, decide);
    if (forgottenAt === null) return false;
    await sweep(id);
    return true;
  }

  return Object.assign(forgetAccount, {
    async resume(signal: AbortSignal) {
      for (let left = await accounts.withLeftovers(); left.length > 0 && !signal.aborted; ) {
        for (const { id } of left) await sweep(id);
        left = await accounts.withLeftovers();
      }
    },
  });
}
