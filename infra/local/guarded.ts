import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { longestStopMs } from '@box-office/common/lifecycle';

/**
 * Starts a watcher in the program's process group that waits on a pipe only we hold. When the pipe closes, even because
 * we were killed with -9, the watcher kills the whole group, children of the program included. Then the shell execs the
 * program, so pid, signals and exit code are the program's own.
 */
const guard = `exec 3<&0 </dev/null
{ trap '' TERM INT HUP; read -r _ <&3; kill -KILL 0; } >/dev/null 2>&1 &
exec "$@" 3<&-`;

export interface Command {
  /** The name of the program in messages. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** The whole environment of the program; ours by default. */
  readonly env?: NodeJS.ProcessEnv;
  /** Receives every line that the program prints. */
  readonly onLine?: (line: string) => void;
}

export interface Running {
  readonly name: string;
  readonly pid: number;
  /** Resolves once it has ended, with a sentence that says how. */
  readonly ended: Promise<string>;
  readonly hasEnded: () => boolean;
  /** The last lines of its output, to show when it failed. */
  readonly lastLines: () => string;
  readonly kill: (signal: NodeJS.Signals) => void;
  /**
   * Asks it to end, and kills its whole process group after `graceMs` (default: a second more than a service may take).
   */
  readonly stop: (graceMs?: number) => Promise<void>;
}

const linesKept = 20;

/** Starts a program that cannot outlive this process. Needs a POSIX shell. */
export function startGuarded({ name, program, args, cwd, env, onLine }: Command): Running {
  const child = spawn('/bin/sh', ['-c', guard, 'sh', program, ...args], {
    cwd,
    env: env ?? process.env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${name} cannot be started: /bin/sh is missing`);

  const tail: string[] = [];
  const keep = (line: string) => {
    tail.push(line);
    if (tail.length > linesKept) tail.shift();
    onLine?.(line);
  };
  createInterface({ input: child.stdout }).on('line', keep);
  createInterface({ input: child.stderr }).on('line', keep);

  let over = false;
  const ended = new Promise<string>((resolve) => {
    // Node then closes our end of the pipe, so the watcher kills any remaining children.
    child.once('exit', () => {
      over = true;
    });
    child.once('close', (code, signal) => {
      resolve(signal ? `${name} was ended by ${signal}` : `${name} ended with code ${code}`);
    });
  });

  const kill = (signal: NodeJS.Signals) => {
    if (!over) process.kill(pid, signal);
  };

  return {
    name,
    pid,
    ended,
    hasEnded: () => over,
    lastLines: () => tail.join('\n'),
    kill,
    async stop(graceMs = longestStopMs + 1_000) {
      kill('SIGTERM');
      const tooLong = setTimeout(() => releaseGuard(child), graceMs);
      await ended;
      clearTimeout(tooLong);
    },
  };
}

/** Lets the watcher kill what is left of the process group. */
function releaseGuard(child: ChildProcess): void {
  child.stdin?.destroy();
}
