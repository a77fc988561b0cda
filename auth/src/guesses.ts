import { tooManyRequests } from '@box-office/common/problem';
import { createTallies, type Tally } from './tallies.ts';

/** The origin of a sign-in attempt. */
export interface Guesser {
  /** The normalized e-mail address, whether or not the account exists. */
  readonly account: string;
  /** The network the attempt comes from. */
  readonly address: string;
  /** The id of a browser that has signed in to this account before; null for any other. */
  readonly browser: string | null;
}

/** An attempt in progress. Only the first call counts. */
export interface Guess {
  right(): void;
  /** @returns the wrong passwords for the account from all networks; 0 from a known browser, which is its owner's */
  wrong(): number;
  /** It ended without a verdict, for example because the database is unreachable. Nothing is counted. */
  abandoned(): void;
}

export interface Guesses {
  /** @throws Problem 429 `too-many-requests`, with the reason and how long to wait */
  begin(guesser: Guesser): Guess;
}

export interface GuessesOptions {
  readonly now: () => Date;
  readonly windowMs: number;
  /** Wrong passwords for one account from one network before it has to wait between attempts. */
  readonly perAccount: number;
  /** Wrong passwords from one network, for any accounts, until the window ends. */
  readonly perAddress: number;
}

const shortestWaitMs = 5_000;
const longestWaitMs = 5 * 60_000;
/** A known browser never waits longer than this, so its owner is never locked out for long. */
const longestWaitOfKnownBrowserMs = 30_000;
/** An account counts as under attack after this many times `perAccount` wrong passwords from all networks. */
const attackedAfter = 10;

/**
 * Slows down password guessing without locking out the owner of the account.
 *
 * Wrong passwords count against the network they come from: per account the wait doubles with each one, and across all
 * accounts there is a limit. When an account is attacked from many networks, each of them waits from its first wrong
 * password on; a network without wrong passwords never waits. A browser that has signed in to the account before is
 * counted separately, so nobody else can make it wait.
 */
export function createGuesses({ now, windowMs, perAccount, perAddress }: GuessesOptions): Guesses {
  const tallies = createTallies({ now, windowMs, atMost: 20_000 });

  function mustNotWait(tally: Tally, free: number, longestMs: number, why: string): void {
    if (tally.wrong + tally.trying < free) return;
    // Attempts in progress may turn out wrong, so concurrent attempts must not get past the wait.
    if (tally.trying > 0) throw tooManyRequests('Too many attempts to sign in at once.', 1);
    const waitMs = Math.min(shortestWaitMs * 2 ** (tally.wrong - free), longestMs);
    const leftMs = tally.lastAt + waitMs - now().getTime();
    if (leftMs > 0) throw tooManyRequests(why, leftMs / 1000);
  }

  /**
   * Attempts in progress are not counted: they may be the right passwords of a whole office, and the queue bounds
   * their number.
   */
  function mustBeBelowLimit(tally: Tally): void {
    if (tally.wrong < perAddress) return;
    const leftMs = tally.firstAt + windowMs - now().getTime();
    throw tooManyRequests('Too many wrong passwords came from your network.', Math.max(1, leftMs / 1000));
  }

  function tried(counted: readonly Tally[], own: Tally, everywhere?: Tally): Guess {
    for (const tally of counted) tally.trying++;
    let ended = false;
    const end = (change: () => void) => () => {
      if (ended) return;
      ended = true;
      for (const tally of counted) tally.trying--;
      change();
    };
    const countWrong = end(() => {
      const at = now().getTime();
      for (const tally of counted) {
        if (tally.wrong === 0) tally.firstAt = at;
        tally.wrong++;
        tally.lastAt = at;
      }
    });
    return {
      right: end(() => {
        own.wrong = 0;
      }),
      wrong() {
        countWrong();
        return everywhere?.wrong ?? 0;
      },
      abandoned: end(() => undefined),
    };
  }

  return {
    begin({ account, address, browser }) {
      if (browser !== null) {
        const own = tallies.of(`browser ${browser}`);
        const why = 'Too many wrong passwords were tried in this browser.';
        mustNotWait(own, perAccount, longestWaitOfKnownBrowserMs, why);
        return tried([own], own);
      }
      const everywhere = tallies.of(`account ${account}`);
      const fromAddress = tallies.of(`address ${address}`);
      const own = tallies.of(`account ${account} from ${address}`);
      const free = everywhere.wrong >= attackedAfter * perAccount ? 1 : perAccount;
      mustBeBelowLimit(fromAddress);
      mustNotWait(own, free, longestWaitMs, 'Too many wrong passwords for this account came from your network.');
      return tried([everywhere, fromAddress, own], own, everywhere);
    },
  };
}
