import { setTimeout as sleep } from 'node:timers/promises';
import type { Attack } from '../attack.ts';
import { type Caller, callerFrom, networks } from '../caller.ts';
import { eachOf } from '../raw.ts';
import { patientAuth, type Target } from '../target.ts';

/** In the short form a shop that permits less: each guess that is looked at takes a core for 25 ms. */
const limits = {
  short: { perAccount: 3, perAddress: 20 },
  // As auth/src/config.ts has them by default.
  long: { perAccount: 10, perAddress: 100 },
} as const;
const counts = {
  short: { alone: 20, sprayed: 50, networks: 20, each: 3 },
  long: { alone: 2_000, sprayed: 3_000, networks: 1_000, each: 5 },
} as const;
const atOnce = 16;

/** Somebody guesses a password, from one network and from many, while its owner signs in. */
export const guesses: Attack = {
  name: 'guesses',
  promise: 'only a few guesses of passwords are checked, wherever they come from, and no owner is locked out',
  async run(target, { effort }) {
    const { alone, sprayed, networks: many, each } = counts[effort];
    const { perAccount, perAddress } = limits[effort];
    const [owner, { platform }] = [await target.shop.person(), target.shop];
    const [guesser = '', sprayer = '', elsewhere = '', ...others] = networks(3 + many, 10);
    const faults: string[] = [];
    const measured: string[] = [];
    /** @param most guesses that may be looked at */
    const guess = async (what: string, most: (seconds: number) => number, tries: readonly Guess[]) => {
      const { looked, seconds, odd } = await guessed(target, tries);
      measured.push(`${what}: ${looked} of ${tries.length}`);
      if (looked > most(seconds)) faults.push(`${what}: ${looked} of ${tries.length} guesses were looked at`);
      for (const it of odd) faults.push(`${what}: a guess was answered ${it}`);
    };

    await platform.restart('auth', {
      SIGNIN_FAILURES_PER_ACCOUNT: `${perAccount}`,
      SIGNIN_FAILURES_PER_ADDRESS: `${perAddress}`,
    });
    const known = await signedIn(target, guesser, owner);
    const callers = [
      // In the network of the guesser.
      { what: 'from a known browser', caller: callerFrom(target.port, guesser), cookie: known },
      { what: 'from elsewhere', caller: callerFrom(target.port, elsewhere), cookie: '' },
    ];
    const stop = new AbortController();
    const owners = callers.map((it) => keepsSigningIn(it, owner, stop.signal));
    try {
      const { email } = owner;
      // It waits longer each time: 5 s, 10 s, 20 s, …
      const paused = (seconds: number) => Math.ceil(Math.log2(seconds / 5 + 1));
      await guess(
        'one account, from one network',
        (seconds) => perAccount + paused(seconds),
        Array.from({ length: alone }, () => ({ from: guesser, email })),
      );
      await guess(
        'many accounts, from one network',
        () => perAddress + atOnce,
        Array.from({ length: sprayed }, (_, index) => ({ from: sprayer, email: `nobody-${index}@example.com` })),
      );
      await guess(
        'one account, from many networks',
        // Of an account with so many wrong passwords, each network may try one and then has to wait.
        (seconds) => 10 * perAccount + atOnce + many * (1 + paused(seconds)),
        // Of one network after the other: in turn, each would have waited long enough by the time it tries again.
        others.flatMap((from) => Array.from({ length: each }, () => ({ from, email }))),
      );
    } finally {
      stop.abort();
      for (const failed of await Promise.all(owners)) faults.push(...failed);
      for (const { caller } of callers) caller.end();
      await platform.restart('auth', patientAuth);
    }
    return { tried: alone + sprayed + many * each, faults, measured: measured.join(', ') };
  },
};

interface Guess {
  readonly from: string;
  readonly email: string;
}

interface Credentials {
  readonly email: string;
  readonly password: string;
}

/** How many guesses were compared with the password, in how long, and what else was answered. */
async function guessed({ port }: Target, tries: readonly Guess[]) {
  const startedAt = performance.now();
  const odd = new Set<number>();
  let looked = 0;
  await eachOf([...tries.entries()], atOnce, async ([number, { from, email }]) => {
    const caller = callerFrom(port, from);
    const { status } = await caller.call('POST', '/api/auth/signin', { body: { email, password: `guess ${number}` } });
    caller.end();
    if (status === 401) looked++;
    else if (status !== 429) odd.add(status);
  });
  return { looked, seconds: (performance.now() - startedAt) / 1000, odd };
}

/** The mark of a browser in which somebody has signed in. */
async function signedIn({ port }: Target, from: string, { email, password }: Credentials): Promise<string> {
  const caller = callerFrom(port, from);
  const { status, headers } = await caller.call('POST', '/api/auth/signin', { body: { email, password } });
  caller.end();
  const mark = headers['set-cookie']?.find((it) => it.includes('known-browser'))?.split(';')[0];
  if (status !== 200 || !mark) throw new Error(`the owner was answered ${status} before anybody guessed`);
  return mark;
}

interface Owner {
  readonly what: string;
  readonly caller: Caller;
  readonly cookie: string;
}

/** The owner, with the right password, until it is over. Returns what went wrong. */
async function keepsSigningIn({ what, caller, cookie }: Owner, { email, password }: Credentials, over: AbortSignal) {
  const refused: string[] = [];
  while (!over.aborted) {
    const headers: Record<string, string> = cookie ? { Cookie: cookie } : {};
    const { status } = await caller.call('POST', '/api/auth/signin', { body: { email, password }, headers });
    if (status !== 200) refused.push(`the owner ${what} was answered ${status}`);
    // Each takes as much of a core as a guess does.
    await sleep(1_000);
  }
  return refused;
}
