import { createGuesses, type Guesser } from './guesses.ts';
import { createTallies } from './tallies.ts';

/** Guesses with a clock of their own: five wrong passwords for an account are free, in 15 minutes. */
function guessing({ perAddress = 100 } = {}) {
  let at = Date.UTC(2027, 0, 1);
  const guesses = createGuesses({ now: () => new Date(at), windowMs: 900_000, perAccount: 5, perAddress });
  const guesser = (told: Partial<Guesser> = {}): Guesser => ({
    account: 'anna@example.com',
    address: '198.51.100.1',
    browser: null,
    ...told,
  });
  return {
    begin: (told?: Partial<Guesser>) => guesses.begin(guesser(told)),
    wrong(times: number, told?: Partial<Guesser>) {
      for (let i = 0; i < times; i++) guesses.begin(guesser(told)).wrong();
    },
    /** How many seconds it has to wait, and why; null for not at all. */
    refusal(told?: Partial<Guesser>) {
      try {
        guesses.begin(guesser(told)).abandoned();
        return null;
      } catch (error) {
        const { code, retryAfterSeconds, message } = error as {
          code: string;
          retryAfterSeconds: number;
          message: string;
        };
        expect(code).toBe('too-many-requests');
        return { seconds: retryAfterSeconds, why: message.replace(/ Try again.*/, '') };
      }
    },
    forward(ms: number) {
      at += ms;
    },
  };
}

const fromYourNetwork = 'Too many wrong passwords for this account came from your network.';

describe('wrong passwords for an account', () => {
  it('are free up to the limit, and then the wait doubles with each', () => {
    const { wrong, refusal, forward } = guessing();
    wrong(4);
    expect(refusal()).toBeNull();
    wrong(1);
    for (const seconds of [5, 10, 20]) {
      expect(refusal()).toEqual({ seconds, why: fromYourNetwork });
      forward(seconds * 1000 - 1);
      expect(refusal()).toEqual({ seconds: 0.001, why: fromYourNetwork });
      forward(1);
      expect(refusal()).toBeNull();
      wrong(1);
    }
  });

  it('never make anybody wait for more than five minutes', () => {
    const { wrong, refusal, forward } = guessing();
    wrong(5);
    const waits = Array.from({ length: 8 }, () => {
      const wait = refusal()?.seconds ?? 0;
      forward(wait * 1000);
      wrong(1);
      return wait;
    });
    expect(waits).toEqual([5, 10, 20, 40, 80, 160, 300, 300]);
  });

  it('are forgotten at the right one, and when the window is over', () => {
    const { begin, wrong, refusal, forward } = guessing();
    wrong(4);
    begin().right();
    wrong(4);
    expect(refusal()).toBeNull();
    const other = { account: 'ben@example.com', address: '198.51.100.9' };
    wrong(4, other);
    forward(899_999);
    wrong(1, other);
    expect(refusal(other)?.seconds).toBe(5);
    forward(1);
    expect(refusal(other)).toBeNull();
  });

  it('count from the first of them, not from the first attempt', () => {
    const { begin, wrong, refusal, forward } = guessing();
    begin().right();
    forward(600_000);
    wrong(5);
    forward(899_999);
    wrong(1);
    expect(refusal()?.seconds).toBe(10);
    forward(1);
    expect(refusal()).toBeNull();
  });

  it('from many networks make each of them wait from its first one on, and nobody who made none', () => {
    const { wrong, refusal } = guessing();
    for (let i = 0; i < 49; i++) wrong(1, { address: `203.0.113.${i}` });
    wrong(1);
    expect(refusal()).toEqual({ seconds: 5, why: fromYourNetwork });
    expect(refusal({ address: '198.51.100.2' })).toBeNull();
  });

  it('do not count for another account', () => {
    const { wrong, refusal } = guessing();
    for (let i = 0; i < 50; i++) wrong(1, { account: 'ben@example.com', address: `203.0.113.${i}` });
    wrong(1);
    expect(refusal()).toBeNull();
  });

  it('from 49 networks leave each its five', () => {
    const { wrong, refusal } = guessing();
    for (let i = 0; i < 48; i++) wrong(1, { address: `203.0.113.${i}` });
    wrong(1);
    expect(refusal()).toBeNull();
  });
});

