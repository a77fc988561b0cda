import { argon2, timingSafeEqual } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { normalizedPassword } from '@box-office/common/contracts/auth';
import type { Claimant } from '@box-office/common/fair-clocks';
import { createFairQueue } from '@box-office/common/fair-queue';

export interface Argon2Parameters {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly parallelism: number;
}

/** OWASP's second choice of argon2id parameters: 19 MiB, two passes, one lane. */
export const currentParameters: Argon2Parameters = { memoryKiB: 19 * 1024, passes: 2, parallelism: 1 };

export interface Verdict {
  readonly matches: boolean;
  /** The stored hash uses weaker parameters than a new one would: rehash the password now that it is known. */
  readonly outdated: boolean;
}

export interface Passwords {
  /** A PHC string, `$argon2id$v=19$m=…,t=…,p=…$salt$hash`. */
  hash(password: string, claimant: Claimant): Promise<string>;
  /** `stored` is null when the account does not exist; the same work is done, so that the timing does not reveal it. */
  verify(password: string, stored: string | null, claimant: Claimant): Promise<Verdict>;
  /** @throws Problem 503 `too-busy` when the claimant's next hash would be refused at once */
  mustHaveRoom(claimant: Claimant): void;
}

export interface PasswordOptions {
  readonly randomBytes: (size: number) => Buffer;
  readonly parameters?: Argon2Parameters;
  /** Concurrent hashes; each takes a core and 19 MiB. Default one fewer than there are cores, from 1 to 3. */
  readonly atOnce?: number;
  /** How many may wait before further ones are refused with 503. Default 100. */
  readonly waitingAtMost?: number;
  /** Default: argon2id (RFC 9106), by Node's own implementation. */
  readonly derive?: Derive;
}

export type Derive = (message: string, nonce: Buffer, parameters: Argon2Parameters) => Promise<Buffer>;

export const argon2id: Derive = (message, nonce, { memoryKiB: memory, passes, parallelism }) =>
  new Promise((resolve, reject) => {
    const input = { message, nonce, memory, passes, parallelism, tagLength: 32 };
    argon2('argon2id', input, (error, tag) => (error ? reject(error) : resolve(tag)));
  });

/**
 * One fewer than there are cores, and than libuv has threads, on which Node signs identities too: if hashes took them
 * all, everybody's requests would wait for the sign-ins of others.
 */
const hashesAtOnce = Math.max(1, Math.min(availableParallelism(), 4) - 1);

/**
 * Hashes and verifies passwords. Passwords are normalized (NFKC), so different keyboards give the same result.
 *
 * Hashing capacity is shared fairly between accounts and between addresses (`claimant`).
 */
export function createPasswords({
  randomBytes,
  parameters = currentParameters,
  atOnce = hashesAtOnce,
  waitingAtMost = 100,
  derive = argon2id,
}: PasswordOptions): Passwords {
  const why = 'Too many people are signing in right now.';
  const queue = createFairQueue({ atOnce, waitingAtMost, why });
  const tagOf = (password: string, salt: Buffer, effort: Argon2Parameters, claimant: Claimant) =>
    queue.run(claimant, () => derive(normalizedPassword(password), salt, effort));
  const noAccount = { parameters, salt: randomBytes(16), tag: randomBytes(32) };

  return {
    mustHaveRoom: queue.mustHaveRoom,
    async hash(password, claimant) {
      const salt = randomBytes(16);
      return phc(parameters, salt, await tagOf(password, salt, parameters, claimant));
    },
    async verify(password, stored, claimant) {
      const known = stored === null ? noAccount : readPhc(stored);
      const tag = await tagOf(password, known.salt, known.parameters, claimant);
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
  if (!match) throw new Error('a stored password is not an argon2id hash');
  return {
    parameters: { memoryKiB: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  };
}

const unpadded = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');

/** Only an increase counts: two releases running side by side must not undo each other's hashes. */
const isLess = (a: Argon2Parameters, b: Argon2Parameters) =>
  a.memoryKiB < b.memoryKiB || a.passes < b.passes || a.parallelism < b.parallelism;
