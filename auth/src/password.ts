import { argon2, timingSafeEqual } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { problem } from '@box-office/common/problem';

export interface Argon2Parameters {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly parallelism: number;
}

/** OWASP's second choice of argon2id parameters: 19 MiB, two passes, one lane. */
export const currentParameters: Argon2Parameters = { memoryKiB: 19 * 1024, passes: 2, parallelism: 1 };

export interface Verdict {
  readonly matches: boolean;
  /** The stored hash was made with less effort than a new one would be: hash the password anew while it is at hand. */
  readonly outdated: boolean;
}

export interface Passwords {
  /** A PHC string, `$argon2id$v=19$m=…,t=…,p=…$salt$hash`. */
  hash(password: string): Promise<string>;
  /** `stored` is null for an account that does not exist: the same work is done, so that the answer takes the same time. */
  verify(password: string, stored: string | null): Promise<Verdict>;
}

export interface PasswordOptions {
  readonly randomBytes: (size: number) => Buffer;
  readonly parameters?: Argon2Parameters;
  /** Hashes at once; each takes a core and 19 MiB. Default two per core. */
  readonly atOnce?: number;
  /** How many may wait before the next is refused with 503. Default 100. */
  readonly waitingAtMost?: number;
}

/** Passwords as argon2id (RFC 9106), by Node's own implementation. However a keyboard composes its letters, the same password stays the same (NFKC). */
export function createPasswords({
  randomBytes,
  parameters = currentParameters,
  atOnce = 2 * availableParallelism(),
  waitingAtMost = 100,
}: PasswordOptions): Passwords {
  const inTurn = turnstile(atOnce, waitingAtMost);
  const derive = (password: string, salt: Buffer, { memoryKiB, passes, parallelism }: Argon2Parameters) =>
    inTurn(
      () =>
        new Promise<Buffer>((resolve, reject) => {
          const message = password.normalize('NFKC');
          const input = { message, nonce: salt, memory: memoryKiB, passes, parallelism, tagLength: 32 };
          argon2('argon2id', input, (error, tag) => (error ? reject(error) : resolve(tag)));
        }),
    );
  const nobody = { parameters, salt: randomBytes(16), tag: randomBytes(32) };

  return {
    async hash(password) {
      const salt = randomBytes(16);
      return phc(parameters, salt, await derive(password, salt, parameters));
    },
    async verify(password, stored) {
      const known = stored === null ? nobody : readPhc(stored);
      const tag = await derive(password, known.salt, known.parameters);
      const matches = timingSafeEqual(tag, known.tag) && stored !== null;
      return { matches, outdated: matches && isLess(known.parameters, parameters) };
    },
  };
}

function phc({ memoryKiB, passes, parallelism }: Argon2Parameters, salt: Buffer, tag: Buffer): string {
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(tag)}`;
}

function readPhc(stored: string) {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(stored);
  const [, memory, passes, parallelism, salt = '', tag = ''] = match ?? [];
  if (!match) throw new Error('a stored password is no argon2id hash');
  return {
    parameters: { memoryKiB: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  };
}

const unpadded = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');

/** Only a rise counts: while two releases run side by side, they must not undo each other's hashes. */
const isLess = (a: Argon2Parameters, b: Argon2Parameters) =>
  a.memoryKiB < b.memoryKiB || a.passes < b.passes || a.parallelism < b.parallelism;

/** Lets `atOnce` tasks run and `waitingAtMost` wait: a flood of sign-ins must not take all memory, nor let everybody wait for minutes. */
function turnstile(atOnce: number, waitingAtMost: number) {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async <Result>(task: () => Promise<Result>): Promise<Result> => {
    if (running >= atOnce) {
      if (waiting.length >= waitingAtMost) {
        throw problem('too-busy', 'Too many people sign in at this moment; please try again.', {
          retryAfterSeconds: 5,
        });
      }
      // Whoever leaves hands its place over, so nobody who comes meanwhile can take it.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running++;
    }
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