describe('attempts that have not ended', () => {
  it('count as wrong ones, so that many at once do not get past the limit', () => {
    const { begin, refusal } = guessing();
    const attempts = Array.from({ length: 5 }, () => begin());
    expect(refusal()).toEqual({ seconds: 1, why: 'Too many attempts to sign in at once.' });
    attempts[0]?.abandoned();
    expect(refusal()).toBeNull();
    for (const attempt of attempts) attempt.abandoned();
    expect(refusal()).toBeNull();
  });

  it('tell how many were wrong for the account, from wherever, and nothing about a known browser', () => {
    const { begin } = guessing();
    expect(begin({ address: '198.51.100.1' }).wrong()).toBe(1);
    expect(begin({ address: '198.51.100.2' }).wrong()).toBe(2);
    expect(begin({ browser: 'known' }).wrong()).toBe(0);
  });

  it('end once, whatever is said of them afterwards', () => {
    const { begin, wrong, refusal } = guessing();
    wrong(4);
    const attempt = begin();
    attempt.abandoned();
    attempt.wrong();
    attempt.abandoned();
    expect(refusal()).toBeNull();
    wrong(1);
    expect(refusal()?.seconds).toBe(5);
  });

  it('are no reason to refuse a network, which may be a whole office', () => {
    const { begin, refusal } = guessing({ perAddress: 8 });
    for (let i = 0; i < 20; i++) begin({ account: `colleague ${i}` });
    expect(refusal()).toBeNull();
  });
});

describe('wrong passwords from a network', () => {
  it('are limited over all accounts until the window ends', () => {
    const { wrong, refusal, forward } = guessing({ perAddress: 8 });
    for (let i = 0; i < 7; i++) wrong(1, { account: `somebody ${i}` });
    expect(refusal({ account: 'one more' })).toBeNull();
    forward(1_000);
    wrong(1, { account: 'the last' });
    expect(refusal({ account: 'one more' })).toEqual({
      seconds: 899,
      why: 'Too many wrong passwords came from your network.',
    });
    expect(refusal({ account: 'one more', address: '198.51.100.2' })).toBeNull();
    forward(898_999);
    expect(refusal({ account: 'one more' })?.seconds).toBe(1);
    forward(1);
    expect(refusal({ account: 'one more' })).toBeNull();
  });
});

describe('a browser that has signed in before', () => {
  it('does not wait for what others did', () => {
    const { wrong, refusal } = guessing();
    wrong(5);
    expect(refusal()).not.toBeNull();
    expect(refusal({ browser: 'b1' })).toBeNull();
  });

  it('waits for half a minute at most, and makes nobody else wait', () => {
    const { wrong, refusal, forward } = guessing();
    const known = { browser: 'b1' };
    wrong(5, known);
    const why = 'Too many wrong passwords were tried in this browser.';
    for (const seconds of [5, 10, 20, 30, 30]) {
      expect(refusal(known)).toEqual({ seconds, why });
      forward(seconds * 1000);
      wrong(1, known);
    }
    expect(refusal()).toBeNull();
    expect(refusal({ browser: 'b2' })).toBeNull();
  });
});

describe('what is remembered of attempts', () => {
  it('is bounded, and what was used last is kept', () => {
    const tallies = createTallies({ now: () => new Date(0), windowMs: 1_000, atMost: 2 });
    for (const key of ['a', 'b', 'a', 'c']) tallies.of(key).wrong++;
    expect(tallies.of('a').wrong).toBe(2);
    expect(tallies.of('c').wrong).toBe(1);
    expect(tallies.of('b').wrong).toBe(0);
  });
});
