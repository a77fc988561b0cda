import { tooManyRequests } from '@box-office/common/problem';
import { createTallies, type Tally } from './tallies.ts';

/** Who tries a password. */
export interface Guesser {
  /** The normalized e-mail address, whether there is such an account or not. */
  readonly account: string;
  /** The network the attempt comes from. */
  readonly address: string;
  /** The id of a browser that has signed in to this account before; null for any other. */
  readonly browser: string | null;
}

/** An attempt under way. The first of these that is called counts; later calls do nothing. */
export interface Guess {
  right(): void;
  wrong(): void;
  /** It ended without a verdict, such as a database that is away: nobody guessed anything. */
  abandoned(): void;
}

export interface Guesses {
  /** @throws Problem 429 `too-many-requests`, which says why and how long to wait */
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
/** The right password from a known browser is never locked out for longer than this, whatever was tried there before. */
const longestWaitOfKnownBrowserMs = 30_000;
/** After so many times `perAccount` wrong passwords from everywhere, an account is under attack. */
const attackedAfter = 10;

/**
 * Slows down guessing passwords without locking anybody out for it.
 *
 * Wrong passwords count against the network they come from: for one account the wait doubles with each, and for all accounts together there is a limit.
 * When one account is guessed at from many networks, each of them has to wait from its first wrong password on; one that has guessed nothing yet never waits.
 * A browser that has signed in to the account before is counted by itself alone, so nobody else can make it wait.
 */
export function createGuesses({ now, windowMs, perAccount, perAddress }: GuessesOptions): Guesses {
  const tallies = createTallies({ now, windowMs, atMost: 20_000 });

  function mustNotWait(tally: Tally, free: number, longestMs: number, why: string): void {
    if (tally.wrong + tally.trying < free) return;
    // What is being tried may turn out wrong: attempts at the same time must not get past the wait.
    if (tally.trying > 0) throw tooManyRequests('Too many attempts to sign in at once.', 1);
    const waitMs = Math.min(shortestWaitMs * 2 ** (tally.wrong - free), longestMs);
    const leftMs = tally.lastAt + waitMs - now().getTime();
    if (leftMs > 0) throw tooManyRequests(why, leftMs / 1000);
  }

  /** Attempts under way are not counted here: the right passwords of a whole office may be among them, and the turnstile bounds how many there are. */
  function mustBeBelowLimit(tally: Tally): void {
    if (tally.wrong < perAddress) return;
    const leftMs = tally.firstAt + windowMs - now().getTime();
    throw tooManyRequests('Too many wrong passwords came from your network.', Math.max(1, leftMs / 1000));
  }

  function tried(counted: readonly Tally[], own: Tally): Guess {
    for (const tally of counted) tally.trying++;
    let ended = false;
    const end = (change: () => void) => () => {
      if (ended) return;
      ended = true;
      for (const tally of counted) tally.trying--;
      change();
    };
    return {
      right: end(() => {
        own.wrong = 0;
      }),
      wrong: end(() => {
        const at = now().getTime();
        for (const tally of counted) {
          if (tally.wrong === 0) tally.firstAt = at;
          tally.wrong++;
          tally.lastAt = at;
        }
      }),
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
      return tried([everywhere, fromAddress, own], own);
    },
  };
}
