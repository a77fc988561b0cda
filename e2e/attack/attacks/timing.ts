import type { Attack, Means } from '../attack.ts';
import { callerFrom } from '../caller.ts';
import { oneIn } from '../pick.ts';
import type { Target } from '../target.ts';

interface Question {
  readonly what: string;
  readonly path: string;
  readonly body: (email: string) => unknown;
  /** The answer for either kind of address. */
  readonly answered: number;
}

/**
 * What anybody can ask about any address. Signing up is not among them: it opens an account if it can, so its answer
 * differs (decision 37). A passkey's sign-in names no address.
 */
const questions: readonly Question[] = [
  {
    what: 'signing in',
    path: '/api/auth/signin',
    body: (email: string) => ({ email, password: 'not this password' }),
    answered: 401,
  },
  ...(['sign-in', 'reset'] as const).map((purpose) => ({
    what: `a link to ${purpose}`,
    path: '/api/auth/links',
    body: (email: string) => ({ purpose, email }),
    answered: 202,
  })),
  {
    what: 'becoming a guest',
    path: '/api/auth/guest',
    body: (email: string) => ({ email, name: 'Ada Lovelace' }),
    answered: 201,
  },
];

/** How far the typical times may be apart, as a share: few samples tell only whether a whole step is left out. */
const mayDiffer = { short: 3, long: 0.05 } as const;
const samples = { short: 9, long: 500 } as const;
/** Of few the fastest, for whatever else the machine does only adds to a time. */
const typical = { short: (times: readonly number[]) => Math.min(...times), long: median } as const;
const nameOfTypical = { short: 'fastest answers about', long: 'medians of' } as const;

/** Whether an address has an account is nobody's business, so answers about it take the same time. */
export const timing: Attack = {
  name: 'timing',
  promise: 'neither an answer nor its time tells whether an address has an account',
  async run(target, means) {
    const owner = await target.shop.person();
    const faults: string[] = [];
    const measured: string[] = [];
    for (const question of questions) {
      const { known, unknown } = await asked(target, means, question, owner.email);
      const times = { known: typical[means.effort](known.times), unknown: typical[means.effort](unknown.times) };
      const share = Math.max(times.known / times.unknown, times.unknown / times.known) - 1;
      measured.push(`${question.what} ${times.known.toFixed(2)} / ${times.unknown.toFixed(2)} ms`);
      if (share > mayDiffer[means.effort]) {
        const apart = `${(share * 100).toFixed(1)} % apart`;
        const what = nameOfTypical[means.effort];
        faults.push(`the ${what} a known and an unknown address are ${apart}: ${measured.at(-1)}`);
      }
      const answers = [known, unknown].map((it) => [...it.answers].sort().join(' or '));
      if (answers[0] !== answers[1])
        faults.push(`${question.what}: a known address is answered ${answers[0]}, an unknown one ${answers[1]}`);
      if (![...known.answers].every((it) => it.startsWith(`${question.answered} `)))
        faults.push(`${question.what} was answered ${answers[0]}, so its time says nothing`);
    }
    return { tried: questions.length * samples[means.effort] * 2, faults, measured: measured.join(', ') };
  },
};

interface Asked {
  readonly times: number[];
  readonly answers: Set<string>;
}

/** One question about a known and an unknown address in turn, in an order that changes by chance. */
async function asked({ port }: Target, means: Means, { path, body }: Question, knownEmail: string) {
  const known: Asked = { times: [], answers: new Set() };
  const unknown: Asked = { times: [], answers: new Set() };
  const caller = callerFrom(port);
  const ask = async (email: string, { times, answers }: Asked) => {
    const { status, ms, text } = await caller.call('POST', path, { body: body(email) });
    times.push(ms);
    // What is different in every answer says nothing.
    answers.add(`${status} ${text.replaceAll(email, '').replaceAll(/[\da-f]{24}|[\da-f-]{36}/g, '')}`);
  };
  try {
    for (let number = 0; number < samples[means.effort]; number++) {
      // As long as the other, so that nothing differs but whether there is an account.
      const unknownEmail = `${number}`.padStart(6, 'x') + knownEmail.slice(6);
      const turns = [() => ask(knownEmail, known), () => ask(unknownEmail, unknown)];
      for (const turn of oneIn(2, means) ? turns : turns.reverse()) await turn();
    }
  } finally {
    caller.end();
  }
  return { known, unknown };
}

function median(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
