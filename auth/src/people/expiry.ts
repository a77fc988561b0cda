import { type Repeating, repeat } from '@box-office/common/repeat';
import type { BaseParts } from '@box-office/common/service';
import { changed } from '@box-office/common/store/change';
import { type Account, expire } from './account.ts';
import type { Accounts } from './accounts.ts';
import type { ForgetAccount } from './forget-account.ts';

export interface ExpiryParts extends Pick<BaseParts, 'now' | 'logger'> {
  readonly accounts: Accounts;
  readonly forgetAccount: ForgetAccount;
  /** How long a guest who does not come back is remembered. */
  readonly keptMs: number;
}

const everyMs = 60 * 60 * 1000;

/**
 * Finishes deletions that were interrupted, and forgets guests who have not been here for long, and mail forgets them
 * too. Those whose address somebody has proved stay for as long as that person does, who finds through them what was
 * bought.
 */
export function startExpiry({ accounts, forgetAccount, keptMs, now, logger }: ExpiryParts): Repeating {
  async function isSomebodys({ email }: Account): Promise<boolean> {
    const person = await accounts.personOf(email);
    return person !== null && person.verifiedAt !== null;
  }

  return repeat({ name: 'forgetting of guests', everyMs, logger, atOnce: true }, async (signal) => {
    await forgetAccount.resume(signal);
    const at = now();
    const since = new Date(at.getTime() - keptMs);
    for (let guests = await accounts.guestsNotUsedSince(since); guests.length > 0 && !signal.aborted; ) {
      for (const guest of guests) {
        if (await isSomebodys(guest)) await accounts.change(guest.id, (it) => changed({ ...it, usedAt: at }));
        else await forgetAccount(guest.id, (it) => expire(it, { since, at }));
      }
      guests = await accounts.guestsNotUsedSince(since);
    }
  });
}
