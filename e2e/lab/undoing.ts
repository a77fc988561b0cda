import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What makes whole again what the lab has broken. */
export type Remedy =
  | { readonly pid: number }
  | { readonly url: string; readonly secretKey: string; readonly faults: object };

/** Promises that whatever the lab breaks is made whole again, also when the lab is killed with -9 meanwhile. */
export interface Undoing {
  /** Resolves once the promise is made; then it may be broken. The function is called when it is whole again. */
  first(remedy: Remedy): Promise<() => Promise<void>>;
  end(): Promise<void>;
}

/**
 * Starts a process in a group of its own, so that Ctrl-C does not reach it. It waits on a pipe that only we hold. When
 * the pipe closes, it applies the remedies that are left.
 */
export function startUndoing(): Undoing {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'undo.ts')], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const answers = createInterface({ input: child.stdout });
  const ended = once(child, 'exit');
  const remedies = new Set<Remedy>();

  /** One after the other, each answered with a line. */
  let last: Promise<unknown> = Promise.resolve();
  function send(): Promise<void> {
    const sent = last.then(async () => {
      const answered = Promise.race([once(answers, 'line'), ended.then(() => Promise.reject(gone))]);
      child.stdin.write(`${JSON.stringify([...remedies])}\n`);
      await answered;
    });
    last = sent.catch(() => undefined);
    return sent;
  }

  return {
    async first(remedy) {
      remedies.add(remedy);
      await send();
      return async () => {
        remedies.delete(remedy);
        await send();
      };
    },

    async end() {
      child.stdin.end();
      await ended;
    },
  };
}

const gone = new Error('The process that makes whole what the lab breaks has ended.');
