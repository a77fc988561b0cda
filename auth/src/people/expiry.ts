import { type Repeating, repeat } from '@box-office/common/repeat';
import type { BaseParts } from '@box-office/common/service';
import { UnreadableDocument } from '@box-office/common/store/unreadable';
import { type Account, expire, used } from './account.ts';
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
 * bought. Those who may be of a person who cannot be read stay until that person can be.
 */
export function startExpiry({ accounts, forgetAccount, keptMs, now, logger }: ExpiryParts): Repeating {
  async function isSomebodys({ email }: Account): Promise<boolean> {
    const person = await accounts.personOf(email);
    return person !== null && person.verifiedAt !== null;
  }

  async function keepOrForget(guest: Account, { since, at }: { since: Date; at: Date }): Promise<void> {
    if (await isSomebodys(guest)) await accounts.change(guest.id, (it) => used(it, at));
    else await forgetAccount(guest.id, (it) => expire(it, { since, at }));
  }

  return repeat({ name: 'forgetting of guests', everyMs, logger, atOnce: true }, async (signal) => {
    await forgetAccount.resume(signal);
    const at = now();
    const since = new Date(at.getTime() - keptMs);
    for await (const guest of accounts.guestsNotUsedSince(since)) {
      if (signal.aborted) return;
      await keepOrForget(guest, { since, at }).catch((error: unknown) => {
        if (!(error instanceof UnreadableDocument)) throw error;
        logger.error({ err: error, guestId: guest.id }, 'kept a guest who may be of a person who cannot be read');
      });
    }
  });
}
